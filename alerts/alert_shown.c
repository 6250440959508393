/*
 * alert_shown - what others ask of an alert.
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

const struct past *
alert_past(const struct alert *a)
{
	static const struct past none;

	return a->past != NULL ? a->past : &none;
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

int64_t
alert_repeat_ms(const struct alert *a)
{
	int64_t every = a->rule->repeat_ms[alert_severity(a)];
	bool open = a->state == ALERT_FIRING ||
	    (a->state == ALERT_NO_DATA && a->announced);

	return !open || a->flapping || every == 0 ? 0 :
	    alert_past(a)->said_ms + every;
}

int64_t
alert_repeat_at(const struct alert *a, struct now now)
{
	int64_t due = alert_repeat_ms(a);

	return due == 0 || a->silenced || due < now.mono_ms ? 0 :
	    now.wall_ms + (due - now.mono_ms);
}

bool
alert_is_muted(const struct alert *a)
{
	return (a->announced || a->flapping) && !a->known;
}

/* The same value as before, and no bad one. */
static bool
is_no_news(const struct alert *a, double value)
{
	if (isnan(value))
		return isnan(a->last);
	return value == a->last && value == a->value &&
	    !rule_is_beyond(a->rule, value, a->rule->limit);
}

/* A window has to be told of the time, and who counts values of each. */
bool
alert_is_at_rest(const struct alert *a, double value)
{
	return a->state == ALERT_OK && a->past == NULL && !a->raised &&
	    a->window == NULL && a->rule->times == 0 && a->blind_ms == 0 &&
	    is_no_news(a, value);
}

bool
alert_is_plain(const struct alert *a)
{
	return (a->state == ALERT_OK || a->state == ALERT_NO_DATA) &&
	    !a->announced && !a->flapping &&
	    alert_past(a)->bits == 0 && alert_past(a)->fires[0] == 0;
}

/* In alert.told: it was told as this; the last time it was the worse. */
#define TOLD_MILD	1u
#define TOLD_WORSE	2u
#define TOLD_WORSE_LAST	4u

void
alert_told(struct alert *a, bool ends)
{
	unsigned told = a->told & (TOLD_MILD | TOLD_WORSE);

	told |= a->raised ? TOLD_WORSE | TOLD_WORSE_LAST : TOLD_MILD;
	a->told = ends ? 0 : told & 7;
}

const char *
alert_before(const struct alert *a, bool ends)
{
	const struct rule *r = a->rule;
	unsigned other = a->raised ? TOLD_MILD : TOLD_WORSE;
	bool changes = a->raised != ((a->told & TOLD_WORSE_LAST) != 0);

	if (!r->has_worse || (a->told & other) == 0 || (!ends && !changes))
		return NULL;
	return severity_name(a->raised ? r->severity : r->worse_severity);
}
