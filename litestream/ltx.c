/*
 * ltx - see ltx.h.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "collectors/format.h"
#include "collectors/outside.h"
#include "litestream/ltx.h"

#define LAST_MS		253402300799999	/* the year 9999; later is no time */

int
ltx_header_parse(struct ltx_header *ret, const unsigned char *b,
    uint64_t size, struct err *e)
{
	struct ltx_header h = { 0 };
	uint64_t offset, covered, time;

	if (size < LTX_HEADER_SIZE || memcmp(b, "LTX1", 4) != 0)
		return err_set(e, "not an LTX file");
	h.page_size = be32(b + 8);
	h.commit = be32(b + 12);
	h.min = be64(b + 16);
	h.max = be64(b + 24);
	time = be64(b + 32);
	offset = be64(b + 48);
	covered = be64(b + 56);
	if (h.page_size < 512 || h.page_size > 65536 || h.min > h.max ||
	    offset > INT64_MAX / 2 || covered > INT64_MAX / 2)
		return err_set(e, "damaged LTX header");
	h.timestamp_ms = time <= LAST_MS ? (int64_t)time : 0;
	h.offset = (int64_t)offset;
	h.size = (int64_t)covered;
	h.salted = offset + covered != 0;
	memcpy(h.salt, b + 64, sizeof h.salt);
	*ret = h;
	return 0;
}

int
ltx_read(struct ltx_header *ret, struct stat *st, const char *dir,
    uint64_t txid, struct err *e)
{
	unsigned long long id = txid;
	unsigned char b[LTX_HEADER_SIZE];
	char path[PATH_MAX];
	struct ltx_header h;
	struct stat found;
	ssize_t n;
	int fd;

	if ((size_t)snprintf(path, sizeof path, "%s/ltx/0/%016llx-%016llx.ltx",
	    dir, id, id) >= sizeof path)
		return err_set(e, "%s: path too long", dir);
	fd = file_open(path);
	if (fd == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	n = fstat(fd, &found) == -1 ? -1 : pread(fd, b, sizeof b, 0);
	if (n == -1)
		(void)err_set(e, "%s: %s", path, strerror(errno));
	close(fd);
	if (n == -1)
		return -1;
	if (ltx_header_parse(&h, b, (uint64_t)n, e) == -1)
		return err_prefix(e, "%s", path);
	if (h.max != txid)
		return err_set(e, "%s: holds another TXID, %llu", path,
		    (unsigned long long)h.max);
	*ret = h;
	if (st != NULL)
		*st = found;
	return 0;
}

int
ltx_read_local(struct ltx_header *ret, const char *dir, uint64_t txid,
    struct err *e)
{
	return ltx_read(ret, NULL, dir, txid, e);
}
