/*
 * fuzz_ltx - the header of an LTX file from a replica that strangers can write.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "litestream/files.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct ltx_header h, was;
	struct litestream_end end;
	struct err e;

	memset(&h, 0x55, sizeof h);
	h.salted = false;
	was = h;
	if (ltx_header_parse(&h, data, n, &e) == -1) {
		assert(memcmp(&h, &was, sizeof h) == 0);
		assert(memchr(e.text, '\0', sizeof e.text) != NULL);
		return 0;
	}
	assert(n >= LTX_HEADER_SIZE);
	assert(h.page_size >= 512 && h.page_size <= 65536);
	assert(h.offset >= 0 && h.size >= 0 && h.timestamp_ms >= 0);
	assert(h.min <= h.max);
	litestream_end_of(&end, &h);
	assert(end.index == h.max && end.start >= 0);
	assert(end.offset >= end.start && end.salted == (end.offset != 0));
	return 0;
}
