/*
 * ltx_whole - does a pass of level 0 hold the whole database?
 *
 * Litestream 0.5 writes one when it has lost the thread: what was in the log
 * meanwhile cannot be told, so every page is taken anew.  Such a file says in
 * its header that it covers a frame or two of the log; its page index, at the
 * end, lists all pages: uvarint triples (page, offset, size), a zero, then the
 * length of that as u64, then the 16 bytes of the trailer.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "collectors/format.h"
#include "collectors/outside.h"
#include "litestream/ltx.h"

#define TRAILER		24		/* with the index's length */
#define INDEX_READ	(64u << 10)	/* of an index; else it is estimated */
#define ENTRY_MAX	25u		/* bytes of a triple: 5 + 10 + 10 */

/* How many triples lie in these bytes. */
uint64_t
ltx_count_pages(const unsigned char *index, size_t n)
{
	uint64_t numbers = 0;

	for (size_t i = 0; i < n; i++)
		numbers += index[i] < 0x80;	/* the last byte of one */
	return numbers / 3;
}

static bool
judge(const struct ltx_header *h, uint64_t pages, bool counted)
{
	uint64_t frames = (uint64_t)h->size / (24 + (uint64_t)h->page_size);

	/* The page with SQLite's lock bytes is never written. */
	return pages > frames && (!counted || pages + 1 >= h->commit);
}

static bool
look_into(int fd, off_t size, const struct ltx_header *h)
{
	unsigned char b[8], *index;
	uint64_t length, pages;
	ssize_t n;

	if (size < LTX_HEADER_SIZE + TRAILER ||
	    pread(fd, b, sizeof b, size - TRAILER) != (ssize_t)sizeof b)
		return false;
	length = be64(b);
	if (length > (uint64_t)size - LTX_HEADER_SIZE - TRAILER)
		return false;
	if (length > INDEX_READ)
		return judge(h, length / ENTRY_MAX, false);
	index = mem_new(1, INDEX_READ);
	n = pread(fd, index, (size_t)length, size - TRAILER - (off_t)length);
	pages = n > 0 ? ltx_count_pages(index, (size_t)n) : 0;
	free(index);
	return judge(h, pages, true);
}

bool
ltx_is_whole(const char *dir, uint64_t txid)
{
	struct ltx_header h;
	struct stat st;
	struct err none;
	char *path;
	bool whole;
	int fd;

	if (ltx_read_local(&h, dir, txid, &none) == -1 || !h.salted)
		return false;
	path = mem_printf("%s/ltx/0/%016llx-%016llx.ltx", dir,
	    (unsigned long long)txid, (unsigned long long)txid);
	fd = file_open(path);
	free(path);
	if (fd == -1)
		return false;
	whole = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    look_into(fd, st.st_size, &h);
	close(fd);
	return whole;
}
