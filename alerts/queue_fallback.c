/*
 * queue_fallback - what cannot be said here is said elsewhere too.
 *
 * The fallback hears of what was refused and of what has failed for so long,
 * once.  It hears the end of what it was told of even when its receiver is well
 * again: somebody may have opened an incident there.  What came as a fallback
 * is not handed on, so that two receivers that name each other are no circle.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/mem.h"
#include "alerts/queue_own.h"

static struct handed *
find(const struct queue *q, const struct notification *n)
{
	struct handed *h;

	LIST_FOREACH(h, &q->handed, link)
		if (strcmp(h->alert, n->alert) == 0 &&
		    strcmp(h->db, n->db) == 0)
			return h;
	return NULL;
}

static void
forget(struct queue *q, struct handed *h)
{
	LIST_REMOVE(h, link);
	q->nhanded--;
	free(h->alert);
	free(h->db);
	free(h);
}

void
queue_forget_handed(struct queue *q)
{
	while (!LIST_EMPTY(&q->handed))
		forget(q, LIST_FIRST(&q->handed));
}

static void
remember(struct queue *q, const struct notification *n)
{
	struct handed *h = find(q, n);

	if (n->type == NOTIFY_RESOLVED && h != NULL)
		forget(q, h);
	if (n->type != NOTIFY_FIRING || h != NULL || q->nhanded == HANDED_MAX)
		return;
	NEW(h);
	h->alert = mem_strdup(n->alert);
	h->db = mem_strdup(n->db);
	LIST_INSERT_HEAD(&q->handed, h, link);
	q->nhanded++;
}

void
queue_hand(struct queue *q, struct item *it)
{
	const struct queue_host *h = q->host;

	if (q->receiver.fallback == NULL || h->hand == NULL || it->handed)
		return;
	it->handed = true;
	if (!h->hand(h->arg, q->receiver.name, q->receiver.fallback, it->n))
		return;
	q->given++;
	remember(q, it->n);
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

void
queue_hand_end(struct queue *q, struct item *it)
{
	if (it->n->type == NOTIFY_RESOLVED && find(q, it->n) != NULL)
		queue_hand(q, it);
}
