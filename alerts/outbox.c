/*
 * outbox - see outbox.h; what a queue does is in queue.c.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/outbox.h"
#include "alerts/queue.h"
#include "base/mem.h"

static const char *const reason_names[] = {
	[REASON_CLIENT_ERROR]	= "clientError",
	[REASON_SERVER_ERROR]	= "serverError",
	[REASON_RATE_LIMITED]	= "rateLimited",
	[REASON_AUTH_ERROR]	= "authError",
	[REASON_DEADLINE]	= "contextDeadlineExceeded",
	[REASON_OTHER]		= "other",
};

struct outbox {
	struct queue_host host;
	struct queue	**queues;	/* owned, and each of them */
	size_t		  nqueues, cap;
};

const char *
outbox_reason_name(enum outbox_reason r)
{
	return reason_names[r];
}

struct outbox *
outbox_new(struct loop *loop, struct post *post, outbox_finished_fn *finished,
    void *arg)
{
	struct outbox *o;

	NEW(o);
	o->host = (struct queue_host){
		.loop = loop, .post = post, .finished = finished, .arg = arg,
		.first_ms = LADDER_FIRST_MS,
	};
	return o;
}

void
outbox_free(struct outbox *o)
{
	if (o == NULL)
		return;
	for (size_t i = 0; i < o->nqueues; i++)
		queue_free(o->queues[i]);
	free(o->queues);
	free(o);
}

void
outbox_set_hand(struct outbox *o, outbox_hand_fn *hand)
{
	o->host.hand = hand;
}

void
outbox_set_pace(struct outbox *o, int64_t first_ms)
{
	o->host.first_ms = first_ms;
}

static struct queue *
find_queue(const struct outbox *o, const char *name)
{
	for (size_t i = 0; i < o->nqueues; i++)
		if (strcmp(queue_name(o->queues[i]), name) == 0)
			return o->queues[i];
	return NULL;
}

void
outbox_add_receiver(struct outbox *o, struct receiver *r)
{
	struct queue *q = find_queue(o, r->name);

	if (q != NULL) {
		queue_mark(q, false);
		queue_replace(q, r);
		return;
	}
	MEM_ROOM(o->queues, o->nqueues, o->cap);
	o->queues[o->nqueues++] = queue_new(&o->host, r);
}

void
outbox_mark(struct outbox *o)
{
	for (size_t i = 0; i < o->nqueues; i++)
		queue_mark(o->queues[i], true);
}

void
outbox_sweep(struct outbox *o)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->nqueues; i++) {
		struct queue *q = o->queues[i];

		if (!queue_marked(q)) {
			o->queues[kept++] = q;
			continue;
		}
		queue_refuse(q);
		queue_free(q);
	}
	o->nqueues = kept;
}

size_t
outbox_receivers(const struct outbox *o)
{
	return o->nqueues;
}

const char *
outbox_receiver_name(const struct outbox *o, size_t i)
{
	assert(i < o->nqueues);
	return queue_name(o->queues[i]);
}

const char *
outbox_fallback(const struct outbox *o, size_t i)
{
	assert(i < o->nqueues);
	return queue_fallback(o->queues[i]);
}

bool
outbox_wants(const struct outbox *o, size_t i, enum notification_type type)
{
	assert(i < o->nqueues);
	return queue_wants(o->queues[i], type);
}

bool
outbox_is_meant(const struct outbox *o, size_t i, const char *receivers)
{
	assert(i < o->nqueues);
	return queue_is_meant(o->queues[i], receivers);
}

static int
send(struct outbox *o, const char *receiver, struct notification *n,
    enum queue_way way)
{
	struct queue *q = find_queue(o, receiver);

	if (q == NULL) {
		notification_free(n);
		return -1;
	}
	queue_send(q, n, way);
	return 0;
}

int
outbox_send(struct outbox *o, const char *receiver, struct notification *n)
{
	return send(o, receiver, n, QUEUE_NEW);
}

int
outbox_send_shared(struct outbox *o, const char *receiver,
    struct notification *n)
{
	return send(o, receiver, n, QUEUE_SHARED);
}

int
outbox_send_kept(struct outbox *o, const char *receiver,
    struct notification *n, bool handed)
{
	return send(o, receiver, n, handed ? QUEUE_HANDED : QUEUE_KEPT);
}

bool
outbox_wants_refresh(const struct outbox *o, size_t i, int64_t now)
{
	assert(i < o->nqueues);
	return queue_wants_refresh(o->queues[i], now);
}

void
outbox_refresh(struct outbox *o, size_t i, struct notification **array,
    size_t n)
{
	assert(i < o->nqueues);
	queue_refresh(o->queues[i], array, n);
	free(array);
}

void
outbox_stats(const struct outbox *o, size_t i, struct outbox_stats *ret)
{
	assert(i < o->nqueues);
	queue_stats(o->queues[i], ret);
}
