/*
 * self_outbox - what the agent says of each receiver in /metrics.
 */
#include "agent/agent.h"
#include "agent/pages/self.h"
#include "alerts/outbox.h"

/* One number of each receiver. */
static void
write_receivers(struct expo *x, const struct agent *a,
    double (*number)(const struct outbox_stats *))
{
	size_t n = a->outbox != NULL ? outbox_receivers(a->outbox) : 0;

	for (size_t i = 0; i < n; i++) {
		struct outbox_stats stats;
		const char *labels[] = { "receiver", NULL, NULL };

		outbox_stats(a->outbox, i, &stats);
		labels[1] = stats.receiver;
		self_sample(x, labels, number(&stats));
	}
}

static double
delivered(const struct outbox_stats *s)
{
	return (double)s->delivered;
}

static double
dropped(const struct outbox_stats *s)
{
	return (double)s->dropped;
}

static double
queued(const struct outbox_stats *s)
{
	return (double)s->queued;
}

static double
merged(const struct outbox_stats *s)
{
	return (double)s->merged;
}

static double
handed(const struct outbox_stats *s)
{
	return (double)s->handed;
}

static double
closed(const struct outbox_stats *s)
{
	return s->closed;
}

void
self_delivered(struct expo *x, const struct agent *a)
{
	write_receivers(x, a, delivered);
}

void
self_dropped(struct expo *x, const struct agent *a)
{
	write_receivers(x, a, dropped);
}

void
self_queued(struct expo *x, const struct agent *a)
{
	write_receivers(x, a, queued);
}

void
self_failed(struct expo *x, const struct agent *a)
{
	size_t n = a->outbox != NULL ? outbox_receivers(a->outbox) : 0;

	for (size_t i = 0; i < n; i++) {
		struct outbox_stats stats;

		outbox_stats(a->outbox, i, &stats);
		for (int r = 0; r < REASON_COUNT; r++) {
			const char *const labels[] = {
				"receiver", stats.receiver, "reason",
				outbox_reason_name((enum outbox_reason)r),
				NULL,
			};

			self_sample(x, labels, (double)stats.failed[r]);
		}
	}
}

void
self_merged(struct expo *x, const struct agent *a)
{
	write_receivers(x, a, merged);
}

void
self_handed(struct expo *x, const struct agent *a)
{
	write_receivers(x, a, handed);
}

void
self_closed(struct expo *x, const struct agent *a)
{
	write_receivers(x, a, closed);
}
