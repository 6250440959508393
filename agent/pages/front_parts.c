/*
 * front_parts - see front_parts.h.
 */
#include <math.h>

#include "agent/pages/front_parts.h"
#include "base/buf.h"
#include "base/clock.h"

void
front_time(struct buf *b, int64_t wall)
{
	char text[CLOCK_TEXT_MAX];

	clock_text(text, wall);
	text[sizeof "2026-11-23T14:16:10" - 1] = '\0';
	text[sizeof "2026-11-23" - 1] = ' ';
	buf_addf(b, "<time>%s</time>", text);
}

void
front_quantity(struct buf *b, enum measure_id id, double value)
{
	char text[UNIT_TEXT_MAX];

	buf_adds(b, isnan(value) ? "&ndash;" :
	    unit_print(text, measures[id].unit, value));
}

void
front_rest(struct buf *b, size_t n)
{
	if (n > FRONT_ROWS_MAX)
		buf_addf(b, "<p class=\"soft\">%zu more are not shown here; "
		    "the API has all of them.</p>\n", n - FRONT_ROWS_MAX);
}
