/*
 * Any text at all is a quantity or a rule, or it is refused with a sentence.
 *
 * The input is lines: when, for, clear, keep, severity, receivers, db, enabled.
 * An empty line is a key that says nothing.
 */
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/buf.h"
#include "agent/err.h"
#include "agent/mem.h"
#include "agent/units.h"
#include "alerts/rule.h"

#define NLINES	8

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
try_units(const char *text)
{
	char printed[UNIT_TEXT_MAX];
	struct err e;
	int64_t ms;
	double v;

	for (int u = UNIT_NONE; u <= UNIT_RATIO; u++)
		if (unit_parse(&v, (enum unit)u, text, &e) == 0) {
			assert(isfinite(v) && v >= 0);
			unit_print(printed, (enum unit)u, v);
			assert(strlen(printed) < UNIT_TEXT_MAX);
		}
	if (unit_parse_ms(&ms, text, &e) == 0)
		assert(ms >= 0);
}

static void
try_rule(const struct rule_text *t)
{
	const char *key = NULL;
	struct buf b;
	struct rule r;
	struct err e = { "" };

	if (rule_parse(&r, t, &key, &e) == -1) {
		assert(key != NULL && e.text[0] != '\0');
		return;
	}
	assert(r.op == RULE_ABOVE ? r.clear <= r.limit : r.clear >= r.limit);
	buf_init(&b, 1 << 20);
	rule_print(&b, &r);
	(void)rule_names_receiver(&r, "ops");
	(void)rule_watches(&r, "app");
	buf_free(&b);
	rule_done(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = mem_new(n + 1, 1), *rest = text;
	const char *lines[NLINES] = { NULL };
	struct rule_text t = { .name = "wal-size" };

	memcpy(text, data, n);
	for (size_t i = 0; i < NLINES && rest != NULL; i++) {
		const char *line = strsep(&rest, "\n");

		lines[i] = *line != '\0' ? line : NULL;
		try_units(line);
	}
	t.when = lines[0];
	t.for_ = lines[1];
	t.clear = lines[2];
	t.keep = lines[3];
	t.severity = lines[4];
	t.receivers = lines[5];
	t.db = lines[6];
	t.enabled = lines[7];
	try_rule(&t);
	free(text);
	return 0;
}
