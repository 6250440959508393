/*
 * locktable - see locktable.h.
 *
 * A line, from fs/locks.c: "1: POSIX  ADVISORY  WRITE 1234 fe:00:5678 120 120".
 * The device is in hexadecimal.  A line with "->" waits and holds nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "collectors/locktable.h"

bool
locktable_parse_line(struct lock *ret, const char *line)
{
	char kind[8], access[8], end[24], *rest;
	int64_t last;
	unsigned long long ino;
	unsigned major, minor;
	long long pid, start;

	if (sscanf(line, "%*u: %7s %*s %7s %lld %x:%x:%llu %lld %23s", kind,
	    access, &pid, &major, &minor, &ino, &start, end) != 8)
		return false;
	if (strcmp(kind, "POSIX") != 0 && strcmp(kind, "OFDLCK") != 0)
		return false;
	last = strcmp(end, "EOF") == 0 ? INT64_MAX : strtoll(end, &rest, 10);
	if (last != INT64_MAX && (*rest != '\0' || last < start))
		return false;
	*ret = (struct lock){
		.ino = ino, .dev_major = major, .dev_minor = minor,
		.pid = pid, .start = start, .end = last,
		.write = strcmp(access, "WRITE") == 0,
	};
	return true;
}

static int
by_ino(const void *a, const void *b)
{
	const struct lock *x = a, *y = b;

	return (x->ino > y->ino) - (x->ino < y->ino);
}

struct locktable *
locktable_read(const char *path, struct err *e)
{
	int64_t began = mono_us();
	struct locktable *t;
	char line[256];
	struct lock l;
	FILE *f;

	f = fopen(path, "re");
	if (f == NULL) {
		err_set(e, "%s: %s", path, strerror(errno));
		return NULL;
	}
	NEW(t);
	while (t->n < LOCKTABLE_MAX && fgets(line, sizeof line, f) != NULL) {
		if (!locktable_parse_line(&l, line))
			continue;
		MEM_ROOM(t->locks, t->n, t->cap);
		t->locks[t->n++] = l;
	}
	fclose(f);
	if (t->n > 0)
		qsort(t->locks, t->n, sizeof *t->locks, by_ino);
	t->at_us = mono_us();
	t->cost_us = t->at_us - began;
	return t;
}

void
locktable_free(struct locktable *t)
{
	struct locktable *next;

	for (; t != NULL; t = next) {
		next = t->next;
		free(t->locks);
		free(t);
	}
}

static size_t
first_of(const struct locktable *t, ino_t ino)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->locks[mid].ino < ino)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
is_in(const int64_t *pids, size_t n, int64_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* Some file systems (btrfs, overlay) print a device that stat(2) does not. */
static bool
is_device(const struct lock *l, dev_t dev, bool strict)
{
	return !strict ||
	    (l->dev_major == major(dev) && l->dev_minor == minor(dev));
}

static size_t
collect(const struct locktable *t, dev_t dev, bool strict, ino_t ino,
    int64_t start, int64_t end, int64_t *pids, size_t max)
{
	size_t n = 0;

	for (size_t i = first_of(t, ino); i < t->n && t->locks[i].ino == ino;
	    i++) {
		const struct lock *l = &t->locks[i];

		if (l->start > end || l->end < start ||
		    !is_device(l, dev, strict) || is_in(pids, n, l->pid))
			continue;
		if (n == max)
			break;
		pids[n++] = l->pid;
	}
	return n;
}

size_t
locktable_holders(const struct locktable *t, dev_t dev, ino_t ino,
    int64_t start, int64_t end, int64_t *pids, size_t max)
{
	size_t n = collect(t, dev, true, ino, start, end, pids, max);

	return n > 0 ? n : collect(t, dev, false, ino, start, end, pids, max);
}

void
locktable_elsewhere(const struct locktable *t, ino_t ino, int64_t first,
    int64_t last, const int64_t *pids, size_t n, bool *elsewhere)
{
	memset(elsewhere, 0, n * sizeof *elsewhere);
	for (size_t i = 0; i < t->n; i++) {
		const struct lock *l = &t->locks[i];

		if (l->ino == ino || l->write || l->start < first ||
		    l->end != last)
			continue;
		for (size_t j = 0; j < n; j++)
			elsewhere[j] |= pids[j] == l->pid;
	}
}
