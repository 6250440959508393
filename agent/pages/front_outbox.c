/*
 * front_outbox - whether alerts reach anybody, on the page.
 *
 * Says nothing while all is well: no state file, a receiver that is gone or
 * does not take what it is sent, a heartbeat that is not heard: each is a line.
 */
#include "agent/agent.h"
#include "agent/pages/front.h"
#include "agent/reports/heartbeat.h"
#include "agent/state/statedb.h"
#include "alerts/notification_text.h"
#include "alerts/outbox.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

static void
write_state(struct buf *b, const struct agent *a)
{
	const char *why = statedb_trouble(a);

	if (a->keeper == NULL || why == NULL)
		return;
	buf_adds(b, "<p class=\"bad\">The state file cannot be written: ");
	text_html(b, why);
	buf_adds(b, ". Alerts are sent from memory; what is not delivered when "
	    "the agent ends is lost.</p>\n");
}

static void
write_gone(struct buf *b, const struct outbox_stats *s)
{
	buf_adds(b, "<p class=\"bad\">No alert reaches receiver ");
	text_html(b, s->receiver);
	buf_adds(b, ": ");
	text_html(b, s->why);
	buf_adds(b, ". Nothing is sent to it until the configuration is read "
	    "again.</p>\n");
}

static void
write_failing(struct buf *b, const struct outbox_stats *s)
{
	buf_adds(b, "<p class=\"bad\">Alerts do not reach receiver ");
	text_html(b, s->receiver);
	buf_adds(b, " now: ");
	text_html(b, s->why);
	buf_addf(b, ". %zu message%s, tried again in ", s->queued,
	    s->queued == 1 ? " waits" : "s wait");
	fact_duration(b, s->next_ms - mono_ms());
	buf_adds(b, ".</p>\n");
}

static void
write_receiver(struct buf *b, const struct outbox_stats *s)
{
	if (s->closed) {
		write_gone(b, s);
	} else if (s->next_ms != 0) {
		write_failing(b, s);
	} else if (s->queued > 0) {
		buf_adds(b, "<p class=\"soft\">Receiver ");
		text_html(b, s->receiver);
		buf_addf(b, ": %zu message%s on the way.</p>\n", s->queued,
		    s->queued == 1 ? " is" : "s are");
	}
}

static void
write_heartbeat(struct buf *b, const struct agent *a)
{
	const char *why = a->heartbeat == NULL ? NULL :
	    heartbeat_trouble(a->heartbeat);

	if (why == NULL)
		return;
	buf_adds(b, "<p class=\"bad\">The heartbeat is not heard: ");
	text_html(b, why);
	buf_adds(b, ".</p>\n");
}

void
front_outbox(struct buf *b, const struct agent *a)
{
	size_t n = a->outbox != NULL ? outbox_receivers(a->outbox) : 0;

	write_state(b, a);
	for (size_t i = 0; i < n; i++) {
		struct outbox_stats s;

		outbox_stats(a->outbox, i, &s);
		write_receiver(b, &s);
	}
	write_heartbeat(b, a);
}
