/*
 * format - see format.h.
 */
#include <string.h>

#include "base/err.h"
#include "collectors/format.h"

#define SHM_VERSION	3007000u	/* WALINDEX_MAX_VERSION */
#define SHM_COPY_SIZE	48
#define WAL_MAGIC	0x377f0682u	/* | 1: big-endian checksums */
#define FRAMES_FIRST	4062u		/* HASHTABLE_NPAGE_ONE */
#define FRAMES_LATER	4096u		/* HASHTABLE_NPAGE */
#define SHM_BLOCK	32768u		/* WALINDEX_PGSZ */

uint32_t
be32(const unsigned char *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3];
}

uint64_t
be64(const unsigned char *b)
{
	return (uint64_t)be32(b) << 32 | be32(b + 4);
}

static uint32_t
native32(const unsigned char *b)
{
	uint32_t v;

	memcpy(&v, b, sizeof v);
	return v;
}

static uint16_t
native16(const unsigned char *b)
{
	uint16_t v;

	memcpy(&v, b, sizeof v);
	return v;
}

static bool
is_page_size(uint32_t n)
{
	return n >= 512 && n <= 65536 && (n & (n - 1)) == 0;
}

int
db_header_parse(struct db_header *ret, const unsigned char *b, size_t n,
    struct err *e)
{
	struct db_header h;

	if (n < DB_HEADER_SIZE)
		return err_set(e, "not an SQLite database: only %zu bytes", n);
	if (memcmp(b, "SQLite format 3", 16) != 0)
		return err_set(e,
		    "not an SQLite database, or an encrypted one");
	h.page_size = (uint32_t)b[16] << 8 | b[17];
	if (h.page_size == 1)
		h.page_size = 65536;
	if (!is_page_size(h.page_size))
		return err_set(e, "damaged header: page size %u", h.page_size);
	if (b[18] < 1 || b[18] > 2 || b[19] < 1 || b[19] > 2)
		return err_set(e, "damaged or future header: format %u/%u",
		    b[18], b[19]);
	h.wal = b[18] == 2 && b[19] == 2;
	h.change_counter = be32(b + 24);
	h.pages = be32(b + 28);
	h.free_pages = be32(b + 36);
	*ret = h;
	return 0;
}

/* walChecksumBytes() in native order over the first 40 bytes of a copy. */
static bool
is_copy_valid(const unsigned char *b)
{
	uint32_t s1 = 0, s2 = 0;

	for (size_t i = 0; i < 40; i += 8) {
		s1 += native32(b + i) + s2;
		s2 += native32(b + i + 4) + s1;
	}
	return s1 == native32(b + 40) && s2 == native32(b + 44) &&
	    native32(b) == SHM_VERSION && b[12] == 1;
}

bool
shm_header_parse(struct shm_header *ret, const unsigned char *b, size_t n)
{
	const unsigned char *copy = b + SHM_COPY_SIZE;
	const unsigned char *info = b + 2 * SHM_COPY_SIZE;
	struct shm_header h;
	uint16_t size;

	if (n < SHM_HEADER_SIZE)
		return false;
	if (!is_copy_valid(copy))
		copy = b;
	if (!is_copy_valid(copy))
		return false;
	size = native16(copy + 14);
	h.page_size = (size & 0xfe00u) + ((size & 1u) << 16);
	h.max_frame = native32(copy + 16);
	if (!is_page_size(h.page_size) &&
	    (h.page_size != 0 || h.max_frame != 0))
		return false;
	h.change = native32(copy + 8);
	h.pages = native32(copy + 20);
	memcpy(h.salt, copy + 32, sizeof h.salt);
	h.backfill = native32(info);
	for (size_t i = 0; i < SHM_READ_SLOTS; i++)
		h.marks[i] = native32(info + 4 + 4 * i);
	/* While a log begins again the backfill of the old one still stands. */
	if (h.backfill > h.max_frame)
		h.backfill = h.max_frame;
	*ret = h;
	return true;
}

uint64_t
shm_frame_offset(uint32_t frame)
{
	uint32_t i = frame - 1;

	if (i < FRAMES_FIRST)
		return SHM_HEADER_SIZE + 4ull * i;
	i -= FRAMES_FIRST;
	return (uint64_t)SHM_BLOCK * (1 + i / FRAMES_LATER) +
	    4ull * (i % FRAMES_LATER);
}

bool
wal_header_parse(struct wal_header *ret, const unsigned char *b, size_t n)
{
	struct wal_header h;

	if (n < WAL_HEADER_SIZE || (be32(b) & ~1u) != WAL_MAGIC)
		return false;
	h.page_size = be32(b + 8);
	if (!is_page_size(h.page_size))
		return false;
	memcpy(h.salt, b + 16, sizeof h.salt);
	*ret = h;
	return true;
}

void
wal_frame_parse(struct wal_frame *f, const unsigned char b[WAL_FRAME_SIZE])
{
	f->page = be32(b);
	f->commit = be32(b + 4);
	memcpy(f->salt, b + 8, sizeof f->salt);
}

uint64_t
wal_frame_offset(uint32_t frame, uint32_t page_size)
{
	return WAL_HEADER_SIZE +
	    (uint64_t)(frame - 1) * (WAL_FRAME_SIZE + (uint64_t)page_size);
}
