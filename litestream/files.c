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

#include "agent/err.h"
#include "collectors/format.h"
#include "litestream/files.h"
#include "litestream/lz4.h"
#include "collectors/outside.h"

static int64_t
mtime_of(const char *dir, const char *sub)
{
	char path[PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, sub) >=
	    sizeof path || stat(path, &st) == -1)
		return -1;
	return (int64_t)st.st_mtim.tv_sec * 1000 +
	    st.st_mtim.tv_nsec / 1000000;
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

/* Exactly n lower-case hexadecimal digits. */
static bool
take_hex(const char **text, size_t n, uint64_t *ret)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		char c = (*text)[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	*text += n;
	*ret = v;
	return true;
}

static bool
is_shadow(const char *name, struct litestream_end *ret)
{
	return take_hex(&name, 8, &ret->index) && strcmp(name, ".wal") == 0;
}

static bool
is_piece(const char *name, struct litestream_end *ret)
{
	uint64_t offset;

	if (!take_hex(&name, 8, &ret->index) || *name++ != '_' ||
	    !take_hex(&name, 8, &offset) || strcmp(name, ".wal.lz4") != 0)
		return false;
	ret->offset = (int64_t)offset;
	return true;
}

static bool
is_ltx(const char *name, struct litestream_end *ret)
{
	uint64_t from;

	return take_hex(&name, 16, &from) && *name++ == '-' &&
	    take_hex(&name, 16, &ret->index) && strcmp(name, ".ltx") == 0;
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
	const char *p = text;
	uint64_t number;
	int fd;
	ssize_t n;

	(void)snprintf(path, sizeof path, "%s/generation", dir);
	fd = file_open(path);
	if (fd == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	n = read(fd, text, 16);
	close(fd);
	if (n != 16 || !take_hex(&p, 16, &number))
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
	end.salted = true;
	end.page_size = h.page_size;
	memcpy(end.salt, h.salt, sizeof end.salt);
	*ret = end;
	return 0;
}

/* The uncompressed bytes of a piece; -1: not there, or e says why not. */
static int64_t
piece_length(const char *wal, uint64_t index, int64_t offset, struct err *e)
{
	char path[PATH_MAX + 40];
	int64_t n;
	int fd;

	(void)snprintf(path, sizeof path, "%s/%08llx_%08llx.wal.lz4", wal,
	    (unsigned long long)index, (unsigned long long)offset);
	fd = file_open(path);
	if (fd == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	n = lz4_frame_length(fd, e);
	close(fd);
	return n == -1 ? err_prefix(e, "%s", path) : n;
}

/* From a known end on, the next piece can have only one of two names. */
static void
chase_pieces(struct litestream_end *end, const char *wal)
{
	struct err ignored;
	int64_t n;

	for (unsigned i = 0; i < LITESTREAM_MAX_CHASE; i++) {
		n = piece_length(wal, end->index, end->offset, &ignored);
		if (n > 0) {
			end->offset += n;
			continue;
		}
		n = piece_length(wal, end->index + 1, 0, &ignored);
		if (n <= 0)
			return;
		end->index++;
		end->offset = n;
	}
}

static int
pieces_end(struct litestream_end *end, const char *dir, const char *generation,
    struct err *e)
{
	struct litestream_end at = { 0 };
	char wal[PATH_MAX];
	struct stat st;
	int64_t n;

	if ((size_t)snprintf(wal, sizeof wal, "%s/generations/%s/wal", dir,
	    generation) >= sizeof wal)
		return err_set(e, "%s: path too long", dir);
	if (stat(wal, &st) == -1)
		return err_set(e, "%s: %s", wal, strerror(errno));
	if (strcmp(end->generation, generation) == 0) {
		chase_pieces(end, wal);
		return 0;
	}
	if (find_last(wal, is_piece, &at, e) == -1)
		return -1;
	n = piece_length(wal, at.index, at.offset, e);
	if (n == -1)
		return -1;
	at.offset += n;
	(void)snprintf(at.generation, sizeof at.generation, "%s", generation);
	*end = at;
	return 0;
}

int
ltx_header_parse(struct litestream_end *ret, const unsigned char *b,
    uint64_t size, struct err *e)
{
	uint64_t offset, covered;
	uint32_t page_size;

	if (size < LTX_HEADER_SIZE || memcmp(b, "LTX1", 4) != 0)
		return err_set(e, "not an LTX file");
	page_size = be32(b + 8);
	offset = be64(b + 48);
	covered = be64(b + 56);
	if (page_size < 512 || page_size > 65536 ||
	    offset > INT64_MAX / 2 || covered > INT64_MAX / 2)
		return err_set(e, "damaged LTX header");
	ret->page_size = page_size;
	ret->index = be64(b + 24);
	ret->offset = (int64_t)(offset + covered);
	ret->salted = ret->offset != 0;
	memcpy(ret->salt, b + 64, sizeof ret->salt);
	return 0;
}

static int
read_ltx(struct litestream_end *ret, const char *dir, uint64_t txid,
    struct err *e)
{
	struct litestream_end end = { 0 };
	unsigned char b[LTX_HEADER_SIZE];
	char path[PATH_MAX + 64];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "%s/%016llx-%016llx.ltx", dir,
	    (unsigned long long)txid, (unsigned long long)txid);
	fd = file_open(path);
	if (fd == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	n = pread(fd, b, sizeof b, 0);
	close(fd);
	if (n == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	if (ltx_header_parse(&end, b, (uint64_t)n, e) == -1)
		return err_prefix(e, "%s", path);
	*ret = end;
	return 0;
}

/* index 0 lists; else the files after it are asked for by name. */
static int
ltx_end(struct litestream_end *end, const char *dir, struct err *e)
{
	struct litestream_end at = { 0 };
	char level0[PATH_MAX];
	struct stat st;
	struct err none;

	if ((size_t)snprintf(level0, sizeof level0, "%s/ltx/0", dir) >=
	    sizeof level0)
		return err_set(e, "%s: path too long", dir);
	if (stat(level0, &st) == -1)
		return err_set(e, "%s: %s", level0, strerror(errno));
	if (end->index == 0 || read_ltx(&at, level0, end->index, &none) == -1) {
		if (find_last(level0, is_ltx, &at, e) == -1)
			return -1;
		return read_ltx(end, level0, at.index, e);
	}
	for (unsigned i = 0; i < LITESTREAM_MAX_CHASE; i++)
		if (read_ltx(end, level0, end->index + 1, &none) == -1)
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
