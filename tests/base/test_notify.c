/*
 * The kernel's word: a name was made or went, a file was cut; stores to a
 * mapping are silent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/notify.h"

struct world {
	char		 dir[64];
	char		*path, *other;
	struct notify	*n;
	struct buf	 heard;
	int		 wd;
};

static int
setup(void **state)
{
	struct world *x;
	struct err e;

	NEW(x);
	memcpy(x->dir, "/tmp/litegauge-notify-XXXXXX", 29);
	assert_non_null(mkdtemp(x->dir));
	x->path = mem_printf("%s/a", x->dir);
	x->other = mem_printf("%s/b", x->dir);
	x->n = notify_new(&e);
	assert_non_null(x->n);
	buf_init(&x->heard, 1 << 20);
	*state = x;
	return 0;
}

static int
teardown(void **state)
{
	struct world *x = *state;

	notify_free(x->n);
	buf_free(&x->heard);
	unlink(x->path);
	unlink(x->other);
	rmdir(x->dir);
	free(x->path);
	free(x->other);
	free(x);
	return 0;
}

static void
on_event(void *arg, int wd, enum notify_what what, const char *name)
{
	static const char *const words[] = {
		[NOTIFY_MADE]	 = "made",
		[NOTIFY_GONE]	 = "gone",
		[NOTIFY_WRITTEN] = "written",
		[NOTIFY_CLOSED]	 = "closed",
		[NOTIFY_LOST]	 = "lost",
	};
	struct world *x = arg;

	if (what == NOTIFY_LOST)
		assert_int_equal(wd, -1);
	else
		assert_int_equal(wd, x->wd);
	buf_addf(&x->heard, "%s%s%s ", words[what], name ? ":" : "",
	    name ? name : "");
}

static void
assert_heard(struct world *x, const char *want)
{
	notify_drain(x->n, on_event, x);
	assert_string_equal(x->heard.data ? x->heard.data : "", want);
	buf_free(&x->heard);
	buf_init(&x->heard, 1 << 20);
}

static int
make(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static void
test_directory(void **state)
{
	struct world *x = *state;
	int fd;

	x->wd = notify_directory(x->n, x->dir);
	assert_true(x->wd >= 0);
	assert_heard(x, "");
	fd = make(x->path);
	assert_heard(x, "made:a ");
	assert_int_equal(write(fd, "x", 1), 1);	/* a log would flood us */
	assert_int_equal(ftruncate(fd, 0), 0);
	close(fd);
	assert_heard(x, "");
	assert_int_equal(rename(x->path, x->other), 0);
	assert_heard(x, "gone:a made:b ");
	assert_int_equal(unlink(x->other), 0);
	assert_heard(x, "gone:b ");
	close(make(x->path));
	assert_int_equal(unlink(x->path), 0);
	close(make(x->path));
	assert_heard(x, "made:a gone:a made:a ");
	notify_forget(x->n, x->wd);
	assert_int_equal(unlink(x->path), 0);
	assert_heard(x, "");
	assert_int_equal(notify_directory(x->n, "/nonexistent"), -1);
	assert_int_equal(notify_directory(x->n, "/dev/null"), -1);
}

static void
test_file(void **state)
{
	struct world *x = *state;
	int fd = make(x->path);
	char *map;

	assert_int_equal(ftruncate(fd, 32768), 0);
	x->wd = notify_file(x->n, fd);
	assert_true(x->wd >= 0);
	map = mmap(NULL, 32768, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(map != MAP_FAILED);
	memset(map, 1, 32768);
	assert_int_equal(msync(map, 32768, MS_SYNC), 0);
	assert_int_equal(munmap(map, 32768), 0);
	assert_heard(x, "");
	assert_int_equal(ftruncate(fd, 3), 0);
	assert_heard(x, "written ");
	assert_int_equal(ftruncate(fd, 32768), 0);
	assert_heard(x, "written ");
	assert_int_equal(pwrite(fd, "x", 1, 40000), 1);
	assert_heard(x, "written ");
	close(fd);
	assert_heard(x, "closed ");
}

/* A watch is of that very file: another of its name is not heard. */
static void
test_very_file(void **state)
{
	struct world *x = *state;
	int fd = make(x->path), reader = open(x->path, O_RDONLY | O_CLOEXEC);
	int other;

	x->wd = notify_file(x->n, reader);
	assert_int_equal(rename(x->path, x->other), 0);
	other = make(x->path);
	assert_int_equal(write(other, "x", 1), 1);
	close(other);
	assert_heard(x, "");
	assert_int_equal(write(fd, "x", 1), 1);
	assert_heard(x, "written ");
	assert_int_equal(unlink(x->other), 0);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_heard(x, "written ");
	close(reader);
	assert_heard(x, "");		/* it could not write */
	close(fd);
	assert_heard(x, "closed ");
	notify_forget(x->n, x->wd);	/* went first, with its file */
	notify_forget(x->n, -1);
	assert_heard(x, "");
	assert_int_equal(notify_file(x->n, -1), -1);
}

static void
count(void *arg, int wd, enum notify_what what, const char *name)
{
	size_t *n = arg;

	(void)wd;
	(void)what;
	assert_non_null(name);
	(*n)++;
}

/* More than fits into one read comes out in the end. */
static void
test_many(void **state)
{
	struct world *x = *state;
	size_t n = 0;

	x->wd = notify_directory(x->n, x->dir);
	for (int i = 0; i < 2000; i++) {
		close(make(x->path));
		assert_int_equal(unlink(x->path), 0);
	}
	notify_drain(x->n, count, &n);
	assert_int_equal(n, 4000);
	notify_drain(x->n, count, &n);
	assert_int_equal(n, 4000);
	notify_free(NULL);
}

static unsigned
queue_limit(void)
{
	FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
	unsigned n = 0;

	if (f == NULL || fscanf(f, "%u", &n) != 1)
		n = 0;
	if (f != NULL)
		fclose(f);
	return n;
}

static void
find_lost(void *arg, int wd, enum notify_what what, const char *name)
{
	if (what != NOTIFY_LOST)
		return;
	assert_int_equal(wd, -1);
	assert_null(name);
	(*(size_t *)arg)++;
}

static void
test_lost(void **state)
{
	struct world *x = *state;
	unsigned limit = queue_limit();
	size_t n = 0;

	if (limit == 0 || limit > 100000)
		skip();
	x->wd = notify_directory(x->n, x->dir);
	for (unsigned i = 0; i <= limit / 2; i++) {
		close(make(x->path));
		assert_int_equal(unlink(x->path), 0);
	}
	for (int i = 0; i < 100 && n == 0; i++)
		notify_drain(x->n, find_lost, &n);
	assert_int_equal(n, 1);
}

#define STORY(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_directory), STORY(test_file), STORY(test_very_file),
		STORY(test_many), STORY(test_lost),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
