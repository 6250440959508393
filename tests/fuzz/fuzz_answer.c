/*
 * Whatever a receiver answers, each type has a verdict: and a sentence for all
 * but the good one, and no wait that is longer than an hour.  The first two
 * bytes are the status.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/receiver.h"
#include "base/err.h"
#include "base/mem.h"

#define BODY_KEPT	1023	/* as post.c has it */
#define WAIT_MAX_MS	3600000

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = size < 2 ? 0 : size - 2;
	char *body = mem_new(1, BODY_KEPT + 1);
	long status = size < 2 ? 0 : (data[0] << 8 | data[1]) % 1000;

	if (n > BODY_KEPT)
		n = BODY_KEPT;
	if (n > 0)
		memcpy(body, data + 2, n);
	for (size_t i = 0; receiver_types[i] != NULL; i++) {
		struct answer a = { .status = status, .body = body,
		    .retry_after_ms = -1 };
		struct err e = { "" };
		enum verdict v = receiver_types[i]->judge(&a, &e);

		assert((v == VERDICT_DELIVERED) == (e.text[0] == '\0'));
		assert(a.retry_after_ms >= -1 &&
		    a.retry_after_ms <= WAIT_MAX_MS);
	}
	free(body);
	return 0;
}
