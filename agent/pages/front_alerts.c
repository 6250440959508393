/*
 * front_alerts - the alerts that are not ok, for the page.
 *
 * What burns most comes first.  What fires is told in the three sentences that
 * its notification has; what may yet fire, and what is silenced, in one.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/announce/announcement.h"
#include "agent/announce/silencing.h"
#include "agent/pages/front.h"
#include "agent/pages/front_parts.h"
#include "alerts/alerts.h"
#include "alerts/fact_words.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

static const char *const severity_class[] = {
	[SEVERITY_INFO]	    = "",
	[SEVERITY_WARNING]  = "warn",
	[SEVERITY_CRITICAL] = "bad",
};

/* A row of the table. */
struct shown {
	const struct alert_set	*set;
	const struct alert	*alert;
	int			 rank;		/* the least comes first */
	size_t			 place;		/* among its equals */
};

struct list {
	struct shown	*rows;		/* owned */
	size_t		 n, cap;
};

/* A firing alert and one that lost sight of what fired burn alike; what is
 * silenced, or never fired, does not. */
static int
rank_of(const struct alert *al)
{
	int mild = SEVERITY_CRITICAL - (int)alert_severity(al);

	switch (alert_shown(al)) {
	case ALERT_FIRING:
		return 2 * mild;
	case ALERT_NO_DATA:
		return al->announced ? 2 * mild + 1 :
		    3 * SEVERITY_COUNT + mild;
	case ALERT_PENDING:
		return 2 * SEVERITY_COUNT + mild;
	case ALERT_SILENCED:
		return 4 * SEVERITY_COUNT + mild;
	case ALERT_OK:
	case ALERT_STATE_COUNT:
		break;
	}
	return -1;
}

static void
gather(struct list *l, const struct agent *a)
{
	const struct alert_set *set;

	for (set = alerts_first(a->alerts); set != NULL; set = set->next)
		for (size_t i = 0; i < set->nalerts; i++) {
			const struct alert *al = &set->alerts[i];
			int rank = rank_of(al);

			if (rank == -1)
				continue;
			MEM_ROOM(l->rows, l->n, l->cap);
			l->rows[l->n] = (struct shown){ set, al, rank, l->n };
			l->n++;
		}
}

static int
compare(const void *x, const void *y)
{
	const struct shown *a = x, *b = y;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return a->place < b->place ? -1 : a->place > b->place;
}

static bool
burns(const struct alert *al)
{
	enum alert_state s = alert_shown(al);

	return s == ALERT_FIRING || (s == ALERT_NO_DATA && al->announced);
}

static const char *
word(enum alert_state s)
{
	return s == ALERT_NO_DATA ? "no data" : alert_state_name(s);
}

static void
write_state(struct buf *b, const struct alert *al)
{
	enum alert_state state = alert_shown(al);
	enum severity severity = alert_severity(al);

	if (!burns(al)) {
		buf_addf(b, "<td class=\"soft\">%s, %s</td>", word(state),
		    severity_name(severity));
		return;
	}
	buf_addf(b, "<td class=\"%s\"><b>%s</b><br> <span class=\"soft\">",
	    severity_class[severity], severity_name(severity));
	buf_adds(b, word(state));
	if (al->raised)
		buf_adds(b, ", raised");
	if (al->flapping)
		buf_adds(b, ", flapping");
	buf_adds(b, "</span></td>");
}

/* Whether people are told, and when again. */
static void
write_told(struct buf *b, const struct alert *al)
{
	struct now now = { mono_ms(), wall_ms() };
	int64_t repeat = alert_repeat_at(al, now);

	if (al->flapping) {
		buf_adds(b, " Nothing is sent until it has been calm for ");
		fact_duration(b, ALERT_CALM_MS);
		buf_adds(b, ".");
	} else if (alert_is_muted(al)) {
		buf_adds(b, " Nobody was told: it began under a silence.");
	} else if (repeat != 0) {
		buf_adds(b, " The next reminder is in ");
		fact_duration(b, repeat - now.wall_ms);
		buf_adds(b, ".");
	}
}

/* The sentences of a reminder, or of the word that there is no data. */
static void
write_burning(struct buf *b, const struct agent *a, const struct shown *s)
{
	struct notification *n = announce_words(a, s->set->db, s->alert,
	    ALERT_REPEATED, wall_ms());

	buf_adds(b, "<b>");
	text_html(b, n->summary);
	buf_adds(b, "</b><br>");
	text_html(b, n->cause);
	buf_adds(b, "<br>Next: ");
	text_html(b, n->next_step);
	buf_adds(b, "<br><span class=\"soft\">Rule ");
	text_html(b, s->alert->rule->name);
	buf_adds(b, ", since ");
	front_time(b, s->alert->since.wall_ms);
	buf_adds(b, ".");
	write_told(b, s->alert);
	buf_adds(b, "</span>");
	notification_free(n);
}

/* "shop: write_rate is 62.0/s, above 50.0/s" */
static void
write_fact(struct buf *b, const struct shown *s)
{
	const struct rule *r = s->alert->rule;
	const char *flag = fact_flag(r, true);

	text_html(b, s->set->db);
	if (flag != NULL) {
		buf_addf(b, ": %s", flag);
		return;
	}
	buf_addf(b, ": %s%s is ", measures[r->measure].name,
	    s->alert->window != NULL ? ", by its window," : "");
	front_quantity(b, r->measure, s->alert->value);
	buf_addf(b, ", %s ", r->op == RULE_ABOVE ? "above" : "below");
	front_quantity(b, r->measure, alert_limit(s->alert));
}

static void
write_pending(struct buf *b, const struct shown *s)
{
	const struct rule *r = s->alert->rule;
	int64_t left = s->alert->since.mono_ms + r->for_ms - mono_ms();

	write_fact(b, s);
	if (r->times > 0) {
		buf_addf(b, "; it fires when %u of %u looks were", r->times,
		    r->out_of);
	} else {
		buf_adds(b, "; it fires in ");
		fact_duration(b, (left + 999) / 1000 * 1000);
		buf_adds(b, " if that stays so");
	}
	buf_adds(b, ". <span class=\"soft\">Rule ");
	text_html(b, r->name);
	buf_adds(b, ".</span>");
}

/* It had a value once, and did not fire then. */
static void
write_blind(struct buf *b, const struct shown *s)
{
	const struct rule *r = s->alert->rule;

	text_html(b, s->set->db);
	buf_addf(b, ": %s has no value, since ", measures[r->measure].name);
	front_time(b, s->alert->since.wall_ms);
	buf_adds(b, ". <span class=\"soft\">Rule ");
	text_html(b, r->name);
	buf_adds(b, ".</span>");
}

static void
write_silenced(struct buf *b, const struct agent *a, const struct shown *s)
{
	const struct alert *al = s->alert;
	const struct silence *by = silences_find(a->silences, s->set->db,
	    al->rule->name, severity_name(alert_severity(al)), wall_ms());

	write_fact(b, s);
	if (by != NULL) {
		buf_adds(b, ". Silenced until ");
		front_time(b, by->until_ms);
		buf_adds(b, ": ");
		text_html(b, by->why);
	}
	buf_adds(b, ". <span class=\"soft\">Rule ");
	text_html(b, al->rule->name);
	buf_addf(b, ".%s</span>", alert_is_muted(al) ?
	    " Nobody was told that it fires." : "");
}

/* id: the first of its database is where a notification's link leads to. */
static void
write_alert(struct buf *b, const struct agent *a, const struct shown *s,
    bool first)
{
	enum alert_state state = alert_shown(s->alert);

	if (first) {
		buf_adds(b, "<tr id=\"");
		text_html(b, s->set->db);
		buf_adds(b, "\">");
	} else {
		buf_adds(b, "<tr>");
	}
	write_state(b, s->alert);
	buf_adds(b, "<td>");
	if (state == ALERT_PENDING)
		write_pending(b, s);
	else if (state == ALERT_SILENCED)
		write_silenced(b, a, s);
	else if (!burns(s->alert))
		write_blind(b, s);
	else
		write_burning(b, a, s);
	buf_adds(b, "</td></tr>\n");
}

/* Its set has no alert that comes before it. */
static bool
is_first(const struct shown *s)
{
	for (size_t i = 0; i < s->set->nalerts; i++) {
		const struct alert *al = &s->set->alerts[i];
		int rank = rank_of(al);

		if (rank != -1 && (rank < s->rank ||
		    (rank == s->rank && al < s->alert)))
			return false;
	}
	return true;
}

bool
front_has_alerts(const struct alert_set *set)
{
	for (size_t i = 0; set != NULL && i < set->nalerts; i++)
		if (rank_of(&set->alerts[i]) != -1)
			return true;
	return false;
}

void
front_alerts(struct buf *b, const struct agent *a)
{
	struct list l = { NULL, 0, 0 };

	gather(&l, a);
	if (l.n > 0)
		qsort(l.rows, l.n, sizeof *l.rows, compare);
	buf_adds(b, "<h2>Alerts</h2>\n<div><table class=\"alerts\">\n");
	for (size_t i = 0; i < l.n && i < FRONT_ROWS_MAX; i++)
		write_alert(b, a, &l.rows[i], is_first(&l.rows[i]));
	if (l.n == 0)
		buf_adds(b, "<tr><td class=\"good\">No rule is met.</td></tr>");
	buf_adds(b, "</table></div>\n");
	front_rest(b, l.n);
	free(l.rows);
}
