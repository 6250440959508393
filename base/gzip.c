/*
 * gzip - see gzip.h.
 *
 * At zlib's fastest: the loop waits for it, and text of this kind shrinks to a
 * tenth even so.
 */
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/gzip.h"
#include "base/mem.h"

#define WINDOW_BITS	(15 + 16)	/* 16: a gzip header, not zlib's */
#define MEM_LEVEL	8

bool
gzip_buf(struct buf *b)
{
	z_stream z = { 0 };
	size_t most;
	char *small;
	int rc;

	if (b->len < GZIP_LEAST || b->len > UINT_MAX / 2 ||
	    deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, WINDOW_BITS, MEM_LEVEL,
	    Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	most = deflateBound(&z, b->len);
	small = mem_new(most + 1, 1);	/* a buf ends with a NUL */
	z.next_in = (unsigned char *)b->data;
	z.avail_in = (unsigned)b->len;
	z.next_out = (unsigned char *)small;
	z.avail_out = (unsigned)most;
	rc = deflate(&z, Z_FINISH);
	if (rc == Z_STREAM_END) {
		free(b->data);
		b->data = small;
		b->len = z.total_out;
		b->cap = most + 1;
	} else {
		free(small);
	}
	deflateEnd(&z);
	return rc == Z_STREAM_END;
}
