/*
 * fuzz_format - SQLite's bytes from a hostile disk.
 *
 * What is accepted keeps to the bounds that everybody else relies on, and what
 * is refused leaves nothing behind.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "collectors/format.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_page_size(uint32_t n)
{
	assert(n >= 512 && n <= 65536 && (n & (n - 1)) == 0);
}

static void
try_database(const uint8_t *data, size_t n)
{
	struct db_header h, was;
	struct err e;

	memset(&h, 0x55, sizeof h);
	was = h;
	if (db_header_parse(&h, data, n, &e) == -1) {
		assert(memcmp(&h, &was, sizeof h) == 0);
		assert(memchr(e.text, '\0', sizeof e.text) != NULL);
	} else {
		check_page_size(h.page_size);
	}
}

/* The checksum of walChecksumBytes(), or no mutation would ever be right. */
static void
seal(unsigned char *copy)
{
	uint32_t word[12], s1 = 0, s2 = 0;

	memcpy(word, copy, sizeof word);
	word[0] = 3007000;
	for (int i = 0; i < 10; i += 2) {
		s1 += word[i] + s2;
		s2 += word[i + 1] + s1;
	}
	word[10] = s1;
	word[11] = s2;
	memcpy(copy, word, sizeof word);
}

static void
try_index(const uint8_t *data, size_t n)
{
	struct shm_header h;

	if (!shm_header_parse(&h, data, n))
		return;
	if (h.page_size != 0)
		check_page_size(h.page_size);
	else
		assert(h.max_frame == 0);
	assert(h.backfill <= h.max_frame);
	if (h.max_frame > 0) {
		assert(shm_frame_offset(h.max_frame) >= SHM_HEADER_SIZE);
		assert(wal_frame_offset(h.max_frame, h.page_size) >=
		    WAL_HEADER_SIZE);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	unsigned char sealed[SHM_HEADER_SIZE];
	struct wal_header w;
	struct wal_frame f;

	try_database(data, n);
	try_index(data, n);
	if (n >= sizeof sealed) {
		memcpy(sealed, data, sizeof sealed);
		sealed[12] = sealed[60] = 1;
		seal(sealed);
		try_index(sealed, sizeof sealed);
		seal(sealed + 48);
		try_index(sealed, sizeof sealed);
	}
	if (wal_header_parse(&w, data, n))
		check_page_size(w.page_size);
	if (n >= WAL_FRAME_SIZE)
		wal_frame_parse(&f, data);
	return 0;
}
