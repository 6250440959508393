/*
 * fact_words - see fact_words.h.
 *
 * A comment above a function is what it writes.
 */
#include <math.h>

#include "alerts/fact_words.h"
#include "base/buf.h"
#include "base/clock.h"

#define DAY_MS		INT64_C(86400000)

/* How what is taken of a window is called: "the mean of write_rate over the
 * last 5m", and then "the mean". */
static const struct {
	const char	*before, *after, *noun;
} taken[] = {
	[WINDOW_NONE]	= { "", NULL, "it" },
	[WINDOW_AVG]	= { "the mean of ", " over the last ", "the mean" },
	[WINDOW_MAX]	= { "the greatest ", " of the last ", "the greatest" },
	[WINDOW_MIN]	= { "the least ", " of the last ", "the least" },
	[WINDOW_MEDIAN]	= { "the median of ", " over the last ",
			    "the median" },
	[WINDOW_P95]	= { "the 95th percentile of ", " over the last ",
			    "the 95th percentile" },
	[WINDOW_TREND]	= { "the forecast of ", NULL, "the forecast" },
};

void
fact_duration(struct buf *b, int64_t ms)
{
	char text[UNIT_TEXT_MAX];

	buf_adds(b, unit_print(text, UNIT_SECONDS,
	    ms > 0 ? (double)(ms < 10000 ? ms : ms / 1000 * 1000) / 1000 : 0));
}

void
fact_quantity(struct buf *b, const struct alert *a, double value)
{
	char text[UNIT_TEXT_MAX];

	buf_adds(b, unit_print(text, measures[a->rule->measure].unit, value));
}

static const char *
side(const struct rule *r)
{
	return r->op == RULE_ABOVE ? "above" : "below";
}

void
fact_limit(struct buf *b, const struct alert *a, double limit)
{
	buf_addf(b, "%s ", side(a->rule));
	fact_quantity(b, a, limit);
}

/* "the mean of write_rate over the last 5m" */
void
fact_subject(struct buf *b, const struct telling *t)
{
	const struct rule *r = t->alert->rule;

	buf_addf(b, "%s%s", taken[r->of].before, t->n->measure);
	if (taken[r->of].after == NULL)
		return;
	buf_adds(b, taken[r->of].after);
	fact_duration(b, r->over_ms);
}

/* "was above 5 in 3 of the last 5 looks" */
void
fact_looks(struct buf *b, const struct alert *a, const char *only)
{
	unsigned all = a->rule->out_of, n = a->nbits < all ? a->nbits : all;
	uint64_t mask = n < 64 ? (UINT64_C(1) << n) - 1 : UINT64_MAX;

	buf_adds(b, "was ");
	fact_limit(b, a, a->rule->limit);
	buf_addf(b, " in %s%d of the last %u looks", only,
	    __builtin_popcountll(alert_past(a)->bits & mask), n);
}

/* ", critical" for the second limit; nothing for the first. */
void
fact_raised(struct buf *b, const struct alert *a)
{
	if (a->raised)
		buf_addf(b, ", %s", severity_name(alert_severity(a)));
}

/* --- forecasts --------------------------------------------------------------
 *
 * The line leads from the last value, now, to the value that the rule judges,
 * ahead_ms from now.
 */

/* When it crosses the limit, in ms from now; -1: it does not. */
static int64_t
crossing_ms(const struct alert *a)
{
	double way = alert_limit(a) - a->last, all = a->value - a->last;
	double share = way / all;

	return isfinite(share) && share >= 0 && share <= 1 ?
	    (int64_t)(share * (double)a->rule->ahead_ms) : -1;
}

/* "in 12d, on 10 Dec" */
static void
add_day(struct buf *b, int64_t in_ms, int64_t now_ms)
{
	char text[CLOCK_TEXT_MAX];

	buf_adds(b, "in ");
	fact_duration(b, in_ms < 2 * DAY_MS ? in_ms : in_ms / DAY_MS * DAY_MS);
	buf_addf(b, ", on %s", clock_day(text, now_ms + in_ms, now_ms));
}

/* "database_size is 8.10 GB now, and at the pace of the last 7d will be above
 * 10.0 GB in 12d, on 10 Dec" */
void
fact_forecast(struct buf *b, const struct telling *t)
{
	const struct alert *a = t->alert;
	int64_t in_ms = crossing_ms(a);

	buf_addf(b, "%s is ", t->n->measure);
	fact_quantity(b, a, a->last);
	if (rule_is_beyond(a->rule, a->last, alert_limit(a))) {
		buf_adds(b, ", ");
		fact_limit(b, a, alert_limit(a));
		buf_adds(b, " already");
	} else {
		buf_adds(b, " now");
	}
	buf_adds(b, ", and at the pace of the last ");
	fact_duration(b, a->rule->over_ms);
	buf_adds(b, " will be ");
	if (in_ms >= 0) {
		fact_limit(b, a, alert_limit(a));
		buf_adds(b, " ");
		add_day(b, in_ms, t->n->at_ms);
	} else {
		fact_quantity(b, a, a->value);
		buf_adds(b, " ");
		add_day(b, a->rule->ahead_ms, t->n->at_ms);
	}
	fact_raised(b, a);
}

/* "database_size is 7.00 GB, and at the pace of the last 7d will not be above
 * 10.0 GB within 30d" */
void
fact_no_forecast(struct buf *b, const struct telling *t)
{
	const struct rule *r = t->alert->rule;

	buf_addf(b, "%s is ", t->n->measure);
	fact_quantity(b, t->alert, t->alert->last);
	buf_adds(b, ", and at the pace of the last ");
	fact_duration(b, r->over_ms);
	buf_adds(b, " will not be ");
	fact_limit(b, t->alert, r->limit);
	buf_adds(b, " within ");
	fact_duration(b, r->ahead_ms);
}

/* --- the figures, together --------------------------------------------------
 */

/* "write_rate is 62.0/s, above 50.0/s", "the database cannot be read (up is
 * 0)".  One that was raised may be back
 * between the two limits. */
void
fact_beyond(struct buf *b, const struct telling *t)
{
	const struct alert *a = t->alert;
	bool all = rule_is_beyond(a->rule, a->value, alert_limit(a));
	const char *flag = fact_flag(a->rule, true);

	if (a->rule->of == WINDOW_TREND) {
		fact_forecast(b, t);
		return;
	}
	if (flag != NULL && all) {
		buf_addf(b, "%s (%s is ", flag, t->n->measure);
		fact_quantity(b, a, a->value);
		buf_adds(b, ")");
		return;
	}
	fact_subject(b, t);
	buf_adds(b, " is ");
	fact_quantity(b, a, a->value);
	buf_adds(b, ", ");
	fact_limit(b, a, all ? alert_limit(a) : a->rule->limit);
	if (all)
		fact_raised(b, a);
}

/* "readers is 7, and was above 5 in 3 of the last 5 looks" */
void
fact_often(struct buf *b, const struct telling *t)
{
	const struct alert *a = t->alert;

	fact_subject(b, t);
	buf_adds(b, " is ");
	fact_quantity(b, a, a->value);
	if (a->raised) {
		buf_adds(b, ", ");
		fact_limit(b, a, alert_limit(a));
		fact_raised(b, a);
	}
	buf_adds(b, ", and ");
	fact_looks(b, a, "");
}

/* "; it was 62.0/s when last seen" */
void
fact_last_seen(struct buf *b, const struct telling *t)
{
	if (!isfinite(t->alert->value))
		return;
	buf_addf(b, "; %s was ", taken[t->alert->rule->of].noun);
	fact_quantity(b, t->alert, t->alert->value);
	buf_adds(b, " when last seen");
}
