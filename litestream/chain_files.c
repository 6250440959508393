/*
 * chain_files - the chain of a file replica: see chain.h.
 *
 * A directory's names come in no order, so they are collected and sorted; that
 * is at most LITESTREAM_MAX_LIST numbers.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "litestream/chain.h"
#include "litestream/names.h"
#include "litestream/pieces.h"

#define SNAPSHOTS	9	/* 0.5's level for them */

/* The numbers of a name: index and offset, or two TXIDs; or one index. */
struct pair {
	uint64_t	 a, b;
};

typedef bool parse_fn(const char *name, struct pair *);

static bool
parse_piece(const char *name, struct pair *ret)
{
	int64_t offset;

	if (!chain_parse_piece(name, &ret->a, &offset))
		return false;
	ret->b = (uint64_t)offset;
	return true;
}

static bool
parse_ltx(const char *name, struct pair *ret)
{
	return chain_parse_ltx(name, &ret->a, &ret->b);
}

static bool
parse_snapshot(const char *name, struct pair *ret)
{
	ret->b = 0;
	return chain_parse_snapshot(name, &ret->a);
}

static int
compare(const void *x, const void *y)
{
	const struct pair *p = x, *q = y;

	if (p->a != q->a)
		return p->a < q->a ? -1 : 1;
	return p->b == q->b ? 0 : p->b < q->b ? -1 : 1;
}

static struct pair *
pairs_of(const struct buf *list, size_t *n)
{
	*n = list->len / sizeof(struct pair);
	return (struct pair *)(void *)list->data;
}

/* The names in a directory, in order; none when there is no directory. */
static int
list_names(struct buf *ret, const char *path, parse_fn *parse, struct err *e)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	unsigned names = 0;
	struct pair *all, p;
	size_t n;

	buf_init(ret, LITESTREAM_MAX_LIST * sizeof p);
	if (d == NULL)
		return errno == ENOENT ? 0 :
		    err_set(e, "%s: %s", path, strerror(errno));
	while (names < LITESTREAM_MAX_LIST && (entry = readdir(d)) != NULL) {
		names++;
		if (parse(entry->d_name, &p))
			buf_add(ret, &p, sizeof p);
	}
	closedir(d);
	if (names == LITESTREAM_MAX_LIST || !buf_ok(ret)) {
		buf_free(ret);
		return err_set(e, "%s: more than %u names", path,
		    LITESTREAM_MAX_LIST);
	}
	all = pairs_of(ret, &n);
	if (n > 0)
		qsort(all, n, sizeof *all, compare);
	return 0;
}

static int __attribute__((format(printf, 3, 4)))
join(char path[PATH_MAX], struct err *e, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(path, PATH_MAX, fmt, ap);
	va_end(ap);
	return n < PATH_MAX ? 0 : err_set(e, "%s: path too long", path);
}

static int64_t
mtime_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return 0;
	return (int64_t)st.st_mtim.tv_sec * 1000 +
	    st.st_mtim.tv_nsec / 1000000;
}

static int
take_snapshot_03(struct chain *c, const char *base, struct err *e)
{
	char dir[PATH_MAX], path[PATH_MAX];
	struct pair *all;
	struct buf list;
	size_t n;
	int status = 0;

	if (join(dir, e, "%s/snapshots", base) == -1 ||
	    list_names(&list, dir, parse_snapshot, e) == -1)
		return -1;
	all = pairs_of(&list, &n);
	if (n > 0) {
		uint64_t newest = all[n - 1].a;

		status = join(path, e, "%s/%08llx.snapshot.lz4", dir,
		    (unsigned long long)newest);
		if (status == 0)
			chain_snapshot(c, newest, mtime_of(path));
	}
	buf_free(&list);
	return status;
}

/* As far as known had come nothing has changed: go on from there. */
static size_t
go_on(struct chain *c, const struct chain *known, const struct pair *all,
    size_t first, size_t n)
{
	size_t i = first;

	if (known == NULL || known->version != c->version ||
	    !known->has_snapshot || !known->measured ||
	    known->snapshot != c->snapshot ||
	    strcmp(known->generation, c->generation) != 0)
		return first;
	while (i < n && (all[i].a < known->at || (all[i].a == known->at &&
	    (int64_t)all[i].b < known->offset)))
		i++;
	if (i - first != known->files)
		return first;
	c->at = known->at;
	c->offset = known->offset;
	c->files = known->files;
	return i;
}

/* When one piece cannot be measured the others are encrypted too. */
static void
take_pieces(struct chain *c, const struct chain *known, const char *wal,
    const struct pair *all, size_t n)
{
	enum piece_state state = PIECE_FINE;
	struct err ignored;
	struct piece p;
	size_t i = 0;

	while (i < n && all[i].a < c->snapshot)
		i++;
	for (i = go_on(c, known, all, i, n); i < n && !c->broken; i++) {
		int64_t offset = (int64_t)all[i].b;

		if (state == PIECE_FINE)
			state = piece_measure(&p, wal, all[i].a, offset,
			    &ignored);
		if (state == PIECE_DAMAGED)
			chain_damaged(c, all[i].a, offset);
		else
			chain_piece(c, all[i].a, offset,
			    state == PIECE_FINE ? p.length : -1);
	}
}

static int
walk_03(struct chain *c, const struct chain *known, const char *dir,
    const char *generation, struct err *e)
{
	char base[PATH_MAX], wal[PATH_MAX];
	struct pair *all;
	struct stat st;
	struct buf list;
	size_t n;

	if (!name_is_generation(generation))
		return err_set(e, "%s: the generation is not known", dir);
	memcpy(c->generation, generation, sizeof c->generation);
	if (join(base, e, "%s/generations/%s", dir, generation) == -1 ||
	    join(wal, e, "%s/wal", base) == -1)
		return -1;
	if (stat(base, &st) == -1)
		return err_set(e, "%s: %s", base, strerror(errno));
	if (take_snapshot_03(c, base, e) == -1 ||
	    list_names(&list, wal, parse_piece, e) == -1)
		return -1;
	all = pairs_of(&list, &n);
	if (c->has_snapshot)
		take_pieces(c, known, wal, all, n);
	(void)chain_end(c, n > 0 ? all[n - 1].a : 0);
	buf_free(&list);
	return 0;
}

static int
take_snapshots_05(struct chain *c, const char *dir, struct err *e)
{
	char level[PATH_MAX], path[PATH_MAX];
	struct pair *all;
	struct buf list;
	size_t n;
	int status = 0;

	if (join(level, e, "%s/ltx/%d", dir, SNAPSHOTS) == -1 ||
	    list_names(&list, level, parse_ltx, e) == -1)
		return -1;
	all = pairs_of(&list, &n);
	for (size_t i = 0; i < n && all[i].a <= 1 && status == 0; i++) {
		status = join(path, e, "%s/%016llx-%016llx.ltx", level,
		    (unsigned long long)all[i].a,
		    (unsigned long long)all[i].b);
		if (status == 0)
			chain_snapshot(c, all[i].b, mtime_of(path));
	}
	buf_free(&list);
	return status;
}

/* *end: the newest TXID of the level. */
static int
take_level(struct chain *c, const char *dir, int level, uint64_t *end,
    struct err *e)
{
	char path[PATH_MAX];
	struct pair *all;
	struct buf list;
	size_t n;

	if (join(path, e, "%s/ltx/%d", dir, level) == -1 ||
	    list_names(&list, path, parse_ltx, e) == -1)
		return -1;
	all = pairs_of(&list, &n);
	for (size_t i = 0; i < n; i++)
		chain_ltx(c, all[i].a, all[i].b);
	*end = n > 0 ? all[n - 1].b : 0;
	buf_free(&list);
	return 0;
}

static int
walk_05(struct chain *c, const char *dir, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;
	uint64_t end = 0;

	if (join(path, e, "%s/ltx", dir) == -1)
		return -1;
	if (stat(path, &st) == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	if (take_snapshots_05(c, dir, e) == -1)
		return -1;
	for (int level = SNAPSHOTS - 1; level >= 0; level--)
		if (take_level(c, dir, level, &end, e) == -1)
			return -1;
	(void)chain_end(c, end);
	return 0;
}

int
chain_of_directory(struct chain *ret, const struct chain *known,
    enum litestream_version v, const char *dir, const char *generation,
    struct err *e)
{
	struct chain c;
	int status = v == LITESTREAM_NONE ?
	    err_set(e, "%s: no copy by Litestream", dir) : 0;

	chain_begin(&c, v);
	if (v == LITESTREAM_03)
		status = walk_03(&c, known, dir, generation, e);
	else if (v == LITESTREAM_05)
		status = walk_05(&c, dir, e);
	if (status == 0)
		*ret = c;
	return status;
}
