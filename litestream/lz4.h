/*
 * lz4 - how long would an LZ4 frame be, decompressed?
 *
 * Litestream 0.3 names a segment by where it starts; where it ends is its
 * uncompressed length, which the tokens of its blocks add up to.  Nothing is
 * decompressed and nothing is kept: a meter takes the bytes as they come, from
 * a file or a network, in pieces of any size.  Format: "LZ4 Frame Format
 * Description" 1.6.1 and "LZ4 Block Format Description".
 */
#ifndef LITESTREAM_LZ4_H
#define LITESTREAM_LZ4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define LZ4_MAX_BLOCK	(4u << 20)	/* the format's largest */
#define LZ4_MAX_FRAME	(8ull << 30)	/* uncompressed; more is refused */

struct lz4_meter {
	unsigned char	 state;
	unsigned char	 count;		/* bytes of word that are there */
	bool		 checks;	/* blocks have a checksum behind */
	uint32_t	 word;		/* a number on its way */
	uint32_t	 max_block;	/* uncompressed, as it declares */
	uint32_t	 skip;		/* bytes to pass over before the next */
	uint32_t	 left;		/* of the block; skip is not in it */
	uint32_t	 literals, match;
	uint32_t	 block;		/* uncompressed, of this block so far */
	uint64_t	 total;		/* of the blocks before */
};

void	lz4_meter_init(struct lz4_meter *);
/* -1: damaged, or no frame at all; so is all that comes after.  What follows
 * the frame is passed over. */
int	lz4_meter_feed(struct lz4_meter *, const void *, size_t);
/* The uncompressed length; -1: damaged or truncated. */
int64_t	lz4_meter_end(const struct lz4_meter *);
/* It began like one.  Damaged is one thing, encrypted another. */
bool	lz4_meter_is_frame(const struct lz4_meter *);

/* The frame in a file, from its beginning; -1 with a sentence. */
int64_t	lz4_frame_length(int fd, struct err *);

#endif
