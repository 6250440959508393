/*
 * fuzz_stamp - programs that carry odd versions, and lines of /proc/PID/maps.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/mapped.h"
#include "collectors/stamp.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct stamp whole = { 0 };
	char range[40], *line;

	stamp_feed(&whole, data, n, 0);
	assert(memchr(whole.version, '\0', sizeof whole.version) != NULL);
	assert(memchr(whole.litestream, '\0', sizeof whole.litestream) != NULL);
	assert(strlen(whole.date) == 0 || strlen(whole.date) == 10);
	(void)stamp_has_wal_reset(&whole);
	(void)stamp_stops_silently(&whole);
	line = malloc(n + 1);
	if (line == NULL)
		return 0;
	memcpy(line, data, n);
	line[n] = '\0';
	if (mapped_parse(line, range) != NULL)
		assert(strlen(range) < sizeof range);
	free(line);
	return 0;
}
