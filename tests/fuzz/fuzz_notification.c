/*
 * Any text at all is a notification that can be written again, or is refused.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/notification.h"
#include "base/err.h"
#include "base/mem.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What was read and written once is the same for ever. */
static void
check_round_trip(const struct notification *n)
{
	char *once = notification_write(n), *twice;
	struct notification *again;
	struct err e = { "" };

	again = notification_read(n->id, once, &e);
	assert(again != NULL);
	twice = notification_write(again);
	assert(strcmp(once, twice) == 0);
	notification_free(again);
	free(once);
	free(twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_new(size + 1, 1);
	struct notification *n;
	struct err e = { "" };

	memcpy(text, data, size);
	n = notification_read("msg_0123456789", text, &e);
	if (n != NULL)
		check_round_trip(n);
	else
		assert(e.text[0] != '\0');
	notification_free(n);
	free(text);
	return 0;
}
