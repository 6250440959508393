/*
 * outbox - notifications on their way, a queue for each receiver.
 *
 * One delivery at a time and in order for each receiver, so a receiver that
 * hangs delays nobody else.  A type that groups gets all that waits for one
 * database in one message.  What fails is tried again: after 5 s, 30 s, 2 min,
 * 5 min, then every 10 to 15 minutes for a day, or when Retry-After says.  A
 * firing message that failed and is overtaken by its own resolve is not sent
 * late as new: it leaves the queue, the resolve goes.  One that is still held
 * back (group_wait) leaves together with its resolve: nobody need hear of it.
 *
 * What was refused, or has failed for 5 minutes, is also handed to the
 * receiver's fallback.  A receiver that is gone for good is not asked again
 * until it is configured again.
 *
 * The outbox holds in memory; that each item is on disk before it comes here
 * and is removed when it leaves is its owner's part (see finished).  Bounded by
 * count, bytes and age: the oldest is dropped, and counted.
 */
#ifndef ALERTS_OUTBOX_H
#define ALERTS_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/receiver.h"

struct loop;
struct outbox;
struct post;

/* For each receiver: one alert of all the databases there may be, and more. */
#define OUTBOX_QUEUE_MAX	12000
#define OUTBOX_BYTES_MAX	(16 << 20)		/* of their JSON */
#define OUTBOX_AGE_MAX_MS	(24 * 3600 * 1000)	/* then it is dropped */

enum outbox_end { OUTBOX_DELIVERED, OUTBOX_REFUSED, OUTBOX_TOO_OLD,
	OUTBOX_OVERTAKEN,	/* by its resolve, while it could not be said */
	OUTBOX_FULL,
	OUTBOX_MERGED,		/* with its resolve, or firing: nobody heard */
	OUTBOX_UNWANTED };	/* good news for who wants none */

/* An item left the outbox: forget it on disk too. */
typedef void outbox_finished_fn(void *arg, const char *id,
    const char *receiver, enum outbox_end);

/* Tell the fallback too: first on disk under its name, then with
 * outbox_send_kept().  false: there is no need, or no such receiver. */
typedef bool outbox_hand_fn(void *arg, const char *receiver,
    const char *fallback, const struct notification *);

enum outbox_reason { REASON_CLIENT_ERROR, REASON_SERVER_ERROR,
	REASON_RATE_LIMITED, REASON_AUTH_ERROR, REASON_DEADLINE, REASON_OTHER,
	REASON_COUNT };
const char	*outbox_reason_name(enum outbox_reason);  /* "serverError" */

struct outbox_stats {
	const char	*receiver;
	uint64_t	 delivered, dropped;
	uint64_t	 merged;		/* left unsaid: it was over */
	uint64_t	 handed;		/* to the fallback too */
	uint64_t	 failed[REASON_COUNT];	/* attempts */
	size_t		 queued;
	bool		 closed;		/* gone, it said */
	int64_t		 next_ms;		/* mono; when it is tried again
						   after a failure; 0: none */
	const char	*why;			/* of that, or it is gone */
};

struct outbox	*outbox_new(struct loop *, struct post *, outbox_finished_fn *,
		    void *arg);
/* With the same arg. */
void		 outbox_set_hand(struct outbox *, outbox_hand_fn *);
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
/* Who stands in for it; NULL: nobody.  i as above. */
const char	*outbox_fallback(const struct outbox *, size_t i);
/* Whether it is told of such at all; i as above. */
bool		 outbox_wants(const struct outbox *, size_t i,
		    enum notification_type);
/* Whether a list of receivers, "a, b", means it.  NULL means all of them but
 * those that only stand in for others. */
bool		 outbox_is_meant(const struct outbox *, size_t i,
		    const char *receivers);
/* Takes the notification.  -1 when there is no such receiver. */
int		 outbox_send(struct outbox *, const char *receiver,
		    struct notification *);
/* The same for one that its fallback, if it has one, is told anyway. */
int		 outbox_send_shared(struct outbox *, const char *receiver,
		    struct notification *);
/* The same for one that was on disk before: somebody may have heard of it, or
 * it is here already.  handed: the fallback was told, or it is that. */
int		 outbox_send_kept(struct outbox *, const char *receiver,
		    struct notification *, bool handed);
/* Whether the receiver wants to hear again what is open, and it is time. */
bool		 outbox_wants_refresh(const struct outbox *, size_t i,
		    int64_t mono_ms);
/* Takes the array of n, which replaces the last such.  Said when there is
 * nothing else to say, never again when that fails, never on disk. */
void		 outbox_refresh(struct outbox *, size_t i,
		    struct notification **, size_t n);
void		 outbox_stats(const struct outbox *, size_t i,
		    struct outbox_stats *);

#endif
