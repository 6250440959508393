/*
 * lz4 - see lz4.h.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/err.h"
#include "agent/mem.h"
#include "litestream/lz4.h"

#define MAGIC		0x184d2204u
#define FLAG_VERSION	0xc0u		/* of FLG; 01 is the only one */
#define FLAG_CHECKS	0x10u		/* blocks have a checksum behind */
#define FLAG_SIZE	0x08u		/* the content's size stands in front */
#define FLAG_DICT	0x01u
#define STORED		0x80000000u	/* the block is not compressed */

static uint32_t
le32(const unsigned char *b)
{
	return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 |
	    (uint32_t)b[1] << 8 | b[0];
}

/* A length that goes on while its bytes are 255.  False: it never ends. */
static bool
add_length(uint64_t *n, const unsigned char **p, const unsigned char *end)
{
	unsigned char b;

	if (*n != 15)
		return true;
	do {
		if (*p == end)
			return false;
		b = *(*p)++;
		*n += b;
	} while (b == 255);
	return true;
}

int64_t
lz4_block_length(const unsigned char *p, size_t size)
{
	const unsigned char *end = p + size;
	uint64_t total = 0;

	while (p < end) {
		unsigned char token = *p++;
		uint64_t literals = token >> 4, match = token & 15u;

		if (!add_length(&literals, &p, end) ||
		    literals > (uint64_t)(end - p))
			return -1;
		p += literals;
		total += literals;
		if (p == end)		/* the last sequence has no match */
			return (int64_t)total;
		if (end - p < 2)
			return -1;
		p += 2;
		if (!add_length(&match, &p, end))
			return -1;
		total += match + 4;
		if (total > LZ4_MAX_FRAME)
			return -1;
	}
	return -1;
}

/* One block at *at; adds to *total.  1: more may come, 0: the end, -1. */
static int
take_block(int fd, off_t *at, bool checks, unsigned char *block,
    uint64_t *total)
{
	unsigned char head[4];
	uint32_t size;
	int64_t n;

	if (pread(fd, head, sizeof head, *at) != (ssize_t)sizeof head)
		return -1;
	size = le32(head);
	*at += (off_t)sizeof head;
	if (size == 0)
		return 0;
	n = size & ~STORED;
	if (n > LZ4_MAX_BLOCK ||
	    pread(fd, block, (size_t)n, *at) != (ssize_t)n)
		return -1;
	*at += n + (checks ? 4 : 0);
	if (!(size & STORED))
		n = lz4_block_length(block, (size_t)n);
	if (n < 0 || *total + (uint64_t)n > LZ4_MAX_FRAME)
		return -1;
	*total += (uint64_t)n;
	return 1;
}

int64_t
lz4_frame_length(int fd, struct err *e)
{
	unsigned char head[7], *block;
	uint64_t total = 0;
	off_t at = sizeof head;
	int more;

	if (pread(fd, head, sizeof head, 0) != (ssize_t)sizeof head ||
	    le32(head) != MAGIC || (head[4] & FLAG_VERSION) != 0x40u)
		return err_set(e, "not an LZ4 frame (an encrypted replica?)");
	at += (head[4] & FLAG_SIZE ? 8 : 0) + (head[4] & FLAG_DICT ? 4 : 0);
	block = mem_new(1, LZ4_MAX_BLOCK);
	do
		more = take_block(fd, &at, (head[4] & FLAG_CHECKS) != 0, block,
		    &total);
	while (more == 1);
	free(block);
	if (more == -1)
		return err_set(e, "a truncated or damaged LZ4 frame");
	return (int64_t)total;
}
