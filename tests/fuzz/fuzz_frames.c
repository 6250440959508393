/*
 * fuzz_frames - a log and its index with any bytes in them.
 *
 * The input: the size of a page (as a power of two), the end of the log as the
 * index has it, from where to look, the salt; then the bytes of both files.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collectors/format.h"
#include "collectors/frames.h"

#define HEAD	17

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static uint32_t
take32(const uint8_t *b)
{
	uint32_t v;

	memcpy(&v, b, sizeof v);
	return v;
}

static void
try(int fd, const struct shm_header *h, uint32_t from)
{
	uint32_t last, page1;
	uint64_t n;

	n = frames_count_commits(fd, h->salt, h->page_size, from,
	    h->max_frame);
	assert(n <= FRAMES_MAX_WALK);
	assert(h->max_frame > from ? n <= h->max_frame - from : n == 0);
	if (from > 0) {
		last = frames_last_of(fd, h->salt, h->page_size, from);
		assert(last >= from - 1);
	}
	page1 = frames_find_page1(fd, h, from);
	assert(page1 == 0 || (page1 > from && page1 <= h->max_frame));
	(void)frames_free_pages(fd, h, page1);
	(void)frames_free_pages(fd, h, h->max_frame);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static int fd = -1;
	struct shm_header h = { 0 };

	if (n < HEAD)
		return 0;
	if (fd == -1)
		fd = memfd_create("log", MFD_CLOEXEC);
	h.page_size = 512u << data[0] % 8;
	h.max_frame = take32(data + 1);
	memcpy(h.salt, data + 9, sizeof h.salt);
	if (ftruncate(fd, 0) == -1 ||
	    pwrite(fd, data + HEAD, n - HEAD, 0) != (ssize_t)(n - HEAD))
		return 0;
	try(fd, &h, take32(data + 5));
	h.max_frame %= 10000;
	try(fd, &h, take32(data + 5) % 10000);
	return 0;
}
