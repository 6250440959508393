/*
 * queue_fallback - what cannot be said here is said elsewhere too.
 *
 * The fallback hears of what was refused and of what has failed for so long,
 * once.  From then on it is one of those who have heard of the alert, and is
 * told the end by whoever makes it (see heard.h), unless that is waiting here
 * already.  What came as a fallback is not handed on, so that two receivers
 * that name each other are no circle.
 */
#include <string.h>

#include "alerts/queue_own.h"

static void
hand(struct queue *q, struct item *it)
{
	const struct queue_host *h = q->host;

	if (h->hand == NULL || it->handed)
		return;
	it->handed = true;
	q->given += h->hand(h->arg, q->receiver.name, q->receiver.fallback,
	    it->n);
}

static bool
is_end_of(const struct notification *end, const struct notification *n)
{
	return end->type == NOTIFY_RESOLVED && n->type != NOTIFY_RESOLVED &&
	    strcmp(end->alert, n->alert) == 0 && strcmp(end->db, n->db) == 0;
}

void
queue_hand(struct queue *q, struct item *it)
{
	struct item *end = TAILQ_NEXT(it, link);

	if (it->handed || q->receiver.fallback == NULL)
		return;
	hand(q, it);
	while (end != NULL && !is_end_of(end->n, it->n))
		end = TAILQ_NEXT(end, link);
	if (end != NULL)
		hand(q, end);
}

void
queue_hand_over(struct queue *q, int64_t now)
{
	struct item *it;

	if (q->failing_ms == 0 || now - q->failing_ms < queue_patience(q))
		return;
	TAILQ_FOREACH(it, &q->items, link)
		if (!queue_holds(q, it, now))
			queue_hand(q, it);
}
