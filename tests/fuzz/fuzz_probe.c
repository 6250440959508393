/*
 * fuzz_probe - files of probes, and /proc/PID/stat, that lie.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collectors/probe_file.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct probe_head h = { .pid = 1 };
	struct probe_here here = { "", 0 };
	char *text = mem_new(n + 1, 1);
	int slot;

	memcpy(text, data, n);
	(void)probe_start(text);
	free(text);
	if (probe_file_read(data, n, &h) == PROBE_GOOD) {
		assert(h.pid > 0 && h.pid <= INT32_MAX);
		assert(memchr(h.boot_id, '\0', sizeof h.boot_id) != NULL);
		(void)probe_file_is_of(&h, &here);
	} else {
		assert(h.pid == 1);
	}
	slot = probe_file_find(data, n, 1, 1);
	assert(slot >= -1 && slot < PROBE_SLOTS);
	if (slot >= 0)
		assert(sizeof(struct probe_head) + ((size_t)slot + 1) *
		    sizeof(struct probe_slot) <= n);
	return 0;
}
