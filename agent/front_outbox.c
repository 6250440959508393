/*
 * front_outbox - whether alerts reach anybody, on the page.
 *
 * Says nothing while all is well: no state file, or receivers that are gone or
 * have something waiting, are each a line.
 */
#include "agent/agent.h"
#include "agent/buf.h"
#include "agent/front.h"
#include "agent/opening.h"
#include "agent/text.h"
#include "alerts/outbox.h"

static void
write_state(struct buf *b, const struct agent *a)
{
	const char *why = opening_trouble(a);

	if (a->keeper == NULL || why == NULL)
		return;
	buf_adds(b, "<p class=\"bad\">The state file cannot be written: ");
	text_html(b, why);
	buf_adds(b, ". Alerts are sent from memory; what is not delivered when "
	    "the agent ends is lost.</p>\n");
}

static void
write_receiver(struct buf *b, const struct outbox_stats *s)
{
	if (!s->closed && s->queued == 0)
		return;
	buf_addf(b, "<p class=\"%s\">Receiver ", s->closed ? "bad" : "soft");
	text_html(b, s->receiver);
	if (s->closed)
		buf_adds(b, " is gone, it says: nothing is sent to it until "
		    "the configuration is read again.</p>\n");
	else
		buf_addf(b, ": %zu notification%s on the way.</p>\n",
		    s->queued, s->queued == 1 ? " is" : "s are");
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
}
