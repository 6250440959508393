/*
 * fuzz_drill - what a drill's process says, whatever it says.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "litestream/drill.h"
#include "litestream/replica.h"
#include "litestream/restore.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What was read is written so that it is read the same. */
static void
again(const struct drill *d)
{
	struct drill *twice;
	struct err e;
	struct buf b;

	buf_init(&b, 4 * DRILL_MAX_JSON);
	drill_write(&b, d);
	assert(buf_ok(&b));
	twice = b.len <= DRILL_MAX_JSON ? drill_read(b.data, &e) : NULL;
	if (twice != NULL)
		assert(twice->outcome == d->outcome &&
		    twice->bytes == d->bytes);
	drill_free(twice);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct restore_program program = { .path = NULL };
	struct restored restored = { .why = NULL };
	const struct setup none = { .nreplicas = 0 };
	char *text = mem_new(n + 1, 1), why[300];
	struct drill *d;
	struct err e;

	if (n > 0)
		memcpy(text, data, n);
	d = drill_read(text, &e);
	if (d != NULL)
		again(d);
	drill_free(d);
	restore_said_why(why, sizeof why, text, &none);
	assert(strlen(why) > 0 && strchr(why, '\n') == NULL);
	(void)restore_said_untried(text);
	restore_said_position(&restored, text);
	assert(memchr(restored.generation, '\0', 17) != NULL);
	restore_said_version(&program, text);
	free(text);
	return 0;
}
