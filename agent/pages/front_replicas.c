/*
 * front_replicas - the page's table of replicas.
 *
 * Is the backup really there?  A line for each replica, the doubtful ones in
 * colour; what nobody can look at is never told as fine.
 */
#include <math.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/pages/front.h"
#include "agent/pages/front_parts.h"
#include "agent/pages/replicas.h"
#include "agent/store/store.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/units.h"

/* How a number of a replica is shown. */
enum show { SHOW_SECONDS, SHOW_COUNT, SHOW_AGE, SHOW_GOOD };

static const struct column {
	const char	*title;
	const char	*what;		/* family without its prefix */
	enum show	 show;
	const char	*help;
} columns[] = {
	{ "Behind", "lag_seconds", SHOW_SECONDS,
	  "Age of the oldest commit that is not on it." },
	{ "Missing", "lag_transactions", SHOW_COUNT,
	  "Write transactions that are not on it." },
	{ "Complete", "last_sync_timestamp_seconds", SHOW_AGE,
	  "How long ago it last had everything." },
	{ "Snapshot", "snapshot_timestamp_seconds", SHOW_AGE,
	  "Age of the newest snapshot." },
	{ "Chain", "chain_ok", SHOW_GOOD,
	  "Whether its files go on without a hole." },
	{ "Drill", "drill_success", SHOW_GOOD,
	  "Whether the last restore drill passed." },
	{ "Last drill", "drill_timestamp_seconds", SHOW_AGE,
	  "How long ago that was." },
};

#define NCOLUMNS	(sizeof columns / sizeof *columns)

static const char *
label(const json_t *labels, const char *name)
{
	const char *text = json_string_value(json_object_get(labels, name));

	return text != NULL ? text : "";
}

/* Most are called by their type; saying it twice helps nobody. */
static void
write_name(struct buf *b, const struct labelled *info)
{
	json_t *labels = json_labels(info->labels);
	const char *name = label(labels, "replica");
	const char *type = label(labels, "type");

	buf_adds(b, "<td title=\"");
	text_html(b, label(labels, "source"));
	buf_adds(b, "\">");
	text_html(b, name);
	if (strcmp(name, type) != 0) {
		buf_adds(b, " <span class=\"soft\">");
		text_html(b, type);
		buf_adds(b, "</span>");
	}
	buf_adds(b, "</td>");
	json_decref(labels);
}

static void
write_state(struct buf *b, const struct watched *w,
    const struct labelled *info)
{
	double up = replicas_value(w, info, "up");

	if (replicas_value(w, info, "unchecked") > 0)
		buf_adds(b, "<td class=\"warn\">not checked</td>");
	else if (replicas_value(w, info, "ahead") > 0)
		buf_adds(b, "<td class=\"bad\">ahead of the database</td>");
	else if (isnan(up))
		buf_adds(b, "<td class=\"soft\">not yet seen</td>");
	else
		buf_adds(b, up > 0 ? "<td class=\"good\">up</td>" :
		    "<td class=\"bad\">down</td>");
}

static void
add_value(struct buf *b, const struct column *c, double v, double now)
{
	char text[UNIT_TEXT_MAX];

	switch (c->show) {
	case SHOW_SECONDS:
		buf_adds(b, unit_print(text, UNIT_SECONDS, v));
		break;
	case SHOW_COUNT:
		buf_adds(b, unit_print(text, UNIT_NONE, v));
		break;
	case SHOW_AGE:
		if (v > 0)
			buf_addf(b, "%s ago", unit_print(text, UNIT_SECONDS,
			    v < now ? now - v : 0));
		else
			buf_adds(b, "<span class=\"bad\">never</span>");
		break;
	case SHOW_GOOD:
		buf_adds(b, v > 0 ? "<span class=\"good\">good</span>" :
		    "<span class=\"bad\">broken</span>");
		break;
	}
}

static void
write_replica(struct buf *b, const struct watched *w,
    const struct labelled *info)
{
	double now = (double)(wall_ms() / 1000);

	buf_adds(b, "<tr><td>");
	text_html(b, w->name);
	buf_adds(b, "</td>");
	write_name(b, info);
	write_state(b, w, info);
	for (size_t i = 0; i < NCOLUMNS; i++) {
		double v = replicas_value(w, info, columns[i].what);

		buf_adds(b, "<td class=\"n\">");
		if (isnan(v))
			buf_adds(b, "&ndash;");
		else
			add_value(b, &columns[i], v, now);
		buf_adds(b, "</td>");
	}
	buf_adds(b, "</tr>\n");
}

static void
write_head(struct buf *b)
{
	buf_adds(b, "<h2>Replicas</h2>\n<div><table><tr><th>Database</th>"
	    "<th>Replica</th><th>State</th>");
	for (size_t i = 0; i < NCOLUMNS; i++)
		buf_addf(b, "<th class=\"n\" title=\"%s\">%s</th>",
		    columns[i].help, columns[i].title);
	buf_adds(b, "</tr>\n");
}

void
front_replicas(struct buf *b, const struct agent *a)
{
	size_t n = 0;

	for (struct watched *w = store_first(a->store); w; w = w->next) {
		const struct labelled *info = NULL;

		while ((info = replicas_next(w, info)) != NULL) {
			if (++n > FRONT_ROWS_MAX)
				continue;
			if (n == 1)
				write_head(b);
			write_replica(b, w, info);
		}
	}
	if (n > 0)
		buf_adds(b, "</table></div>\n");
	front_rest(b, n);
}
