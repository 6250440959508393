/*
 * alert - see alert.h.
 *
 * A value is first held against the rule (struct look); then the state's own
 * function says what becomes of it.  Flapping lies over that: what it keeps
 * quiet still happens, and only the word of it is swallowed.
 */
#include <math.h>
#include <string.h>

#include "alerts/alert.h"
#include "base/mem.h"

/* What a value is for a rule, at one moment. */
struct look {
	double		 value;
	bool		 bad, good;	/* beyond the limit; within clear */
	bool		 worse, mild;	/* the same of the second limit */
	bool		 open;		/* the calendar lets it begin */
	bool		 thin;		/* too little is known */
	struct now	 now;
};

static bool
is_within(const struct rule *r, double value, double clear)
{
	return r->op == RULE_ABOVE ? value <= clear : value >= clear;
}

static void
look_at(struct look *l, const struct alert *a, double value, struct now now)
{
	const struct rule *r = a->rule;

	*l = (struct look){
		.value	= value,
		.bad	= rule_is_beyond(r, value, r->limit),
		.good	= is_within(r, value, r->clear),
		.worse	= r->has_worse && rule_is_beyond(r, value, r->worse),
		.mild	= !r->has_worse || is_within(r, value, r->worse_clear),
		.open	= rule_is_open(r, now.wall_ms),
		.now	= now,
	};
	/* Only what would begin or end something has to be known well. */
	if (a->window != NULL && (l->bad || a->state == ALERT_FIRING))
		l->thin = window_is_thin(a->window, now.mono_ms);
}

static bool
may_begin(const struct look *l)
{
	return l->open && !l->thin;
}

/* --- so long, or so many of the last values ------------------------------- */

static uint64_t
last_of(const struct rule *r, uint64_t bits)
{
	return r->out_of >= 64 ? bits :
	    bits & ((UINT64_C(1) << r->out_of) - 1);
}

static bool
are_many(const struct rule *r, uint64_t bits)
{
	return r->times > 0 &&
	    (unsigned)__builtin_popcountll(last_of(r, bits)) >= r->times;
}

static void
forget_progress(struct alert *a)
{
	a->past->bits = a->past->worse_bits = 0;
	a->nbits = 0;
	a->past->worse_ms = 0;
}

static void
count(struct alert *a, const struct look *l)
{
	const struct rule *r = a->rule;

	a->past->bits = last_of(r, a->past->bits << 1 | l->bad);
	a->past->worse_bits = last_of(r, a->past->worse_bits << 1 | l->worse);
	if (a->nbits < 64)
		a->nbits++;
}

/* What is counted before the state is asked. */
static void
take_note(struct alert *a, const struct look *l)
{
	if (!l->open)
		forget_progress(a);
	if (!may_begin(l))
		return;
	if (a->rule->times > 0)
		count(a, l);
	if (l->mild)
		a->past->worse_ms = 0;
	else if (l->worse && a->past->worse_ms == 0)
		a->past->worse_ms = l->now.mono_ms;
}

/* Beyond the second limit as the rule demands it. */
static bool
is_raised(const struct alert *a, const struct look *l)
{
	const struct rule *r = a->rule;

	if (!l->worse || !may_begin(l))
		return false;
	return r->times > 0 ? are_many(r, a->past->worse_bits) :
	    l->now.mono_ms - a->past->worse_ms >= r->for_ms;
}

/* --- moving, and what is said of it --------------------------------------- */

static void
move(struct alert *a, enum alert_state to, struct now now)
{
	a->state = to;
	a->since = now;
	if (a->past != NULL)
		a->past->good_ms = 0;
}

/* It is said to fire, or to fire worse: unless that is so often that it flaps.
 */
static enum alert_change
say(struct alert *a, struct now now, enum alert_change what)
{
	int64_t oldest = a->past->fires[ALERT_FIRES - 2];

	a->past->said_ms = now.mono_ms;
	if (a->flapping)
		return ALERT_NOTHING;
	memmove(&a->past->fires[1], &a->past->fires[0],
	    (ALERT_FIRES - 1) * sizeof *a->past->fires);
	a->past->fires[0] = now.mono_ms;
	a->flapping = oldest != 0 && now.mono_ms - oldest < ALERT_FLAP_MS;
	return a->flapping ? ALERT_FLAPS : what;
}

static enum alert_change
fire(struct alert *a, const struct look *l)
{
	a->announced = true;
	a->raised = is_raised(a, l);
	a->past->fired = l->now;
	move(a, ALERT_FIRING, l->now);
	return say(a, l->now, ALERT_FIRED);
}

static enum alert_change
resolve(struct alert *a, struct now now)
{
	a->announced = false;
	a->past->worse_ms = 0;
	move(a, ALERT_OK, now);
	if (!a->flapping)
		return ALERT_RESOLVED;
	a->past->said_ms = now.mono_ms;
	return ALERT_NOTHING;
}

/* It has been calm for long enough: the true state is told. */
static enum alert_change
calm(struct alert *a, const struct look *l)
{
	bool fires = a->state == ALERT_FIRING;

	if (l->now.mono_ms - a->past->said_ms < ALERT_CALM_MS ||
	    (fires ? !l->open || a->past->good_ms != 0 : a->state != ALERT_OK))
		return ALERT_NOTHING;
	a->flapping = false;
	memset(a->past->fires, 0, sizeof a->past->fires);
	a->past->said_ms = l->now.mono_ms;
	return fires ? ALERT_FIRED : ALERT_RESOLVED;
}

/* --- the states ----------------------------------------------------------- */

static enum alert_change
step_ok(struct alert *a, const struct look *l)
{
	const struct rule *r = a->rule;

	if (!l->bad || !may_begin(l))
		return ALERT_NOTHING;
	if (r->times > 0 ? are_many(r, a->past->bits) : r->for_ms == 0)
		return fire(a, l);
	move(a, ALERT_PENDING, l->now);
	return ALERT_NOTHING;
}

static enum alert_change
step_pending(struct alert *a, const struct look *l)
{
	const struct rule *r = a->rule;
	bool due = r->times > 0 ? are_many(r, a->past->bits) :
	    l->now.mono_ms - a->since.mono_ms >= r->for_ms;
	bool over = r->times > 0 ? a->past->bits == 0 : l->good;

	if (over || !l->open)
		move(a, ALERT_OK, l->now);
	else if (l->bad && due && !l->thin)
		return fire(a, l);
	return ALERT_NOTHING;
}

/* Good, known to be, and for as long as the rule demands it. */
static bool
has_ended(struct alert *a, const struct look *l)
{
	if (l->bad)
		a->past->good_ms = 0;
	if (!l->good || l->thin || are_many(a->rule, a->past->bits))
		return false;
	if (a->past->good_ms == 0)
		a->past->good_ms = l->now.mono_ms;
	return l->now.mono_ms - a->past->good_ms >= a->rule->keep_ms;
}

/* The second limit: up is news, back down is not. */
static enum alert_change
step_severity(struct alert *a, const struct look *l)
{
	if (!a->raised && is_raised(a, l)) {
		a->raised = true;
		return say(a, l->now, ALERT_RAISED);
	}
	if (a->raised && l->mild && !l->thin &&
	    !are_many(a->rule, a->past->worse_bits))
		a->raised = false;
	return ALERT_NOTHING;
}

static enum alert_change
step_repeat(struct alert *a, const struct look *l)
{
	int64_t due = alert_repeat_ms(a);

	if (due == 0 || l->now.mono_ms < due || !l->open ||
	    a->past->good_ms != 0)
		return ALERT_NOTHING;
	a->past->said_ms = l->now.mono_ms;
	return ALERT_REPEATED;
}

static enum alert_change
step_firing(struct alert *a, const struct look *l)
{
	enum alert_change what;

	if (has_ended(a, l))
		return resolve(a, l->now);
	what = step_severity(a, l);
	return what != ALERT_NOTHING ? what : step_repeat(a, l);
}

/* Still blind: what is open is said again as if it fired.  To flap was to be
 * quiet, but only for as long as that can be seen to go on. */
static enum alert_change
say_blind(struct alert *a, struct now now)
{
	bool flapped = a->flapping &&
	    now.mono_ms - a->past->said_ms >= ALERT_CALM_MS;
	int64_t due = alert_repeat_ms(a);

	if (!flapped && (due == 0 || now.mono_ms < due ||
	    !rule_is_open(a->rule, now.wall_ms)))
		return ALERT_NOTHING;
	a->past->said_ms = now.mono_ms;
	if (!flapped)
		return ALERT_REPEATED;
	a->flapping = false;
	a->announced = true;	/* that it flaps was; so is its end */
	memset(a->past->fires, 0, sizeof a->past->fires);
	return ALERT_LOST;
}

static enum alert_change
go_blind(struct alert *a, struct now now)
{
	if (a->past != NULL) {
		a->past->worse_ms = 0;
		a->past->said_ms = now.mono_ms;
	}
	move(a, ALERT_NO_DATA, now);
	return a->announced && !a->flapping ? ALERT_LOST : ALERT_NOTHING;
}

/* Nothing was seen.  A short gap is only that; a long one is a state, or the
 * end of what is not to be seen any more.  Where nothing ever was, nothing is
 * missed: an app may have no replica. */
static enum alert_change
step_blind(struct alert *a, struct now now)
{
	if (a->state == ALERT_OK && (a->off || isnan(a->last)))
		return ALERT_NOTHING;
	if (a->blind_ms == 0)
		a->blind_ms = now.mono_ms;
	if (a->state != ALERT_NO_DATA &&
	    now.mono_ms - a->blind_ms < ALERT_BLIND_MS)
		return ALERT_NOTHING;
	if (a->off)
		return alert_drop(a, now);
	return a->state == ALERT_NO_DATA ? say_blind(a, now) :
	    go_blind(a, now);
}

/* Sight is back: go on where it was lost. */
static void
wake(struct alert *a, struct now now)
{
	a->blind_ms = 0;
	if (a->state != ALERT_NO_DATA)
		return;
	move(a, a->announced ? ALERT_FIRING : ALERT_OK, now);
	if (a->flapping)
		a->past->said_ms = now.mono_ms;
}

/* The value as the rule judges it. */
static double
take(struct alert *a, double value, struct now now)
{
	a->last = value;
	if (a->window != NULL) {
		window_add(a->window, now.mono_ms, value);
		value = window_value(a->window, a->rule->of, now.mono_ms,
		    a->rule->ahead_ms);
	}
	if (!isnan(value))
		a->value = value;
	return value;
}

/* Most alerts never have anything to remember: it is kept apart. */
static bool
has_past(struct alert *a, const struct look *l)
{
	if (a->past == NULL && (l->bad || a->state != ALERT_OK))
		NEW(a->past);
	if (a->past == NULL && a->rule->times > 0 && may_begin(l) &&
	    a->nbits < 64)
		a->nbits++;		/* a good one */
	return a->past != NULL;
}

static void
let_go(struct alert *a, struct now now)
{
	if (now.mono_ms - a->past->fires[0] >= ALERT_FLAP_MS)
		memset(a->past->fires, 0, sizeof a->past->fires);
	if (!alert_is_plain(a) || a->past->unsaved)
		return;
	alert_forget(a);
}

enum alert_change
alert_step(struct alert *a, double value, struct now now)
{
	static enum alert_change (*const steps[])(struct alert *,
	    const struct look *) = {
		[ALERT_OK]	= step_ok,
		[ALERT_PENDING]	= step_pending,
		[ALERT_FIRING]	= step_firing,
	};
	enum alert_change what;
	struct look l;

	if (isnan(value))
		return step_blind(a, now);
	wake(a, now);
	if (a->state == ALERT_OK)
		a->raised = false;	/* kept for the word of its end */
	value = take(a, value, now);
	if (isnan(value))
		return ALERT_NOTHING;	/* no line through one point */
	look_at(&l, a, value, now);
	if (!has_past(a, &l))
		return ALERT_NOTHING;
	take_note(a, &l);
	what = steps[a->state](a, &l);
	if (a->flapping && what == ALERT_NOTHING)
		what = calm(a, &l);
	if (what == ALERT_NOTHING && a->state == ALERT_OK)
		let_go(a, now);
	return what;
}
