/*
 * notification_fact - the first sentence of a notification: what was measured.
 *
 * Every story has a function, which writes what stands in the comment above it.
 */
#include "alerts/clean.h"
#include "alerts/fact_words.h"
#include "base/buf.h"

#define DB_SHOWN	100	/* bytes of a name within a sentence */

/* "write_rate is 62.0/s, above 50.0/s for 5m."  Or, when it begins beyond the
 * second limit: "is 120/s, above 100/s, critical, and has been above 50.0/s for
 * 5m." */
static void
say_fired(struct buf *b, const struct telling *t)
{
	const struct alert *a = t->alert;

	if (a->rule->times > 0) {
		fact_often(b, t);
		buf_adds(b, ".");
		return;
	}
	fact_beyond(b, t);
	if (a->rule->for_ms > 0 && a->rule->of == WINDOW_TREND) {
		buf_adds(b, "; it has looked so");
	} else if (a->rule->for_ms > 0 && a->raised) {
		buf_adds(b, ", and has been ");
		fact_limit(b, a, a->rule->limit);
	}
	if (a->rule->for_ms > 0) {
		buf_adds(b, " for ");
		fact_duration(b, a->rule->for_ms);
	}
	buf_adds(b, ".");
}

/* "write_rate is 120/s and has risen above 100/s, critical; the alert has been
 * firing for 12m." */
static void
say_raised(struct buf *b, const struct telling *t)
{
	const struct alert *a = t->alert;

	if (a->rule->of == WINDOW_TREND) {
		fact_forecast(b, t);
	} else {
		fact_subject(b, t);
		buf_adds(b, " is ");
		fact_quantity(b, a, a->value);
		buf_addf(b, " and has %s ", a->rule->op == RULE_ABOVE ?
		    "risen" : "fallen");
		fact_limit(b, a, alert_limit(a));
		fact_raised(b, a);
	}
	buf_adds(b, "; the alert has been firing for ");
	fact_duration(b, t->n->at_ms - alert_past(a)->fired.wall_ms);
	buf_adds(b, ".");
}

/* "write_rate is 48.0/s, not back below 45.0/s" */
static void
say_not_back(struct buf *b, const struct telling *t)
{
	const struct alert *a = t->alert;

	fact_subject(b, t);
	buf_adds(b, " is ");
	fact_quantity(b, a, a->value);
	buf_addf(b, ", not back %s ", a->rule->op == RULE_ABOVE ? "below" :
	    "above");
	fact_quantity(b, a, a->rule->clear);
}

/* "write_rate is 62.0/s, above 50.0/s; the alert has been firing for 4h
 * 10m." */
static void
say_reminder(struct buf *b, const struct telling *t)
{
	const struct alert *a = t->alert;

	if (a->rule->times > 0)
		fact_often(b, t);
	else if (a->rule->of == WINDOW_TREND ||
	    rule_is_beyond(a->rule, a->value, a->rule->limit))
		fact_beyond(b, t);
	else
		say_not_back(b, t);
	buf_adds(b, "; the alert has been firing for ");
	fact_duration(b, t->n->at_ms - alert_past(a)->fired.wall_ms);
	buf_adds(b, ".");
}

/* "write_rate is 62.0/s, above 50.0/s; it flaps no more, for it has stayed so
 * for 31m." */
static void
say_settled(struct buf *b, const struct telling *t)
{
	fact_beyond(b, t);
	buf_adds(b, "; it flaps no more, for it has stayed so for ");
	fact_duration(b, t->n->at_ms - t->alert->since.wall_ms);
	buf_adds(b, ".");
}

/* "write_rate is 12.0/s again, no longer above 50.0/s; the alert lasted 12m."
 */
static void
say_resolved(struct buf *b, const struct telling *t)
{
	const struct alert *a = t->alert;

	if (a->rule->of == WINDOW_TREND) {
		fact_no_forecast(b, t);
	} else if (fact_flag(a->rule, false) != NULL) {
		buf_adds(b, fact_flag(a->rule, false));
	} else {
		fact_subject(b, t);
		buf_adds(b, " is ");
		fact_quantity(b, a, a->value);
		if (a->rule->times > 0) {
			buf_adds(b, ", and ");
			fact_looks(b, a, "only ");
		} else {
			buf_adds(b, " again, no longer ");
			fact_limit(b, a, a->rule->limit);
		}
	}
	buf_adds(b, "; the alert lasted ");
	fact_duration(b, a->since.mono_ms - alert_past(a)->fired.mono_ms);
	buf_adds(b, ".");
}

/* "write_rate is 12.0/s, and the alert has not fired for 30m: it flaps no
 * more." */
static void
say_calm(struct buf *b, const struct telling *t)
{
	fact_subject(b, t);
	buf_adds(b, " is ");
	fact_quantity(b, t->alert, t->alert->value);
	buf_adds(b, ", and the alert has not fired for ");
	fact_duration(b, t->n->at_ms - t->alert->since.wall_ms);
	buf_adds(b, ": it flaps no more.");
}

/* "the database is not watched any more, so the alert about write_rate is
 * closed; it was 62.0/s when last seen." */
static void
say_unwatched(struct buf *b, const struct telling *t)
{
	buf_addf(b, "the database is not watched any more, so the alert about "
	    "%s is closed", t->n->measure);
	fact_last_seen(b, t);
	buf_adds(b, ".");
}

static void
say_unruled(struct buf *b, const struct telling *t)
{
	buf_addf(b, "%s is not watched here any more, so the alert is closed",
	    t->n->measure);
	fact_last_seen(b, t);
	buf_adds(b, ".");
}

/* "write_rate has had no value for 2m; it was 62.0/s when last seen, and the
 * alert is still open." */
static void
say_no_data(struct buf *b, const struct telling *t)
{
	int64_t known_ms = t->n->at_ms - t->alert->since.wall_ms;

	buf_addf(b, "%s has had no value for ", t->n->measure);
	fact_duration(b, ALERT_BLIND_MS + (known_ms > 0 ? known_ms : 0));
	fact_last_seen(b, t);
	buf_adds(b, ", and the alert is still open.");
}

/* "write_rate goes above 50.0/s and back again and again, 5 times within 1h;
 * nothing more is said of it until it has been calm for 30m." */
static void
say_flaps(struct buf *b, const struct telling *t)
{
	fact_subject(b, t);
	buf_adds(b, " goes ");
	fact_limit(b, t->alert, t->alert->rule->limit);
	buf_addf(b, " and back again and again, %d times within ",
	    ALERT_FIRES);
	fact_duration(b, ALERT_FLAP_MS);
	buf_adds(b, "; nothing more is said of it until it has been calm for ");
	fact_duration(b, ALERT_CALM_MS);
	buf_adds(b, ".");
}

static void
say_test(struct buf *b, const struct telling *t)
{
	buf_addf(b, "this is a test message from litegauge on %.*s; nothing is "
	    "wrong.", (int)clean_fit(t->n->host, DB_SHOWN), t->n->host);
}

static void (*const facts[STORY_COUNT])(struct buf *, const struct telling *) =
{
	[STORY_FIRED]	  = say_fired,
	[STORY_RAISED]	  = say_raised,
	[STORY_REMINDER]  = say_reminder,
	[STORY_SETTLED]	  = say_settled,
	[STORY_RESOLVED]  = say_resolved,
	[STORY_CALM]	  = say_calm,
	[STORY_UNWATCHED] = say_unwatched,
	[STORY_UNRULED]	  = say_unruled,
	[STORY_NO_DATA]	  = say_no_data,
	[STORY_FLAPS]	  = say_flaps,
	[STORY_TEST]	  = say_test,
};

/* Its state began long ago: it was told to flap, and has been calm since. */
static bool
was_calm(const struct telling *t)
{
	return t->n->at_ms - t->alert->since.wall_ms >= ALERT_CALM_MS;
}

enum story
story_of(const struct telling *t)
{
	switch (t->what) {
	case ALERT_FIRED:
		return was_calm(t) ? STORY_SETTLED : STORY_FIRED;
	case ALERT_RESOLVED:
		return was_calm(t) ? STORY_CALM : STORY_RESOLVED;
	case ALERT_DROPPED:
		return t->scene->unwatched ? STORY_UNWATCHED : STORY_UNRULED;
	case ALERT_LOST:
		return STORY_NO_DATA;
	case ALERT_RAISED:
		return STORY_RAISED;
	case ALERT_REPEATED:
		return t->alert->state == ALERT_NO_DATA ? STORY_NO_DATA :
		    STORY_REMINDER;
	case ALERT_FLAPS:
		return STORY_FLAPS;
	case ALERT_NOTHING:
	case ALERT_CHANGES:
		break;
	}
	return STORY_TEST;
}

void
fact_say(struct buf *b, enum story s, const struct telling *t)
{
	buf_addf(b, "%.*s: ", (int)clean_fit(t->n->db, DB_SHOWN), t->n->db);
	facts[s](b, t);
}
