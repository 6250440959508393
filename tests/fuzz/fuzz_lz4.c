/*
 * fuzz_lz4 - LZ4 frames that lie about their length, cut anywhere.
 *
 * The first byte seeds the cuts; the answer must be the same for all of them.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "litestream/lz4.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int64_t
length_in_cuts(const uint8_t *data, size_t n, uint32_t seed)
{
	struct lz4_meter m;
	int status = 0;

	lz4_meter_init(&m);
	for (size_t at = 0, span; at < n; at += span) {
		seed = seed * 1103515245u + 12345u;
		span = seed >> 16 & (seed >> 28 ? 7 : 1023);
		if (span > n - at)
			span = n - at;
		/* Once damaged, always. */
		assert(status == 0 ||
		    lz4_meter_feed(&m, data + at, span) == -1);
		if (status == 0)
			status = lz4_meter_feed(&m, data + at, span);
	}
	if (status == -1)
		assert(lz4_meter_end(&m) == -1);
	return lz4_meter_end(&m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static int fd = -1;
	uint32_t seed;
	struct err e;
	int64_t len;

	if (n == 0)
		return 0;
	seed = *data++;
	n--;
	if (fd == -1)
		fd = memfd_create("frame", MFD_CLOEXEC);
	if (ftruncate(fd, 0) == -1 || pwrite(fd, data, n, 0) != (ssize_t)n)
		return 0;
	len = lz4_frame_length(fd, &e);
	assert(len >= -1 && len <= (int64_t)LZ4_MAX_FRAME);
	if (len == -1)
		assert(memchr(e.text, '\0', sizeof e.text) != NULL);
	assert(length_in_cuts(data, n, seed) == len);
	assert(length_in_cuts(data, n, seed + 256) == len);
	return 0;
}
