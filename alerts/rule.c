/*
 * rule - see rule.h; rule_parse.c has the way from text to rule.
 */
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/rule.h"
#include "base/buf.h"

static const char *const severity_names[] = {
	[SEVERITY_INFO]		= "info",
	[SEVERITY_WARNING]	= "warning",
	[SEVERITY_CRITICAL]	= "critical",
};

const char *
severity_name(enum severity s)
{
	return severity_names[s];
}

void
rule_done(struct rule *r)
{
	free(r->name);
	free(r->receivers);
	free(r->db);
	free(r->message);
	*r = (struct rule){ 0 };
}

static void
add_quantity(struct buf *b, const struct rule *r, const char *before, double v)
{
	char text[UNIT_TEXT_MAX];

	buf_addf(b, "%s%s", before,
	    unit_print(text, measures[r->measure].unit, v));
}

static void
add_ms(struct buf *b, const char *before, int64_t ms)
{
	char text[UNIT_TEXT_MAX];

	buf_addf(b, "%s%s", before,
	    unit_print(text, UNIT_SECONDS, (double)ms / 1000));
}

/* "median of write_rate over 1h above 50.0/s for 5m" */
static void
add_condition(struct buf *b, const struct rule *r)
{
	static const char *const of[] = {
		[WINDOW_NONE]	= "",		[WINDOW_AVG]	= "avg of ",
		[WINDOW_MAX]	= "max of ",	[WINDOW_MIN]	= "min of ",
		[WINDOW_MEDIAN]	= "median of ",	[WINDOW_P95]	= "p95 of ",
		[WINDOW_TREND]	= "",
	};

	buf_addf(b, "%s%s", of[r->of], measures[r->measure].name);
	if (r->of != WINDOW_NONE && r->of != WINDOW_TREND)
		add_ms(b, " over ", r->over_ms);
	add_quantity(b, r, r->op == RULE_ABOVE ? " above " : " below ",
	    r->limit);
	if (r->of == WINDOW_TREND) {
		add_ms(b, " within ", r->ahead_ms);
		add_ms(b, " by the trend of ", r->over_ms);
	}
	if (r->out_of > 0)
		buf_addf(b, " in %u of %u values", r->times, r->out_of);
	if (r->for_ms > 0)
		add_ms(b, " for ", r->for_ms);
}

/* ", severity warning, critical above 100/s, repeated every 1d, critical every
 * 4h"; what is said once says nothing of it. */
static void
add_severity(struct buf *b, const struct rule *r)
{
	int64_t base = r->repeat_ms[r->severity];
	int64_t worse = r->has_worse ? r->repeat_ms[r->worse_severity] : base;

	buf_addf(b, ", severity %s", severity_name(r->severity));
	if (r->has_worse) {
		buf_addf(b, ", %s", severity_name(r->worse_severity));
		add_quantity(b, r, r->op == RULE_ABOVE ? " above " : " below ",
		    r->worse);
	}
	if (base > 0)
		add_ms(b, ", repeated every ", base);
	if (worse > 0 && worse != base) {
		buf_addf(b, ", %s%s", severity_name(r->worse_severity),
		    base > 0 ? "" : " repeated");
		add_ms(b, " every ", worse);
	}
}

/* Good is at the clear and beyond; where nothing is beyond, or the limit is
 * there, it is "at". */
static void
add_clear(struct buf *b, const struct rule *r)
{
	bool above = r->op == RULE_ABOVE;
	bool end = r->clear == r->limit || (above ? r->clear <= 0 :
	    r->clear >= 1 && measure_range(r->measure) != RANGE_OPEN);

	add_quantity(b, r, end ? ", clears at " : above ? ", clears below " :
	    ", clears above ", r->clear);
	if (r->keep_ms > 0)
		add_ms(b, " for ", r->keep_ms);
}

void
rule_print(struct buf *b, const struct rule *r)
{
	add_condition(b, r);
	add_clear(b, r);
	add_severity(b, r);
	if (r->only.days != 0) {
		buf_adds(b, ", only ");
		calendar_print(b, &r->only);
	}
	if (r->db != NULL)
		buf_addf(b, ", databases %s", r->db);
	if (r->receivers != NULL)
		buf_addf(b, ", to %s", r->receivers);
	if (r->message != NULL)
		buf_adds(b, ", with a next step of its own");
}

bool
rule_receivers_have(const char *list, const char *receiver)
{
	size_t want = strlen(receiver);

	if (list == NULL)
		return true;
	for (const char *c = list; *c != '\0'; ) {
		size_t n;

		c += strspn(c, ", \t");
		n = strcspn(c, ", \t");
		if (n == want && n > 0 && memcmp(c, receiver, n) == 0)
			return true;
		c += n;
	}
	return false;
}

bool
rule_is_open(const struct rule *r, int64_t wall_ms)
{
	return r->only.days == 0 || calendar_has(&r->only, wall_ms);
}

bool
rule_is_beyond(const struct rule *r, double value, double limit)
{
	return r->op == RULE_ABOVE ? value > limit : value < limit;
}

/* Thousands of rules may name one of thousands of databases each. */
bool
rule_watches(const struct rule *r, const char *db)
{
	if (r->db == NULL)
		return true;
	if (r->db[strcspn(r->db, "*?[\\")] == '\0')
		return strcmp(r->db, db) == 0;
	return fnmatch(r->db, db, 0) == 0;
}
