/*
 * outbox - notifications on their way, a queue for each receiver.
 *
 * One delivery at a time and in order for each receiver, so a receiver that
 * hangs delays nobody else.  What fails is tried again: after 5 s, 30 s, 2 min,
 * 5 min, then every 10 to 15 minutes for a day, or when Retry-After says.  A
 * firing message that failed and is overtaken by its own resolve is not sent
 * late as new: it leaves the queue, the resolve goes.
 *
 * The outbox holds in memory; that each item is on disk before it comes here
 * and is removed when it leaves is its owner's part (see finished).  Bounded:
 * the oldest is dropped, and counted, when a queue is full.
 */
#ifndef ALERTS_OUTBOX_H
#define ALERTS_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "alerts/receiver.h"

struct loop;
struct outbox;
struct post;

#define OUTBOX_QUEUE_MAX	1000			/* per receiver */
#define OUTBOX_AGE_MAX_MS	(24 * 3600 * 1000)	/* then it is dropped */

enum outbox_end { OUTBOX_DELIVERED, OUTBOX_REFUSED, OUTBOX_TOO_OLD,
	OUTBOX_OVERTAKEN, OUTBOX_FULL };

/* An item left the outbox: forget it on disk too. */
typedef void outbox_finished_fn(void *arg, const char *id,
    const char *receiver, enum outbox_end);

enum outbox_reason { REASON_CLIENT_ERROR, REASON_SERVER_ERROR,
	REASON_RATE_LIMITED, REASON_AUTH_ERROR, REASON_DEADLINE, REASON_OTHER,
	REASON_COUNT };
const char	*outbox_reason_name(enum outbox_reason);  /* "serverError" */

struct outbox_stats {
	const char	*receiver;
	uint64_t	 delivered, dropped;
	uint64_t	 failed[REASON_COUNT];	/* attempts */
	size_t		 queued;
};

struct outbox	*outbox_new(struct loop *, struct post *, outbox_finished_fn *,
		    void *arg);
void		 outbox_free(struct outbox *);	/* ends nothing: no finished */
/* The first wait of the ladder instead of 5 s, all others in proportion: a
 * test has no day to spend. */
void		 outbox_set_pace(struct outbox *, int64_t first_ms);
/* Takes the receiver's contents.  A known name is replaced, its queue kept. */
void		 outbox_add_receiver(struct outbox *, struct receiver *);
/* Before a new configuration is laid over: receivers not added again by
 * outbox_sweep() go, and what was queued for them is finished as refused. */
void		 outbox_mark(struct outbox *);
void		 outbox_sweep(struct outbox *);
size_t		 outbox_receivers(const struct outbox *);
const char	*outbox_receiver_name(const struct outbox *, size_t i);
/* Takes the notification.  -1 when there is no such receiver. */
int		 outbox_send(struct outbox *, const char *receiver,
		    struct notification *);
void		 outbox_stats(const struct outbox *, size_t i,
		    struct outbox_stats *);

#endif
