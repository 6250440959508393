/*
 * alert - see alert.h.
 */
#include <math.h>

#include "alerts/alert.h"

static const char *const state_names[] = {
	[ALERT_OK]	= "ok",
	[ALERT_PENDING]	= "pending",
	[ALERT_FIRING]	= "firing",
	[ALERT_NO_DATA]	= "no_data",
	[ALERT_SILENCED] = "silenced",
};

const char *
alert_state_name(enum alert_state s)
{
	return state_names[s];
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
	a->value = a->last = value;
	/* Sight is back: go on where it was lost, with this value. */
	if (a->state == ALERT_NO_DATA)
		(void)move(a, a->announced ? ALERT_FIRING : ALERT_OK, now,
		    ALERT_NOTHING);
	return steps[a->state](a, value, now);
}

enum alert_state
alert_shown(const struct alert *a)
{
	return a->silenced &&
	    (a->state == ALERT_FIRING || a->state == ALERT_NO_DATA) ?
	    ALERT_SILENCED : a->state;
}

enum severity
alert_severity(const struct alert *a)
{
	return a->raised ? a->rule->worse_severity : a->rule->severity;
}

double
alert_limit(const struct alert *a)
{
	return a->raised ? a->rule->worse : a->rule->limit;
}
