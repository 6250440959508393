/*
 * front_alerts - the alerts that are not ok, for the page.
 */
#include "agent/agent.h"
#include "agent/buf.h"
#include "agent/clock.h"
#include "agent/front.h"
#include "agent/text.h"
#include "alerts/alerts.h"

static const char *const severity_class[] = {
	[SEVERITY_INFO]	    = "",
	[SEVERITY_WARNING]  = "warn",
	[SEVERITY_CRITICAL] = "bad",
};

static void
write_state(struct buf *b, const struct alert *al)
{
	enum alert_state state = alert_shown(al);
	enum severity severity = alert_severity(al);

	buf_addf(b, "<td class=\"%s\">%s, %s%s",
	    state == ALERT_FIRING ? severity_class[severity] : "soft",
	    state == ALERT_NO_DATA ? "no data" : alert_state_name(state),
	    al->raised ? "raised to " : "", severity_name(severity));
	if (al->flapping)
		buf_adds(b, ", flapping: quiet until it is calm");
	else if (alert_is_muted(al))
		buf_adds(b, ", nobody was told");
	buf_adds(b, "</td>");
}

/* The measure itself too, where a window of it is judged. */
static void
write_value(struct buf *b, const struct alert *al)
{
	const struct rule *r = al->rule;
	int64_t repeat = alert_repeat_at(al, (struct now){ mono_ms(),
	    wall_ms() });

	buf_addf(b, "<br><span class=\"soft\">%s is ",
	    measures[r->measure].name);
	front_quantity(b, r->measure, al->value);
	if (al->window != NULL) {
		buf_adds(b, " by its window (now ");
		front_quantity(b, r->measure, al->last);
		buf_adds(b, ")");
	}
	buf_addf(b, ", must not be %s ",
	    r->op == RULE_ABOVE ? "above" : "below");
	front_quantity(b, r->measure, alert_limit(al));
	buf_adds(b, ", since ");
	front_time(b, al->since.wall_ms);
	if (repeat != 0) {
		buf_adds(b, ", said again at ");
		front_time(b, repeat);
	}
	buf_adds(b, "</span>");
}

static void
write_alert(struct buf *b, const struct alert_set *set, const struct alert *al)
{
	const struct measure *m = &measures[al->rule->measure];

	buf_adds(b, "<tr>");
	write_state(b, al);
	buf_adds(b, "<td>");
	text_html(b, set->db);
	buf_adds(b, "</td><td>");
	text_html(b, al->rule->name);
	write_value(b, al);
	buf_adds(b, "</td><td>");
	text_html(b, m->cause != NULL ? m->cause : "");
	buf_adds(b, " ");
	text_html(b, m->next_step != NULL ? m->next_step : "");
	buf_adds(b, "</td></tr>\n");
}

static void
write_alerts_in(struct buf *b, const struct agent *a, enum alert_state state,
    size_t *n)
{
	const struct alert_set *set;

	for (set = alerts_first(a->alerts); set != NULL; set = set->next)
		for (size_t i = 0; i < set->nalerts; i++)
			if (alert_shown(&set->alerts[i]) == state &&
			    ++*n <= FRONT_ROWS_MAX)
				write_alert(b, set, &set->alerts[i]);
}

void
front_alerts(struct buf *b, const struct agent *a)
{
	static const char head[] = "<div><table><tr><th>State</th>"
	    "<th>Database</th><th>Alert</th><th>What it may mean</th></tr>\n";
	static const enum alert_state shown[] = { ALERT_FIRING, ALERT_PENDING,
	    ALERT_NO_DATA, ALERT_SILENCED };
	size_t n = 0;

	buf_addf(b, "<h2>Alerts</h2>\n%s", head);
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		write_alerts_in(b, a, shown[i], &n);
	if (n == 0)
		buf_adds(b, "<tr><td class=\"good\" colspan=\"4\">"
		    "No rule is met.</td></tr>");
	buf_adds(b, "</table></div>\n");
	front_rest(b, n);
}
