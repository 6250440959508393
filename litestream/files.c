/*
 * files - see files.h.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "collectors/format.h"
#include "collectors/outside.h"
#include "litestream/chain.h"
#include "litestream/files.h"
#include "litestream/names.h"
#include "litestream/pieces.h"

static int64_t
ms_of(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000;
}

static int64_t
mtime_of(const char *dir, const char *sub)
{
	char path[PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, sub) >=
	    sizeof path || stat(path, &st) == -1)
		return -1;
	return ms_of(&st.st_mtim);
}

enum litestream_version
litestream_version_of(const char *dir)
{
	int64_t old = mtime_of(dir, "generations");
	int64_t new = mtime_of(dir, "ltx/0");

	if (new == -1)
		new = mtime_of(dir, "ltx");
	if (old == -1 && new == -1)
		return LITESTREAM_NONE;
	return new >= old ? LITESTREAM_05 : LITESTREAM_03;
}

const char *
litestream_version_name(enum litestream_version v)
{
	static const char *const names[] = {
		[LITESTREAM_NONE] = "none",
		[LITESTREAM_03]	  = "0.3",
		[LITESTREAM_05]	  = "0.5",
	};

	return names[v];
}

/* What a name says; false: it is none of ours. */
typedef bool name_fn(const char *name, struct litestream_end *);

static bool
is_shadow(const char *name, struct litestream_end *ret)
{
	return name_take_hex(&name, 8, &ret->index) &&
	    strcmp(name, ".wal") == 0;
}

static bool
is_piece(const char *name, struct litestream_end *ret)
{
	return chain_parse_piece(name, &ret->index, &ret->offset);
}

static bool
is_ltx(const char *name, struct litestream_end *ret)
{
	uint64_t min;

	return chain_parse_ltx(name, &min, &ret->index) && min == ret->index;
}

/* The name that is furthest on.  -1: no such directory, or nothing in it. */
static int
find_last(const char *dir, name_fn *is, struct litestream_end *ret,
    struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	unsigned names = 0, found = 0;

	if (d == NULL)
		return err_set(e, "%s: %s", dir, strerror(errno));
	while ((entry = readdir(d)) != NULL && names++ < LITESTREAM_MAX_LIST) {
		struct litestream_end at = { 0 };

		if (!is(entry->d_name, &at))
			continue;
		if (found++ == 0 || at.index > ret->index ||
		    (at.index == ret->index && at.offset > ret->offset)) {
			ret->index = at.index;
			ret->offset = at.offset;
		}
	}
	closedir(d);
	return found > 0 ? 0 : err_set(e, "%s: no files of Litestream", dir);
}

static int
read_generation(char ret[17], const char *dir, struct err *e)
{
	char path[PATH_MAX], text[17] = "";
	int fd;
	ssize_t n;

	(void)snprintf(path, sizeof path, "%s/generation", dir);
	fd = file_open(path);
	if (fd == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	n = read(fd, text, 16);
	close(fd);
	if (n != 16 || !name_is_generation(text))
		return err_set(e, "%s: not a generation", path);
	memcpy(ret, text, 17);
	return 0;
}

static int
shadow_end(struct litestream_end *ret, const char *dir, struct err *e)
{
	struct litestream_end end = { 0 };
	char wal[PATH_MAX], path[PATH_MAX + 16];
	unsigned char b[WAL_HEADER_SIZE];
	struct wal_header h;
	struct stat st;
	int fd;

	if (read_generation(end.generation, dir, e) == -1)
		return -1;
	if ((size_t)snprintf(wal, sizeof wal, "%s/generations/%s/wal", dir,
	    end.generation) >= sizeof wal)
		return err_set(e, "%s: path too long", dir);
	if (find_last(wal, is_shadow, &end, e) == -1)
		return -1;
	(void)snprintf(path, sizeof path, "%s/%08llx.wal", wal,
	    (unsigned long long)end.index);
	fd = file_open(path);
	if (fd == -1 || fstat(fd, &st) == -1 ||
	    pread(fd, b, sizeof b, 0) != (ssize_t)sizeof b ||
	    !wal_header_parse(&h, b, sizeof b)) {
		if (fd != -1)
			close(fd);
		return err_set(e, "%s: not a log", path);
	}
	close(fd);
	end.offset = st.st_size;
	end.modified_ms = ms_of(&st.st_mtim);
	end.salted = true;
	end.page_size = h.page_size;
	memcpy(end.salt, h.salt, sizeof end.salt);
	*ret = end;
	return 0;
}

static void
end_behind(struct litestream_end *end, const struct piece *p)
{
	end->index = p->index;
	end->start = p->offset;
	end->offset = p->offset + p->length;
	end->modified_ms = p->modified_ms;
}

/* From a known end on, the next piece can have only one of two names. */
static void
chase_pieces(struct litestream_end *end, const char *wal)
{
	struct err ignored;
	struct piece p;

	for (unsigned i = 0; i < LITESTREAM_MAX_CHASE; i++) {
		if (piece_measure(&p, wal, end->index, end->offset,
		    &ignored) != PIECE_FINE &&
		    piece_measure(&p, wal, end->index + 1, 0, &ignored) !=
		    PIECE_FINE)
			return;
		if (p.length == 0)
			return;
		end_behind(end, &p);
	}
}

static int
list_pieces(struct litestream_end *end, const char *wal,
    const char *generation, struct err *e)
{
	struct litestream_end at = { 0 };
	struct piece p;

	if (find_last(wal, is_piece, &at, e) == -1 ||
	    piece_measure(&p, wal, at.index, at.offset, e) != PIECE_FINE)
		return -1;
	end_behind(&at, &p);
	(void)snprintf(at.generation, sizeof at.generation, "%s", generation);
	*end = at;
	return 0;
}

static int
pieces_end(struct litestream_end *end, const char *dir, const char *generation,
    struct err *e)
{
	char wal[PATH_MAX];

	if ((size_t)snprintf(wal, sizeof wal, "%s/generations/%s/wal", dir,
	    generation) >= sizeof wal)
		return err_set(e, "%s: path too long", dir);
	if (strcmp(end->generation, generation) != 0 ||
	    !piece_is_there(wal, end->index, end->start))
		return list_pieces(end, wal, generation, e);
	chase_pieces(end, wal);
	return 0;
}

void
litestream_end_of(struct litestream_end *ret, const struct ltx_header *h)
{
	*ret = (struct litestream_end){
		.index = h->max,
		.start = h->offset,
		.offset = h->offset + h->size,
		.salted = h->salted,
		.page_size = h->page_size,
	};
	memcpy(ret->salt, h->salt, sizeof ret->salt);
}

static int
read_ltx(struct litestream_end *ret, const char *dir, uint64_t txid,
    struct err *e)
{
	struct ltx_header h;
	struct stat st;

	if (ltx_read(&h, &st, dir, txid, e) == -1)
		return -1;
	litestream_end_of(ret, &h);
	ret->modified_ms = ms_of(&st.st_mtim);
	return 0;
}

/* index 0 lists; else the files after it are asked for by name. */
static int
ltx_end(struct litestream_end *end, const char *dir, struct err *e)
{
	struct litestream_end at = { 0 };
	char level0[PATH_MAX];
	struct err none;

	if ((size_t)snprintf(level0, sizeof level0, "%s/ltx/0", dir) >=
	    sizeof level0)
		return err_set(e, "%s: path too long", dir);
	if (end->index == 0 || read_ltx(&at, dir, end->index, &none) == -1) {
		if (find_last(level0, is_ltx, &at, e) == -1)
			return -1;
		return read_ltx(end, dir, at.index, e);
	}
	*end = at;		/* the same number may be another's now */
	for (unsigned i = 0; i < LITESTREAM_MAX_CHASE; i++)
		if (read_ltx(end, dir, end->index + 1, &none) == -1)
			break;
	return 0;
}

int
litestream_local_end(struct litestream_end *ret, enum litestream_version v,
    const char *dir, struct err *e)
{
	switch (v) {
	case LITESTREAM_03:
		return shadow_end(ret, dir, e);
	case LITESTREAM_05:
		return ltx_end(ret, dir, e);
	case LITESTREAM_NONE:
		break;
	}
	return err_set(e, "%s: no copy by Litestream", dir);
}

int
litestream_replica_end(struct litestream_end *end, enum litestream_version v,
    const char *dir, const char *generation, struct err *e)
{
	if (v == LITESTREAM_03)
		return pieces_end(end, dir, generation, e);
	return litestream_local_end(end, v, dir, e);
}
