/*
 * rule - see rule.h; rule_parse.c has the way from text to rule.
 */
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/buf.h"
#include "alerts/rule.h"

static const char *const state_names[] = {
	[ALERT_OK]	= "ok",
	[ALERT_PENDING]	= "pending",
	[ALERT_FIRING]	= "firing",
	[ALERT_NO_DATA]	= "no_data",
};

static const char *const severity_names[] = {
	[SEVERITY_INFO]		= "info",
	[SEVERITY_WARNING]	= "warning",
	[SEVERITY_CRITICAL]	= "critical",
};

const char *
alert_state_name(enum alert_state s)
{
	return state_names[s];
}

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
	*r = (struct rule){ 0 };
}

void
rule_print(struct buf *b, const struct rule *r)
{
	const struct measure *m = &measures[r->measure];
	bool above = r->op == RULE_ABOVE;
	char text[UNIT_TEXT_MAX];

	buf_addf(b, "%s %s %s", m->name, above ? "above" : "below",
	    unit_print(text, m->unit, r->limit));
	if (r->for_ms > 0)
		buf_addf(b, " for %s", unit_print(text, UNIT_SECONDS,
		    (double)r->for_ms / 1000));
	buf_addf(b, ", clears %s %s", above ? "below" : "above",
	    unit_print(text, m->unit, r->clear));
	if (r->keep_ms > 0)
		buf_addf(b, " for %s", unit_print(text, UNIT_SECONDS,
		    (double)r->keep_ms / 1000));
	buf_addf(b, ", severity %s", severity_name(r->severity));
	if (r->db != NULL)
		buf_addf(b, ", databases %s", r->db);
	if (r->receivers != NULL)
		buf_addf(b, ", to %s", r->receivers);
}

bool
rule_names_receiver(const struct rule *r, const char *receiver)
{
	size_t want = strlen(receiver);

	if (r->receivers == NULL)
		return true;
	for (const char *c = r->receivers; *c != '\0'; ) {
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
rule_watches(const struct rule *r, const char *db)
{
	return r->db == NULL || fnmatch(r->db, db, 0) == 0;
}

static bool
is_bad(const struct rule *r, double value)
{
	return r->op == RULE_ABOVE ? value > r->limit : value < r->limit;
}

static bool
is_good(const struct rule *r, double value)
{
	return r->op == RULE_ABOVE ? value <= r->clear : value >= r->clear;
}

static enum alert_change
move(struct alert *a, enum alert_state to, struct now now,
    enum alert_change what)
{
	a->state = to;
	a->since = now;
	a->good_ms = 0;
	return what;
}

static enum alert_change
fire(struct alert *a, struct now now)
{
	a->announced = true;
	a->fired = now;
	return move(a, ALERT_FIRING, now, ALERT_FIRED);
}

/* Nothing was seen.  A short gap is only that; a long one is a state. */
static enum alert_change
step_blind(struct alert *a, struct now now)
{
	if (a->blind_ms == 0)
		a->blind_ms = now.mono_ms;
	if (a->state == ALERT_NO_DATA ||
	    now.mono_ms - a->blind_ms < ALERT_BLIND_MS)
		return ALERT_NOTHING;
	return move(a, ALERT_NO_DATA, now,
	    a->announced ? ALERT_LOST : ALERT_NOTHING);
}

static enum alert_change
step_ok(struct alert *a, double value, struct now now)
{
	if (!is_bad(a->rule, value))
		return ALERT_NOTHING;
	if (a->rule->for_ms == 0)
		return fire(a, now);
	return move(a, ALERT_PENDING, now, ALERT_NOTHING);
}

static enum alert_change
step_pending(struct alert *a, double value, struct now now)
{
	if (is_good(a->rule, value))
		return move(a, ALERT_OK, now, ALERT_NOTHING);
	if (is_bad(a->rule, value) &&
	    now.mono_ms - a->since.mono_ms >= a->rule->for_ms)
		return fire(a, now);
	return ALERT_NOTHING;
}

static enum alert_change
step_firing(struct alert *a, double value, struct now now)
{
	if (is_bad(a->rule, value))
		a->good_ms = 0;
	if (!is_good(a->rule, value))
		return ALERT_NOTHING;
	if (a->good_ms == 0)
		a->good_ms = now.mono_ms;
	if (now.mono_ms - a->good_ms < a->rule->keep_ms)
		return ALERT_NOTHING;
	a->announced = false;
	return move(a, ALERT_OK, now, ALERT_RESOLVED);
}

enum alert_change
alert_step(struct alert *a, double value, struct now now)
{
	static enum alert_change (*const steps[])(struct alert *, double,
	    struct now) = {
		[ALERT_OK]	= step_ok,
		[ALERT_PENDING]	= step_pending,
		[ALERT_FIRING]	= step_firing,
	};

	if (isnan(value))
		return step_blind(a, now);
	a->blind_ms = 0;
	a->value = value;
	/* Sight is back: go on where it was lost, with this value. */
	if (a->state == ALERT_NO_DATA)
		(void)move(a, a->announced ? ALERT_FIRING : ALERT_OK, now,
		    ALERT_NOTHING);
	return steps[a->state](a, value, now);
}
