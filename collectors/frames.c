/*
 * frames - see frames.h.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "collectors/format.h"
#include "collectors/frames.h"

#define PAGE1_FREE_COUNT	36	/* offset in page 1 */
#define SCAN_FRAMES		4096u	/* page numbers read at once */

static bool
read_frame(int fd, struct wal_frame *f, uint32_t n, uint32_t page_size)
{
	unsigned char b[WAL_FRAME_SIZE];
	off_t at = (off_t)wal_frame_offset(n, page_size);

	if (pread(fd, b, sizeof b, at) != (ssize_t)sizeof b)
		return false;
	wal_frame_parse(f, b);
	return true;
}

static bool
same_page(int fd, uint32_t a, uint32_t b, uint32_t page_size)
{
	unsigned char *pages = mem_new(2, page_size);
	off_t at_a = (off_t)wal_frame_offset(a, page_size) + WAL_FRAME_SIZE;
	off_t at_b = (off_t)wal_frame_offset(b, page_size) + WAL_FRAME_SIZE;
	bool same = false;

	if (pread(fd, pages, page_size, at_a) == (ssize_t)page_size &&
	    pread(fd, pages + page_size, page_size, at_b) ==
	    (ssize_t)page_size)
		same = memcmp(pages, pages + page_size, page_size) == 0;
	free(pages);
	return same;
}

uint64_t
frames_count_commits(int fd, const unsigned char salt[8], uint32_t page_size,
    uint32_t after, uint32_t upto)
{
	struct wal_frame before = { 0 }, f;
	uint64_t commits = 0;

	if (upto > after && upto - after > FRAMES_MAX_WALK)
		after = upto - FRAMES_MAX_WALK;
	for (uint32_t n = after + 1; n != 0 && n <= upto; n++) {
		if (!read_frame(fd, &f, n, page_size) ||
		    memcmp(f.salt, salt, sizeof f.salt) != 0)
			break;
		if (f.commit != 0 &&
		    !(before.commit == f.commit && before.page == f.page &&
		    same_page(fd, n - 1, n, page_size)))
			commits++;
		before = f;
	}
	return commits;
}

uint32_t
frames_last_of(int fd, const unsigned char salt[8], uint32_t page_size,
    uint32_t from)
{
	struct wal_frame f;
	uint64_t low = from - 1, high;
	struct stat st;

	if (fstat(fd, &st) == -1 || st.st_size < WAL_HEADER_SIZE)
		return from - 1;
	high = ((uint64_t)st.st_size - WAL_HEADER_SIZE) /
	    (WAL_FRAME_SIZE + page_size);
	if (high > UINT32_MAX - 1)
		high = UINT32_MAX - 1;
	/* Frames of one log lie together: the last is found by halving. */
	while (low < high) {
		uint64_t mid = low + (high - low + 1) / 2;

		if (read_frame(fd, &f, (uint32_t)mid, page_size) &&
		    memcmp(f.salt, salt, sizeof f.salt) == 0)
			low = mid;
		else
			high = mid - 1;
	}
	return (uint32_t)low;
}

/* How many of the frames from `frame` down to `lowest` lie side by side. */
static uint32_t
run_down(uint32_t frame, uint32_t lowest)
{
	uint32_t n = 1;

	while (n < SCAN_FRAMES && frame - n >= lowest && frame - n > 0 &&
	    shm_frame_offset(frame - n) + 4 == shm_frame_offset(frame - n + 1))
		n++;
	return n;
}

uint32_t
frames_find_page1(int fd, const struct shm_header *h, uint32_t after)
{
	uint32_t pages[SCAN_FRAMES];
	uint32_t frame = h->max_frame;

	while (frame > after) {
		uint32_t n = run_down(frame, after + 1);
		off_t at = (off_t)shm_frame_offset(frame - n + 1);
		ssize_t want = (ssize_t)(n * sizeof *pages);

		if (pread(fd, pages, (size_t)want, at) != want)
			return 0;
		for (uint32_t i = n; i > 0; i--)
			if (pages[i - 1] == 1)
				return frame - n + i;
		frame -= n;
	}
	return 0;
}

int64_t
frames_free_pages(int fd, const struct shm_header *h, uint32_t frame)
{
	unsigned char b[WAL_FRAME_SIZE + PAGE1_FREE_COUNT + 4];
	off_t at = (off_t)wal_frame_offset(frame, h->page_size);
	struct wal_frame f;

	if (pread(fd, b, sizeof b, at) != (ssize_t)sizeof b)
		return -1;
	wal_frame_parse(&f, b);
	if (f.page != 1 || memcmp(f.salt, h->salt, sizeof f.salt) != 0)
		return -1;
	return be32(b + WAL_FRAME_SIZE + PAGE1_FREE_COUNT);
}
