/*
 * lz4 - see lz4.h.
 *
 *	HEAD -> SIZE -> (stored)  ------------------------------> SIZE ...
 *	             -> TOKEN -> LITERALS* -> (literals, passed over)
 *	                  ^                     |           |
 *	                  |                  OFFSET      (the block is over,
 *	                  +--- MATCH* <---------+         only here) -> SIZE
 *	             -> DONE
 *
 * A step takes one byte; what is only passed over is not looked at.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "litestream/lz4.h"

#define MAGIC		0x184d2204u
#define FLAG_VERSION	0xc0u		/* of FLG; 01 is the only one */
#define FLAG_CHECKS	0x10u		/* blocks have a checksum behind */
#define FLAG_SIZE	0x08u		/* the content's size stands in front */
#define FLAG_DICT	0x01u
#define STORED		0x80000000u	/* the block is not compressed */
#define AT_ONCE		65536		/* read from a file */

enum { HEAD, SIZE, TOKEN, LITERALS, OFFSET, MATCH, DONE, NO_FRAME, DAMAGED };

/* One more byte of a little-endian number of n.  True: that was the last. */
static bool
collect(struct lz4_meter *m, unsigned char b, unsigned n)
{
	m->word |= (uint32_t)b << 8 * m->count;
	return ++m->count == n;
}

static void
enter(struct lz4_meter *m, unsigned char state)
{
	m->state = state;
	m->word = 0;
	m->count = 0;
}

static int
fail(struct lz4_meter *m)
{
	m->state = m->state == HEAD || m->state == NO_FRAME ? NO_FRAME :
	    DAMAGED;
	return -1;
}

static int
end_block(struct lz4_meter *m)
{
	m->total += m->block;
	m->skip += m->checks ? 4 : 0;
	enter(m, SIZE);
	return m->total > LZ4_MAX_FRAME ? fail(m) : 0;
}

/* The block gives so many bytes more. */
static bool
grow(struct lz4_meter *m, uint32_t n)
{
	m->block += n;
	return m->block <= m->max_block;
}

static int
pass_literals(struct lz4_meter *m)
{
	if (m->literals > m->left || !grow(m, m->literals))
		return fail(m);
	m->left -= m->literals;
	m->skip = m->literals;
	if (m->left == 0)	/* the last sequence has no match */
		return end_block(m);
	enter(m, OFFSET);
	return 0;
}

/* A match is never the last of a block. */
static int
pass_match(struct lz4_meter *m)
{
	if (m->left == 0 || !grow(m, m->match + 4))
		return fail(m);
	enter(m, TOKEN);
	return 0;
}

/* Magic, FLG and BD; what else is in the header says nothing about lengths. */
static int
take_head(struct lz4_meter *m, unsigned char b)
{
	unsigned flags;

	if (m->count < 4) {
		if (collect(m, b, 4) && m->word != MAGIC)
			return fail(m);
		return 0;
	}
	if (m->count++ == 4) {
		m->word = b;
		return (b & FLAG_VERSION) == 0x40u ? 0 : fail(m);
	}
	if ((b & 0x40u) == 0)
		return fail(m);
	flags = m->word;
	m->max_block = 1u << (8 + 2 * (b >> 4 & 7u));
	m->checks = (flags & FLAG_CHECKS) != 0;
	m->skip = (flags & FLAG_SIZE ? 8u : 0) + (flags & FLAG_DICT ? 4u : 0) +
	    1;
	enter(m, SIZE);
	return 0;
}

static int
take_size(struct lz4_meter *m, unsigned char b)
{
	uint32_t n;

	if (!collect(m, b, 4))
		return 0;
	n = m->word & ~STORED;
	if (m->word == 0) {
		enter(m, DONE);
		return 0;
	}
	/* An empty one would let a file of any size have no length. */
	if (n == 0 || n > m->max_block)
		return fail(m);
	m->block = 0;
	m->left = n;
	if (m->word & STORED) {
		m->block = m->skip = n;
		return end_block(m);
	}
	enter(m, TOKEN);
	return 0;
}

static int
take_token(struct lz4_meter *m, unsigned char b)
{
	m->left--;		/* there is one: see pass_match() */
	m->literals = b >> 4;
	m->match = b & 15u;
	if (m->literals < 15)
		return pass_literals(m);
	enter(m, LITERALS);
	return 0;
}

/* A length goes on while its bytes are 255; 4 MiB of them fit its number. */
static int
take_literals(struct lz4_meter *m, unsigned char b)
{
	if (m->left-- == 0)
		return fail(m);
	m->literals += b;
	return b == 255 ? 0 : pass_literals(m);
}

static int
take_offset(struct lz4_meter *m, unsigned char b)
{
	if (m->left-- == 0)
		return fail(m);
	if (!collect(m, b, 2))
		return 0;
	if (m->word == 0)
		return fail(m);
	if (m->match < 15)
		return pass_match(m);
	enter(m, MATCH);
	return 0;
}

static int
take_match(struct lz4_meter *m, unsigned char b)
{
	if (m->left-- == 0)
		return fail(m);
	m->match += b;
	return b == 255 ? 0 : pass_match(m);
}

static int
refuse(struct lz4_meter *m, unsigned char b)
{
	(void)m;
	(void)b;
	return -1;
}

typedef int step_fn(struct lz4_meter *, unsigned char);

static step_fn *const steps[] = {
	[HEAD]		= take_head,
	[SIZE]		= take_size,
	[TOKEN]		= take_token,
	[LITERALS]	= take_literals,
	[OFFSET]	= take_offset,
	[MATCH]		= take_match,
	[DONE]		= refuse,	/* never asked */
	[NO_FRAME]	= refuse,
	[DAMAGED]	= refuse,
};

void
lz4_meter_init(struct lz4_meter *m)
{
	*m = (struct lz4_meter){ .state = HEAD };
}

int
lz4_meter_feed(struct lz4_meter *m, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	while (n > 0) {
		if (m->skip > 0) {
			size_t some = n < m->skip ? n : m->skip;

			p += some;
			n -= some;
			m->skip -= (uint32_t)some;
			continue;
		}
		if (m->state == DONE)
			return 0;
		if (steps[m->state](m, *p++) == -1)
			return -1;
		n--;
	}
	return m->state >= NO_FRAME ? -1 : 0;
}

int64_t
lz4_meter_end(const struct lz4_meter *m)
{
	return m->state == DONE ? (int64_t)m->total : -1;
}

bool
lz4_meter_is_frame(const struct lz4_meter *m)
{
	return m->state != HEAD && m->state != NO_FRAME;
}

int64_t
lz4_frame_length(int fd, struct err *e)
{
	unsigned char bytes[AT_ONCE];
	struct lz4_meter m;
	off_t at = 0;
	ssize_t n = 1;

	lz4_meter_init(&m);
	while (n > 0 && m.state < DONE) {
		n = pread(fd, bytes, sizeof bytes, at);
		if (n == -1)
			return err_set(e, "%s", strerror(errno));
		at += n;
		(void)lz4_meter_feed(&m, bytes, (size_t)n); /* see its end */
	}
	if (!lz4_meter_is_frame(&m))
		return err_set(e, "not an LZ4 frame (an encrypted replica?)");
	if (lz4_meter_end(&m) == -1)
		return err_set(e, "a truncated or damaged LZ4 frame");
	return lz4_meter_end(&m);
}
