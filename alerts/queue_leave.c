/*
 * queue_leave - how a message leaves the queue without being said.
 *
 * It is overtaken by its own resolve, or both leave within group_wait and
 * nobody hears of either; it is too old; or others need its place.
 */
#include <string.h>

#include "alerts/queue_own.h"

static void
drop_item(struct item_list *list, struct item *it)
{
	TAILQ_REMOVE(list, it, link);
	queue_item_free(it);
}

static void
count_end(struct queue *q, enum outbox_end end)
{
	uint64_t *const counts[] = {
		[OUTBOX_DELIVERED] = &q->delivered,
		[OUTBOX_REFUSED]   = &q->dropped,
		[OUTBOX_TOO_OLD]   = &q->dropped,
		[OUTBOX_OVERTAKEN] = &q->merged,
		[OUTBOX_FULL]	   = &q->dropped,
		[OUTBOX_MERGED]	   = &q->merged,
		[OUTBOX_UNWANTED]  = NULL,
	};

	if (counts[end] != NULL)
		++*counts[end];
}

/* The item leaves for good; its owner hears of it. */
void
queue_end(struct queue *q, struct item *it, enum outbox_end end)
{
	const struct queue_host *h = q->host;
	char id[NOTIFICATION_ID_MAX];

	memcpy(id, it->n->id, sizeof id);
	count_end(q, end);
	q->nitems--;
	q->bytes -= it->bytes;
	drop_item(&q->items, it);
	h->finished(h->arg, id, q->receiver.name, end);
}

void
queue_end_all(struct queue *q, enum outbox_end end)
{
	while (!TAILQ_EMPTY(&q->items))
		queue_end(q, TAILQ_FIRST(&q->items), end);
}

void
queue_drop_again(struct queue *q)
{
	while (!TAILQ_EMPTY(&q->again))
		drop_item(&q->again, TAILQ_FIRST(&q->again));
}

static bool
is_past_of(const struct item *it, const struct notification *by)
{
	return !it->flying && by->type == NOTIFY_RESOLVED &&
	    (it->n->type == NOTIFY_FIRING || it->n->type == NOTIFY_NO_DATA) &&
	    strcmp(it->n->alert, by->alert) == 0 &&
	    strcmp(it->n->db, by->db) == 0;
}

/* What stands from `it` on, before `last`, and is its past.  Where that never
 * arrived, the end is nothing to bring to the fallback. */
static void
drop_past(struct queue *q, struct item *it, struct item *last,
    enum outbox_end end)
{
	struct item *next;

	if (last->n->type != NOTIFY_RESOLVED)
		return;
	for (; it != NULL && it != last; it = next) {
		next = TAILQ_NEXT(it, link);
		if (!is_past_of(it, last->n))
			continue;
		last->handed |= it->n->begins;
		queue_end(q, it, end);
	}
}

void
queue_drop_overtaken(struct queue *q)
{
	struct item *it = TAILQ_FIRST(&q->items);

	for (; it != NULL; it = TAILQ_NEXT(it, link))
		drop_past(q, TAILQ_FIRST(&q->items), it, OUTBOX_OVERTAKEN);
}

/* The message with which an alert began of which nobody has heard. */
static struct item *
find_unheard(const struct queue *q, const struct item *of, int64_t now)
{
	struct item *it;

	TAILQ_FOREACH(it, &q->items, link)
		if (is_past_of(it, of->n) && it->n->begins &&
		    queue_holds(q, it, now))
			return it;
	return NULL;
}

void
queue_merge(struct queue *q, struct item *it, int64_t now)
{
	struct item *began = find_unheard(q, it, now);

	if (began != NULL) {
		drop_past(q, began, it, OUTBOX_MERGED);
		queue_end(q, it, OUTBOX_MERGED);
	} else if (q->failures > 0 && q->flying == NULL) {
		drop_past(q, TAILQ_FIRST(&q->items), it, OUTBOX_OVERTAKEN);
	}
}

/* Good news that are not wanted have done their work by now. */
void
queue_drop_unwanted(struct queue *q)
{
	struct item *it = TAILQ_FIRST(&q->items), *next;

	for (; it != NULL; it = next) {
		next = TAILQ_NEXT(it, link);
		if (!queue_wants(q, it->n->type))
			queue_end(q, it, OUTBOX_UNWANTED);
	}
}

void
queue_drop_old(struct queue *q, int64_t now)
{
	struct item *it = TAILQ_FIRST(&q->items), *next;

	if (it == NULL)
		log_relent(&q->full, "receiver %s: nothing waits any more",
		    q->receiver.name);
	for (; it != NULL; it = next) {
		next = TAILQ_NEXT(it, link);
		if (it->flying || now - it->born_ms <= OUTBOX_AGE_MAX_MS)
			continue;
		log_warn("receiver %s: the message %s of alert %s of %s could "
		    "not be delivered for a day and is dropped",
		    q->receiver.name, it->n->id, it->n->alert, it->n->db);
		queue_end(q, it, OUTBOX_TOO_OLD);
	}
}

static struct item *
oldest_at_rest(const struct queue *q)
{
	struct item *it;

	TAILQ_FOREACH(it, &q->items, link)
		if (!it->flying)
			return it;
	return NULL;
}

/* The oldest goes, unless it is in the receiver's hands just now. */
void
queue_make_room(struct queue *q, size_t bytes)
{
	struct item *it;

	while ((q->nitems >= OUTBOX_QUEUE_MAX ||
	    q->bytes + bytes > OUTBOX_BYTES_MAX) &&
	    (it = oldest_at_rest(q)) != NULL) {
		log_complain(&q->full, "receiver %s: %zu messages wait, which "
		    "is all that can: the oldest are dropped",
		    q->receiver.name, q->nitems);
		queue_end(q, it, OUTBOX_FULL);
	}
}
