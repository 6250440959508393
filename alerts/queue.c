/*
 * queue - see queue.h.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

#include "agent/clock.h"
#include "agent/err.h"
#include "agent/log.h"
#include "agent/loop.h"
#include "agent/mem.h"
#include "alerts/post.h"
#include "alerts/queue.h"

static const struct rung {
	int64_t	 least_ms, most_ms;
} ladder[] = {
	{ LADDER_FIRST_MS, 6000 },
	{ 30000, 36000 },
	{ 120000, 140000 },
	{ 300000, 360000 },
	{ 600000, 900000 },	/* from here on */
};

#define LAST_RUNG	(sizeof ladder / sizeof *ladder - 1)

struct item {
	TAILQ_ENTRY(item) link;
	struct notification *n;		/* owned */
	int64_t		 born_ms;	/* mono; may lie before we began */
};

TAILQ_HEAD(item_list, item);

struct queue {
	const struct queue_host *host;	/* not owned */
	struct receiver	 receiver;	/* owned */
	bool		 marked;	/* goes with the next sweep */
	struct item_list items;		/* owned; the oldest first */
	size_t		 nitems;
	struct posting	*flying;	/* the first item; NULL: none flies */
	const struct receiver_type *flying_as;
	struct loop_timer retry;	/* set: waiting */
	size_t		 failures;	/* in a row: the rung */
	struct complaint complaint;
	uint64_t	 delivered, dropped, failed[REASON_COUNT];
};

static void	fly(struct queue *);

static void
drop_item(struct queue *q, struct item *it)
{
	TAILQ_REMOVE(&q->items, it, link);
	q->nitems--;
	notification_free(it->n);
	free(it);
}

/* The item leaves for good; its owner hears of it. */
static void
end_item(struct queue *q, struct item *it, enum outbox_end end)
{
	const struct queue_host *h = q->host;
	char id[NOTIFICATION_ID_MAX];

	memcpy(id, it->n->id, sizeof id);
	if (end == OUTBOX_DELIVERED)
		q->delivered++;
	else if (end != OUTBOX_OVERTAKEN)
		q->dropped++;
	drop_item(q, it);
	h->finished(h->arg, id, q->receiver.name, end);
}

static void
stop(struct queue *q)
{
	loop_timer_clear(q->host->loop, &q->retry);
	if (q->flying != NULL)
		post_cancel(q->flying);
	q->flying = NULL;
}

void
queue_free(struct queue *q)
{
	stop(q);
	while (!TAILQ_EMPTY(&q->items))
		drop_item(q, TAILQ_FIRST(&q->items));
	receiver_done(&q->receiver);
	free(q);
}

static bool
is_overtaken(const struct item *it, const struct notification *by)
{
	return by->type == NOTIFY_RESOLVED &&
	    (it->n->type == NOTIFY_FIRING || it->n->type == NOTIFY_NO_DATA) &&
	    strcmp(it->n->alert, by->alert) == 0 &&
	    strcmp(it->n->db, by->db) == 0;
}

/* Only while nothing flies: what stands before `last` and is its past. */
static void
drop_overtaken(struct queue *q, const struct item *last)
{
	struct item *it = TAILQ_FIRST(&q->items), *next;

	for (; it != NULL && it != last; it = next) {
		next = TAILQ_NEXT(it, link);
		if (is_overtaken(it, last->n))
			end_item(q, it, OUTBOX_OVERTAKEN);
	}
}

static void
drop_all_overtaken(struct queue *q)
{
	struct item *it;

	TAILQ_FOREACH(it, &q->items, link)
		if (it->n->type == NOTIFY_RESOLVED)
			drop_overtaken(q, it);
}

/* A random place on the rung, so that many agents do not come back at once. */
static int64_t
ladder_ms(const struct queue *q)
{
	size_t i = q->failures > LAST_RUNG ? LAST_RUNG : q->failures - 1;
	int64_t span = ladder[i].most_ms - ladder[i].least_ms;
	uint32_t r = 0;

	/* Without randomness we come back a little earlier. */
	if (getrandom(&r, sizeof r, GRND_NONBLOCK) != sizeof r)
		r = 0;
	return (ladder[i].least_ms + r % (uint32_t)(span + 1)) *
	    q->host->first_ms / LADDER_FIRST_MS;
}

/* After a failure.  Retry-After is obeyed, but "at once" is no answer. */
static void
back_off(struct queue *q, enum outbox_reason reason, int64_t retry_after_ms,
    const char *why)
{
	int64_t first_ms = q->host->first_ms, ms;

	q->failed[reason]++;
	q->failures++;
	ms = ladder_ms(q);
	if (retry_after_ms >= 0)
		ms = retry_after_ms > first_ms ? retry_after_ms : first_ms;
	log_complain(&q->complaint, "receiver %s: %s; %zu waiting, the next "
	    "attempt is in %lld s", q->receiver.name, why, q->nitems,
	    (long long)(ms / 1000));
	loop_timer_set(q->host->loop, &q->retry, mono_ms() + ms);
	drop_all_overtaken(q);
}

/* An attempt, or the rest of the queue is done: the next, if there is one. */
static void
go_on(struct queue *q)
{
	if (q->flying == NULL && q->retry.due == 0)
		fly(q);
}

static enum outbox_reason
reason_of(const struct answer *a, int timed_out)
{
	static const struct { long least, most; enum outbox_reason reason; }
	rows[] = {
		{ 429, 429, REASON_RATE_LIMITED },
		{ 401, 401, REASON_AUTH_ERROR },
		{ 403, 403, REASON_AUTH_ERROR },
		{ 407, 407, REASON_AUTH_ERROR },
		{ 400, 499, REASON_CLIENT_ERROR },
		{ 500, 599, REASON_SERVER_ERROR },
	};

	if (timed_out)
		return REASON_DEADLINE;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (a->status >= rows[i].least && a->status <= rows[i].most)
			return rows[i].reason;
	return REASON_OTHER;
}

static void
on_delivered(struct queue *q)
{
	q->failures = 0;
	log_relent(&q->complaint, "receiver %s: messages are delivered",
	    q->receiver.name);
	end_item(q, TAILQ_FIRST(&q->items), OUTBOX_DELIVERED);
}

static void
on_refused(struct queue *q, enum outbox_reason reason, const char *why)
{
	struct item *it = TAILQ_FIRST(&q->items);

	q->failures = 0;
	q->failed[reason]++;
	log_warn("receiver %s refused the message %s of alert %s of %s: %s",
	    q->receiver.name, it->n->id, it->n->alert, it->n->db, why);
	end_item(q, it, OUTBOX_REFUSED);
}

static void
on_answer(void *arg, struct answer *a, const char *error, int timed_out)
{
	struct queue *q = arg;
	enum outbox_reason reason = reason_of(a, timed_out);
	enum verdict verdict = VERDICT_RETRY;
	struct err e = { "" };

	q->flying = NULL;
	if (error != NULL)
		err_set(&e, "%s", error);
	else
		verdict = q->flying_as->judge(a, &e);
	switch (verdict) {
	case VERDICT_DELIVERED:
		on_delivered(q);
		break;
	case VERDICT_REFUSED:
	case VERDICT_GONE:
		on_refused(q, reason, e.text);
		break;
	case VERDICT_RETRY:
		back_off(q, reason, a->retry_after_ms, e.text);
		break;
	}
	go_on(q);
}

/* The first item that is young enough; the others leave. */
static struct item *
first_item(struct queue *q)
{
	int64_t oldest = mono_ms() - OUTBOX_AGE_MAX_MS;
	struct item *it;

	while ((it = TAILQ_FIRST(&q->items)) != NULL && it->born_ms < oldest) {
		log_warn("receiver %s: the message %s of alert %s of %s could "
		    "not be delivered for a day and is dropped",
		    q->receiver.name, it->n->id, it->n->alert, it->n->db);
		end_item(q, it, OUTBOX_TOO_OLD);
	}
	return it;
}

static void
fly(struct queue *q)
{
	const struct item *it = first_item(q);
	const struct notification *items[1];
	struct message m = { items, 1, wall_ms() / 1000 };
	struct request request = { 0 };
	struct err e;

	if (it == NULL)
		return;
	items[0] = it->n;
	q->flying_as = q->receiver.type;
	if (q->flying_as->write(&q->receiver, &m, &request, &e) == -1)
		back_off(q, REASON_OTHER, -1, e.text);
	else
		q->flying = post_send(q->host->post, &request, on_answer, q);
}

static void
on_retry(void *arg)
{
	fly(arg);
}

struct queue *
queue_new(const struct queue_host *host, struct receiver *r)
{
	struct queue *q;

	NEW(q);
	q->host = host;
	q->receiver = *r;
	*r = (struct receiver){ 0 };
	q->retry.fn = on_retry;
	q->retry.arg = q;
	TAILQ_INIT(&q->items);
	return q;
}

const char *
queue_name(const struct queue *q)
{
	return q->receiver.name;
}

void
queue_replace(struct queue *q, struct receiver *r)
{
	receiver_done(&q->receiver);
	q->receiver = *r;
	*r = (struct receiver){ 0 };
	q->failures = 0;
	loop_timer_clear(q->host->loop, &q->retry);
	go_on(q);
}

void
queue_refuse(struct queue *q)
{
	stop(q);
	while (!TAILQ_EMPTY(&q->items))
		end_item(q, TAILQ_FIRST(&q->items), OUTBOX_REFUSED);
}

/* The oldest goes, unless it is in the receiver's hands just now. */
static void
make_room(struct queue *q)
{
	struct item *it = TAILQ_FIRST(&q->items);

	if (q->nitems < OUTBOX_QUEUE_MAX)
		return;
	if (q->flying != NULL)
		it = TAILQ_NEXT(it, link);
	end_item(q, it, OUTBOX_FULL);
}

/* How old it is by the wall clock, which is not asked again. */
static int64_t
age_ms(const struct notification *n)
{
	int64_t age = wall_ms() - n->at_ms;

	return age > 0 ? age : 0;
}

void
queue_send(struct queue *q, struct notification *n)
{
	struct item *it;

	make_room(q);
	NEW(it);
	it->n = n;
	it->born_ms = mono_ms() - age_ms(n);
	TAILQ_INSERT_TAIL(&q->items, it, link);
	q->nitems++;
	if (q->failures > 0 && q->flying == NULL)
		drop_overtaken(q, it);
	go_on(q);
}

void
queue_stats(const struct queue *q, struct outbox_stats *ret)
{
	*ret = (struct outbox_stats){
		.receiver = q->receiver.name, .delivered = q->delivered,
		.dropped = q->dropped, .queued = q->nitems,
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
