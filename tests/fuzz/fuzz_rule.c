/*
 * Any text at all is a quantity or a rule, or it is refused with a sentence.
 *
 * The input is lines: when, for, clear, keep, severity, receivers, db, enabled,
 * over, forecast, repeat, only, message, and the rule's name.  An empty line is
 * a key that says nothing.
 */
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/rule.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/units.h"

#define NLINES	14

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

/* What every rule promises to those who step it. */
static void
check_rule(const struct rule *r)
{
	bool above = r->op == RULE_ABOVE;

	assert(above ? r->clear <= r->limit : r->clear >= r->limit);
	assert(isfinite(r->limit) && isfinite(r->clear));
	assert(r->times <= r->out_of && r->out_of <= 64);
	assert((r->times > 0) == (r->out_of > 0));
	assert(r->out_of == 0 || r->for_ms == 0);
	assert((r->of != WINDOW_NONE) == (r->over_ms > 0));
	assert((r->of == WINDOW_TREND) == (r->ahead_ms > 0));
	assert(r->for_ms >= 0 && r->keep_ms >= 0);
	for (int i = 0; i < SEVERITY_COUNT; i++)
		assert(r->repeat_ms[i] >= 0);
	if (!r->has_worse)
		return;
	assert(r->worse_severity > r->severity);
	assert(above ? r->worse > r->limit : r->worse < r->limit);
	assert(above ? r->worse_clear <= r->worse :
	    r->worse_clear >= r->worse);
}

/* A time of the week is printed as it may be written. */
static void
try_calendar(const char *text)
{
	struct calendar c, again;
	struct buf b;
	struct err e;

	if (calendar_parse(&c, text, &e) == -1)
		return;
	assert(c.days > 0 && c.days < 0x80);
	for (int64_t hour = 0; hour < 7 * 24; hour++)
		(void)calendar_has(&c, hour * 3600000);
	buf_init(&b, 200);
	calendar_print(&b, &c);
	assert(buf_ok(&b) && calendar_parse(&again, b.data, &e) == 0);
	assert(memcmp(&c, &again, sizeof c) == 0);
	buf_free(&b);
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
	check_rule(&r);
	buf_init(&b, 1 << 20);
	rule_print(&b, &r);
	(void)rule_receivers_have(r.receivers, "ops");
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
		try_calendar(line);
	}
	t.when = lines[0];
	t.for_ = lines[1];
	t.clear = lines[2];
	t.keep = lines[3];
	t.severity = lines[4];
	t.receivers = lines[5];
	t.db = lines[6];
	t.enabled = lines[7];
	t.over = lines[8];
	t.forecast = lines[9];
	t.repeat = lines[10];
	t.only = lines[11];
	t.message = lines[12];
	if (lines[13] != NULL)
		t.name = lines[13];
	try_rule(&t);
	free(text);
	return 0;
}
