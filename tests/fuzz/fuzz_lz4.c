/*
 * fuzz_lz4 - LZ4 frames that lie about their length.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/err.h"
#include "litestream/lz4.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static int fd = -1;
	struct err e;
	int64_t len;

	len = lz4_block_length(data, n);
	assert(len >= -1 && len <= (int64_t)LZ4_MAX_FRAME + (int64_t)n);
	if (fd == -1)
		fd = memfd_create("frame", MFD_CLOEXEC);
	if (ftruncate(fd, 0) == -1 || pwrite(fd, data, n, 0) != (ssize_t)n)
		return 0;
	len = lz4_frame_length(fd, &e);
	assert(len >= -1 && len <= (int64_t)LZ4_MAX_FRAME);
	if (len == -1)
		assert(memchr(e.text, '\0', sizeof e.text) != NULL);
	return 0;
}
