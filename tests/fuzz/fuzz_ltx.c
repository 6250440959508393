/*
 * fuzz_ltx - the header of an LTX file from a replica that strangers can write.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "agent/err.h"
#include "litestream/files.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct litestream_end end, was;
	struct err e;

	memset(&end, 0x55, sizeof end);
	end.salted = false;
	was = end;
	if (ltx_header_parse(&end, data, n, &e) == -1) {
		assert(memcmp(&end, &was, sizeof end) == 0);
		assert(memchr(e.text, '\0', sizeof e.text) != NULL);
		return 0;
	}
	assert(n >= LTX_HEADER_SIZE);
	assert(end.page_size >= 512 && end.page_size <= 65536);
	assert(end.offset >= 0 && end.salted == (end.offset != 0));
	return 0;
}
