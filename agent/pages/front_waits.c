/*
 * front_waits - the page's table of who waits for a lock, and why.
 *
 * A line for each database where somebody waits, gave up or was refused, with
 * who counted it, for an estimate is no count; and below it what that means and
 * the one next step.
 */
#include <math.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/diagnose/diagnose.h"
#include "agent/pages/front.h"
#include "agent/pages/front_parts.h"
#include "agent/store/store.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/units.h"

static const struct column {
	const char	*title;
	enum measure_id	 measure;
	const char	*class;		/* when it is above 0 */
} columns[] = {
	{ "Retries",	MEASURE_BUSY_RETRIES,		"" },
	{ "Waiting",	MEASURE_BUSY_WAIT,		"" },
	{ "Gave up",	MEASURE_BUSY_TIMEOUTS,		"bad" },
	{ "Refused",	MEASURE_SNAPSHOT_REFUSALS,	"bad" },
	{ "Longest transaction", MEASURE_WRITER_HOLD_MAX, "" },
	{ "fsync",	MEASURE_FSYNC_TIME,		"" },
};

#define NCOLUMNS	(sizeof columns / sizeof *columns)
#define NWAITS		4	/* of these: somebody waits, or did in vain */

static const struct {
	const char	*source, *words;
} sources[] = {
	{ "probe",	"the probe" },
	{ "kernel",	"the kernel" },
	{ "sampled",	"an estimate" },
};

static bool
somebody_waits(const struct watched *w)
{
	for (size_t i = 0; i < NWAITS; i++)
		if (w->measures[columns[i].measure] > 0)
			return true;
	return false;
}

static const char *
counted_by(const struct agent *a, const struct watched *w)
{
	const char *s = store_source(a->store, w, MEASURE_BUSY_RETRIES);

	for (size_t i = 0; s != NULL && i < sizeof sources / sizeof *sources;
	    i++)
		if (strcmp(s, sources[i].source) == 0)
			return sources[i].words;
	return "&ndash;";
}

static void
write_head(struct buf *b)
{
	buf_adds(b, "<h2>Waiting for locks</h2>\n<div><table><tr>"
	    "<th>Database</th><th>Counted by</th>");
	for (size_t i = 0; i < NCOLUMNS; i++) {
		buf_adds(b, "<th class=\"n\" title=\"");
		text_html(b, measures[columns[i].measure].help);
		buf_addf(b, "\">%s</th>", columns[i].title);
	}
	buf_adds(b, "</tr>\n");
}

static void
write_diagnosis(struct buf *b, const struct diagnosis *d)
{
	buf_adds(b, d->likely ? "Likely: " : "");
	text_html(b, d->text);
	buf_adds(b, " ");
	text_html(b, d->next_step);
	buf_adds(b, "<br>");
}

static void
write_waits(struct buf *b, const struct agent *a, const struct watched *w,
    const struct diagnosis *found, size_t n)
{
	buf_addf(b, "<tr%s><td>", n > 0 ? " class=\"has\"" : "");
	text_html(b, w->name);
	buf_addf(b, "</td><td>%s</td>", counted_by(a, w));
	for (size_t i = 0; i < NCOLUMNS; i++) {
		double v = w->measures[columns[i].measure];
		char text[UNIT_TEXT_MAX];

		buf_addf(b, "<td class=\"n %s\">%s</td>",
		    v > 0 ? columns[i].class : "", isnan(v) ? "&ndash;" :
		    unit_print(text, measures[columns[i].measure].unit, v));
	}
	buf_adds(b, "</tr>\n");
	if (n == 0)
		return;
	buf_addf(b, "<tr class=\"who\"><td colspan=\"%zu\"><span>",
	    NCOLUMNS + 2);
	for (size_t i = 0; i < n; i++)
		write_diagnosis(b, &found[i]);
	buf_adds(b, "</span></td></tr>\n");
}

static void
write_tracer(struct buf *b, const struct agent *a)
{
	if (a->trace_off == NULL)
		return;
	buf_adds(b, "<p class=\"soft\">The kernel tracer is off: ");
	text_html(b, a->trace_off);
	buf_adds(b, ".</p>\n");
}

void
front_waits(struct buf *b, const struct agent *a)
{
	struct diagnosis found[DIAGNOSES_MAX];
	size_t rows = 0;

	for (struct watched *w = store_first(a->store); w; w = w->next) {
		size_t n = w->down != NULL ? 0 : diagnose(w->measures,
		    store_culprits(w), w->at_ms, found);

		if ((n == 0 && !somebody_waits(w)) || ++rows > FRONT_ROWS_MAX)
			continue;
		if (rows == 1)
			write_head(b);
		write_waits(b, a, w, found, n);
	}
	if (rows == 0)
		return;
	buf_adds(b, "</table></div>\n");
	front_rest(b, rows);
	write_tracer(b, a);
}
