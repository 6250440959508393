/*
 * lz4 - how long would an LZ4 frame be, decompressed?
 *
 * Litestream 0.3 names a segment by where it starts; where it ends is its
 * uncompressed length, which the tokens of its blocks add up to.  Nothing is
 * decompressed.  Format: "LZ4 Frame Format Description" 1.6.1 and "LZ4 Block
 * Format Description".
 */
#ifndef LITESTREAM_LZ4_H
#define LITESTREAM_LZ4_H

#include <stddef.h>
#include <stdint.h>

struct err;

#define LZ4_MAX_BLOCK	(4u << 20)	/* the format's largest */
#define LZ4_MAX_FRAME	(8ull << 30)	/* uncompressed; more is refused */

/* The frame in a file, from its beginning; -1 with a sentence. */
int64_t	lz4_frame_length(int fd, struct err *);
/* One compressed block; -1: not a block. */
int64_t	lz4_block_length(const unsigned char *, size_t);

#endif
