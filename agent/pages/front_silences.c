/*
 * front_silences - what is silenced, for the page.
 */
#include "agent/agent.h"
#include "agent/announce/silencing.h"
#include "agent/pages/front.h"
#include "agent/pages/front_parts.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

static void
add_match(struct buf *b, const char *name, const char *pattern)
{
	if (pattern == NULL)
		return;
	buf_addf(b, "%s=", name);
	text_html(b, pattern);
	buf_adds(b, " ");
}

static void
write_silence(struct buf *b, const struct silence *s)
{
	char until[CLOCK_TEXT_MAX];

	clock_text(until, s->until_ms);
	buf_addf(b, "<tr><td>%s</td><td>", s->id);
	add_match(b, "db", s->db);
	add_match(b, "rule", s->rule);
	add_match(b, "severity", s->severity);
	buf_addf(b, "</td><td><time>%.10s %.5s</time></td><td>", until,
	    until + sizeof "2026-11-23");
	text_html(b, s->why);
	buf_adds(b, "</td><td>");
	text_html(b, s->who);
	buf_adds(b, "</td></tr>\n");
}

void
front_silences(struct buf *b, const struct agent *a)
{
	size_t n = 0;

	for (const struct silence *s = silences_first(a->silences); s != NULL;
	    s = s->next) {
		if (++n > FRONT_ROWS_MAX)
			continue;
		if (n == 1)
			buf_adds(b, "<h2>Silences</h2>\n<div><table><tr>"
			    "<th>Id</th><th>Match</th><th>Until (UTC)</th>"
			    "<th>Why</th><th>Who</th></tr>\n");
		write_silence(b, s);
	}
	if (n > 0)
		buf_adds(b, "</table></div>\n<p class=\"soft\">One ends early "
		    "with: litegauge silence end ID</p>\n");
	front_rest(b, n);
}
