/*
 * queue - see queue.h.
 *
 * Whatever happens to a queue ends in queue_go_on(), at once or by its timer:
 * it does what is to be done now and sets the timer for what will be.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/post.h"
#include "alerts/queue_own.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"

static void
stop(struct queue *q)
{
	loop_timer_clear(q->host->loop, &q->look);
	if (q->flying != NULL)
		post_cancel(q->flying);
	q->flying = NULL;
}

void
queue_item_free(struct item *it)
{
	notification_free(it->n);
	free(it);
}

void
queue_free(struct queue *q)
{
	struct item *it;

	stop(q);
	while ((it = TAILQ_FIRST(&q->items)) != NULL) {
		TAILQ_REMOVE(&q->items, it, link);
		queue_item_free(it);
	}
	queue_drop_again(q);
	receiver_done(&q->receiver);
	free(q);
}

static void
fly(struct queue *q, struct item_list *list, int64_t now)
{
	struct item *items[STORM_MAX];
	const struct notification *said[STORM_MAX];
	struct message m = { said, queue_gather(q, list, now, items),
	    wall_ms() / 1000 };
	struct request request = { 0 };
	struct err e;

	if (m.n == 0)
		return;
	for (size_t i = 0; i < m.n; i++)
		said[i] = items[i]->n;
	q->flown = list;
	q->flying_as = q->receiver.type;
	q->replaced = false;
	if (q->flying_as->write(&q->receiver, &m, &request, &e) == -1) {
		queue_cannot_write(q, e.text);
		return;
	}
	for (size_t i = 0; i < m.n; i++)
		items[i]->tried = items[i]->flying = true;
	q->sent_ms = now;
	q->rest_ms = now + q->flying_as->gap_ms;
	q->flying = post_send(q->host->post, &request, queue_answered, q);
}

/* Something has happened, or it is time: what is there to do now, and when to
 * look again. */
void
queue_go_on(struct queue *q)
{
	int64_t now = mono_ms(), next;

	queue_drop_old(q, now);
	queue_hand_over(q, now);
	if (q->flying == NULL) {
		queue_drop_unwanted(q);
		if (now >= q->rest_ms)
			fly(q, TAILQ_EMPTY(&q->items) ? &q->again : &q->items,
			    now);
	}
	next = queue_next(q, now);
	if (next == INT64_MAX)
		loop_timer_clear(q->host->loop, &q->look);
	else
		loop_timer_set(q->host->loop, &q->look, next);
}

static void
on_look(void *arg)
{
	queue_go_on(arg);
}

struct queue *
queue_new(const struct queue_host *host, struct receiver *r)
{
	struct queue *q;

	NEW(q);
	q->host = host;
	q->receiver = *r;
	*r = (struct receiver){ 0 };
	q->look.fn = on_look;
	q->look.arg = q;
	TAILQ_INIT(&q->items);
	TAILQ_INIT(&q->again);
	return q;
}

const char *
queue_name(const struct queue *q)
{
	return q->receiver.name;
}

const char *
queue_fallback(const struct queue *q)
{
	return q->receiver.fallback;
}

void
queue_replace(struct queue *q, struct receiver *r)
{
	receiver_done(&q->receiver);
	q->receiver = *r;
	*r = (struct receiver){ 0 };
	q->closed = false;
	q->replaced = true;
	q->failures = 0;
	q->failing_ms = 0;
	q->rest_ms = q->sent_ms + q->receiver.type->gap_ms;
	queue_go_on(q);
}

void
queue_refuse(struct queue *q)
{
	if (q->nitems > 0)
		log_warn("receiver %s is configured no more: %zu messages for "
		    "it are dropped", q->receiver.name, q->nitems);
	stop(q);
	queue_end_all(q, OUTBOX_REFUSED);
}

/* How old it is by the wall clock, which is not asked again.  Two clocks that
 * are read in ms differ by one of them now and then. */
static int64_t
age_ms(const struct notification *n)
{
	int64_t age = wall_ms() - n->at_ms;

	return age > 0 ? age : 0;
}

static size_t
json_bytes(const struct notification *n)
{
	char *json = notification_write(n);
	size_t bytes = strlen(json);

	free(json);
	return bytes;
}

static struct item *
item_new(struct notification *n, enum queue_way way, int64_t now)
{
	struct item *it;

	NEW(it);
	it->n = n;
	it->born_ms = now - age_ms(n);
	it->tried = way == QUEUE_KEPT || way == QUEUE_HANDED;
	it->handed = way == QUEUE_HANDED || way == QUEUE_SHARED;
	return it;
}

static bool
has(const struct queue *q, const char *id)
{
	const struct item *it;

	TAILQ_FOREACH(it, &q->items, link)
		if (strcmp(it->n->id, id) == 0)
			return true;
	return false;
}

/* What was said later is not born before what was said first. */
static void
keep_order(const struct queue *q, struct item *it)
{
	const struct item *last = TAILQ_LAST(&q->items, item_list);

	if (last != NULL && last->n->at_ms <= it->n->at_ms &&
	    last->born_ms > it->born_ms)
		it->born_ms = last->born_ms;
}

void
queue_send(struct queue *q, struct notification *n, enum queue_way way)
{
	int64_t now = mono_ms();
	struct item *it;

	if ((way == QUEUE_KEPT || way == QUEUE_HANDED) && has(q, n->id)) {
		notification_free(n);
		return;
	}
	it = item_new(n, way, now);
	keep_order(q, it);
	it->bytes = json_bytes(n);
	queue_make_room(q, it->bytes);
	TAILQ_INSERT_TAIL(&q->items, it, link);
	q->nitems++;
	q->bytes += it->bytes;
	if (q->closed) {
		queue_refuse_all(q);
		return;
	}
	if (n->type == NOTIFY_RESOLVED)
		queue_merge(q, it, now);
	/* Not yet: thousands may come at once, and each look is at all. */
	loop_timer_set(q->host->loop, &q->look, now);
}

bool
queue_wants(const struct queue *q, enum notification_type type)
{
	if (type == NOTIFY_RESOLVED && q->receiver.no_resolved)
		return false;
	return !receiver_skips(q->receiver.type, type);
}

bool
queue_is_meant(const struct queue *q, const char *receivers)
{
	return receivers == NULL ? !q->receiver.reserve :
	    rule_receivers_have(receivers, q->receiver.name);
}

bool
queue_wants_refresh(const struct queue *q, int64_t now)
{
	return q->receiver.type->refresh_ms > 0 && !q->closed &&
	    now >= q->again_ms;
}

void
queue_refresh(struct queue *q, struct notification **array, size_t n)
{
	int64_t now = mono_ms();

	if (q->flying == NULL || q->flown != &q->again)
		queue_drop_again(q);
	q->again_ms = now + q->receiver.type->refresh_ms;
	for (size_t i = 0; i < n; i++) {
		struct item *it = item_new(array[i], QUEUE_KEPT, now);

		TAILQ_INSERT_TAIL(&q->again, it, link);
	}
	queue_go_on(q);
}

void
queue_stats(const struct queue *q, struct outbox_stats *ret)
{
	*ret = (struct outbox_stats){
		.receiver = q->receiver.name, .delivered = q->delivered,
		.dropped = q->dropped, .merged = q->merged,
		.handed = q->given, .queued = q->nitems, .closed = q->closed,
		.next_ms = q->failing_ms != 0 ? q->rest_ms : 0,
		.why = q->closed || q->failing_ms != 0 ? q->why.text : NULL,
	};
	memcpy(ret->failed, q->failed, sizeof ret->failed);
}

void
queue_mark(struct queue *q, bool marked)
{
	q->marked = marked;
}

bool
queue_marked(const struct queue *q)
{
	return q->marked;
}
