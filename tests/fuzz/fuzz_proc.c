/*
 * fuzz_proc - what /proc says: lines of /proc/locks, bytes of cmdline.
 *
 * Any process may write what it likes into its own command line.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collectors/locktable.h"
#include "collectors/process.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
try_command(const char *bytes, size_t n)
{
	char *copy = mem_new(n + 1, 1), *ret;

	if (n > 0)
		memcpy(copy, bytes, n);
	for (size_t size = 1; size <= 256; size = size * 3 + 1) {
		ret = mem_new(size, 1);
		process_command_parse(ret, size, copy, n);
		assert(memchr(ret, '\0', size) != NULL);
		for (const char *at = ret; *at != '\0'; at++)
			assert((unsigned char)*at >= 0x20 && *at != 0x7f);
		(void)process_is_litestream(ret);
		free(ret);
	}
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *line = mem_new(n + 1, 1);
	struct lock l;

	if (n > 0)
		memcpy(line, data, n);
	if (locktable_parse_line(&l, line))
		assert(l.start <= l.end);
	try_command(line, n);
	free(line);
	return 0;
}
