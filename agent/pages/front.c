/*
 * front - see front.h.
 */
#include <string.h>

#include "agent/agent.h"
#include "agent/announce/silencing.h"
#include "agent/pages/front.h"
#include "agent/pages/front_parts.h"
#include "agent/pages/http.h"
#include "agent/pages/replicas.h"
#include "agent/pages/self.h"
#include "agent/store/store.h"
#include "alerts/alerts.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

#define OK		200
#define REFRESH_S	"5"

static const char style[] =
    ":root{color-scheme:light dark;--line:#8884;--soft:#5f6670;--bad:#b3261e;"
	"--warn:#8a5a00;--good:#1b7340}"
    "@media(prefers-color-scheme:dark){:root{--soft:#a3abb5;--bad:#ff8a7a;"
	"--warn:#f0b040;--good:#5fd38d}}"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:76rem;"
	"margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.3rem;margin:0}h2{font-size:1.05rem;margin:2.2rem 0 .5rem}"
    "p{margin:.3rem 0}.soft,footer{color:var(--soft)}"
    ".lead{font-size:1.15rem;margin:1rem 0}"
    ".bad{color:var(--bad)}.warn{color:var(--warn)}.good{color:var(--good)}"
    "div{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.3rem .9rem .3rem 0;"
	"border-bottom:1px solid var(--line);vertical-align:top}"
    "th{font-weight:600;color:var(--soft);white-space:nowrap}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;"
	"white-space:nowrap}"
    "tr.who td{padding-top:0}tr.has td{border-bottom:0}"
    "tr:target{background:#8882}time{white-space:nowrap}"
    "td:first-child,th:first-child{position:sticky;left:0;background:Canvas;"
	"min-width:5rem;overflow-wrap:anywhere}"
    "tr:target td:first-child{background:none}"
    "tr.who td,.alerts td{position:static}"
    ".alerts td:first-child{width:8.5rem}"
    "@media(max-width:40rem){body{margin:1rem auto}"
	".alerts td{display:block}.alerts td:first-child{width:auto;"
	"border:0;padding-bottom:0}.alerts td:first-child br{display:none}"
	".who td span{position:sticky;left:0;display:inline-block;"
	"max-width:calc(100vw - 2rem)}}"
    "footer{margin:2.5rem 0 1rem}a{color:inherit}";

/* The columns of the table of databases. */
static const struct column {
	const char	*title;
	enum measure_id	 measure;
} columns[] = {
	{ "Writes",		MEASURE_WRITE_RATE },
	{ "Write lock",		MEASURE_WRITE_LOCK_BUSY },
	{ "Size",		MEASURE_DATABASE_SIZE },
	{ "Free pages",		MEASURE_FREE_SIZE },
	{ "Log",		MEASURE_WAL_SIZE },
	{ "Checkpoint lag",	MEASURE_CHECKPOINT_LAG },
	{ "Readers",		MEASURE_READERS },
	{ "Oldest reader",	MEASURE_OLDEST_READER_AGE },
	{ "Replica lag",	MEASURE_REPLICATION_LAG },
	{ "Disk free",		MEASURE_DISK_FREE },
};

#define NCOLUMNS	(sizeof columns / sizeof columns[0])

/* Who stands in the way, in words. */
static const char *const holds[] = {
	[HOLD_WRITER]	  = "holds the write lock",
	[HOLD_CHECKPOINT] = "holds the checkpoint lock",
	[HOLD_READER]	  = "holds the oldest read mark",
};

/* What the first line counts. */
struct tally {
	size_t	 firing, critical, blind, silenced, down, watched;
};

static size_t
down(const struct agent *a)
{
	size_t n = 0;

	for (struct watched *w = store_first(a->store); w; w = w->next)
		n += w->down != NULL;
	return n;
}

static struct tally
tally(const struct agent *a)
{
	struct tally t = { .down = down(a), .watched = store_count(a->store) };

	t.critical = alerts_count(a->alerts, ALERT_FIRING, SEVERITY_CRITICAL);
	for (int s = 0; s < SEVERITY_COUNT; s++) {
		enum severity v = (enum severity)s;

		t.firing += alerts_count(a->alerts, ALERT_FIRING, v);
		t.blind += alerts_count(a->alerts, ALERT_NO_DATA, v);
		t.silenced += alerts_count(a->alerts, ALERT_SILENCED, v);
	}
	return t;
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void
write_head(struct buf *b, const struct agent *a, const struct tally *t)
{
	buf_adds(b, "<!doctype html>\n<html lang=\"en\"><head>"
	    "<meta charset=\"utf-8\">"
	    "<meta http-equiv=\"refresh\" content=\"" REFRESH_S "\">"
	    "<meta name=\"viewport\" content=\"width=device-width\"><title>");
	if (t->firing + t->down > 0)
		buf_addf(b, "(%zu) ", t->firing + t->down);
	buf_adds(b, "litegauge on ");
	text_html(b, a->host);
	buf_addf(b, "</title><style>%s</style></head><body>\n"
	    "<h1>litegauge</h1>\n<p class=\"soft\">", style);
	text_html(b, a->host);
	buf_adds(b, ", ");
	front_time(b, wall_ms());
	buf_adds(b, " UTC</p>\n");
}

static const char *
lead_class(const struct tally *t)
{
	return t->critical + t->down > 0 ? "bad" :
	    t->firing + t->blind > 0 ? "warn" : "good";
}

static void
write_lead(struct buf *b, const struct tally *t)
{
	buf_addf(b, "<p class=\"lead %s\">", lead_class(t));
	if (t->firing > 0)
		buf_addf(b, "%zu %salert%s firing", t->firing,
		    t->critical == t->firing ? "critical " : "",
		    t->firing == 1 ? " is" : "s are");
	if (t->critical > 0 && t->critical < t->firing)
		buf_addf(b, ", %zu of them critical", t->critical);
	buf_adds(b, t->firing > 0 ? ". " : "");
	if (t->down > 0)
		buf_addf(b, "%zu of %zu database%s cannot be read. ", t->down,
		    t->watched, plural(t->watched));
	if (t->firing + t->down == 0)
		buf_addf(b, "%zu database%s watched, no alert is firing. ",
		    t->watched, plural(t->watched));
	if (t->blind > 0)
		buf_addf(b, "%zu alert%s without data. ", t->blind,
		    t->blind == 1 ? " is" : "s are");
	if (t->silenced > 0)
		buf_addf(b, "<span class=\"soft\">%zu %s silenced.</span>",
		    t->silenced, t->silenced == 1 ? "is" : "are");
	buf_adds(b, "</p>\n");
}

static bool
has_more(const struct watched *w)
{
	return w->down != NULL || w->culprits != NULL;
}

static void
write_culprit(struct buf *b, const struct culprit *c, const char *what)
{
	text_html(b, c->command[0] != '\0' ? c->command : "A process");
	if (c->pid > 0)
		buf_addf(b, " (PID %lld)", (long long)c->pid);
	buf_addf(b, " %s since ", what);
	front_time(b, c->since_ms);
	buf_adds(b, ". ");
}

/* A row of its own below the database's: why it is down, and who holds what. */
static void
write_more(struct buf *b, const struct watched *w)
{
	const struct culprit *culprits = store_culprits(w);

	buf_addf(b, "<tr class=\"who\"><td class=\"soft\" colspan=\"%zu\">"
	    "<span>", NCOLUMNS + 2);
	if (w->down != NULL) {
		buf_adds(b, "The last look failed: ");
		text_html(b, w->down);
		buf_adds(b, ". ");
	}
	for (size_t i = 0; i < HOLD_COUNT; i++)
		if (culprits[i].since_ms != 0)
			write_culprit(b, &culprits[i], holds[i]);
	buf_adds(b, "</span></td></tr>\n");
}

static void
write_state(struct buf *b, const struct watched *w)
{
	if (!w->seen) {
		buf_adds(b, "<td class=\"soft\">not yet seen</td>");
	} else if (w->down != NULL) {
		buf_adds(b, "<td class=\"bad\">down</td>");
	} else {
		buf_adds(b, "<td class=\"good\">up</td>");
	}
}

static void
write_database(struct buf *b, const struct watched *w)
{
	buf_adds(b, has_more(w) ? "<tr class=\"has\"" : "<tr");
	if (!front_has_alerts(w->alerts)) {
		buf_adds(b, " id=\"");
		text_html(b, w->name);
		buf_adds(b, "\"");
	}
	buf_adds(b, "><td title=\"");
	text_html(b, w->path);
	buf_adds(b, "\">");
	text_html(b, w->name);
	buf_adds(b, "</td>");
	write_state(b, w);
	for (size_t i = 0; i < NCOLUMNS; i++) {
		enum measure_id id = columns[i].measure;

		buf_adds(b, "<td class=\"n\">");
		front_quantity(b, id, w->measures[id]);
		buf_adds(b, "</td>");
	}
	buf_adds(b, "</tr>\n");
	if (has_more(w))
		write_more(b, w);
}

static void
write_databases(struct buf *b, const struct agent *a)
{
	size_t n = 0;

	buf_adds(b, "<h2>Databases</h2>\n<div><table><tr><th>Name</th>"
	    "<th>State</th>");
	for (size_t i = 0; i < NCOLUMNS; i++) {
		buf_adds(b, "<th class=\"n\" title=\"");
		text_html(b, measures[columns[i].measure].help);
		buf_addf(b, "\">%s</th>", columns[i].title);
	}
	buf_adds(b, "</tr>\n");
	for (int up = 0; up < 2; up++)	/* what is down comes first */
		for (struct watched *w = store_first(a->store); w; w = w->next)
			if ((w->down == NULL) == up && ++n <= FRONT_ROWS_MAX)
				write_database(b, w);
	buf_adds(b, "</table></div>\n");
	front_rest(b, n);
}

static void
write_trouble(struct buf *b, const struct watched *w, size_t collector)
{
	buf_adds(b, "<tr><td>");
	text_html(b, w->name);
	buf_addf(b, "</td><td>%s</td><td>", collectors[collector]->name);
	text_html(b, w->fared[collector].why);
	buf_adds(b, "</td></tr>\n");
}

static void
write_troubles(struct buf *b, const struct agent *a)
{
	size_t n = 0;

	for (struct watched *w = store_first(a->store); w; w = w->next)
		for (size_t i = 0; i < collectors_count; i++) {
			if (w->fared[i].why == NULL || ++n > FRONT_ROWS_MAX)
				continue;
			if (n == 1)
				buf_adds(b, "<h2>What could not be read</h2>\n"
				    "<div><table><tr><th>Database</th>"
				    "<th>Collector</th><th>Why</th></tr>\n");
			write_trouble(b, w, i);
		}
	if (n > 0)
		buf_adds(b, "</table></div>\n");
	front_rest(b, n);
}

static void
write_foot(struct buf *b)
{
	const char *between = "<footer>";

	for (const struct page *p = pages; p->path != NULL; p++) {
		if (strcmp(p->methods, "GET") != 0 || p->path[1] == '\0')
			continue;
		buf_addf(b, "%s<a href=\"%s\">%s</a>", between, p->path,
		    p->path);
		between = " &middot; ";
	}
	buf_adds(b, " &middot; version " LITEGAUGE_VERSION
	    "</footer>\n</body></html>\n");
}

unsigned
front_page(struct agent *a, const struct query *q, struct buf *out,
    const char **type)
{
	struct tally t = tally(a);

	(void)q;
	(void)type;
	write_head(out, a, &t);
	write_lead(out, &t);
	front_outbox(out, a);
	front_alerts(out, a);
	front_silences(out, a);
	write_databases(out, a);
	front_waits(out, a);
	front_replicas(out, a);
	write_troubles(out, a);
	write_foot(out);
	return OK;
}
