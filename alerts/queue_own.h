/*
 * queue_own - the inside of a queue, for the files that it is made of.
 *
 * queue.c puts, sends and looks after the time, queue_answer.c judges what came
 * back, queue_group.c chooses what is said next and when, queue_leave.c lets go
 * of what need not be said any more, and queue_fallback.c tells others of what
 * cannot be said here.
 */
#ifndef ALERTS_QUEUE_OWN_H
#define ALERTS_QUEUE_OWN_H

#include <sys/queue.h>

#include "alerts/post.h"
#include "alerts/queue.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"

#define FALLBACK_MS	300000	/* of failures; then others are told too */

struct item {
	TAILQ_ENTRY(item) link;
	struct notification *n;		/* owned */
	size_t		 bytes;		/* of its JSON */
	int64_t		 born_ms;	/* mono; may lie before we began */
	bool		 tried;		/* somebody may have heard of it */
	bool		 flying;
	bool		 handed;	/* to the fallback, or came as that, or
					   need not be */
};

TAILQ_HEAD(item_list, item);

struct queue {
	const struct queue_host *host;	/* not owned */
	struct receiver	 receiver;	/* owned */
	bool		 marked;	/* goes with the next sweep */
	bool		 closed;	/* it is gone: nothing is sent */
	struct item_list items;		/* owned; the oldest first */
	size_t		 nitems, bytes;
	struct item_list again;		/* owned; see outbox_refresh() */
	int64_t		 again_ms;	/* mono; when that is due */

	struct posting	*flying;	/* the items that fly; NULL: none do */
	struct item_list *flown;	/* which of the two lists they are of */
	const struct receiver_type *flying_as;
	bool		 replaced;	/* the receiver, since they fly */
	int64_t		 sent_ms;	/* mono; the last request */
	struct loop_timer look;		/* when there is something to do */
	int64_t		 rest_ms;	/* mono; no attempt before */
	size_t		 failures;	/* in a row: the rung */
	int64_t		 failing_ms;	/* mono; the first of them; 0: none */
	struct err	 why;		/* the last of them */
	struct complaint complaint, full;
	uint64_t	 delivered, dropped, merged, given;
	uint64_t	 failed[REASON_COUNT];
};

/* queue.c */
void	queue_go_on(struct queue *);
void	queue_item_free(struct item *);

/* queue_answer.c */
/* post_done_fn: arg is the queue. */
void	queue_answered(void *arg, struct answer *, const char *error,
	    int timed_out);
void	queue_cannot_write(struct queue *, const char *why);
/* The receiver is gone: the fallback hears of all of it. */
void	queue_refuse_all(struct queue *);

/* queue_group.c */
/* What goes in the next request; 0: nothing is due. */
size_t	queue_gather(const struct queue *, const struct item_list *,
	    int64_t now, struct item *ret[STORM_MAX]);
/* Its group_wait is not over. */
bool	queue_holds(const struct queue *, const struct item *, int64_t now);
/* When to look again, mono; INT64_MAX: when something happens. */
int64_t	queue_next(const struct queue *, int64_t now);
/* How long it must have failed for the fallback to hear. */
int64_t	queue_patience(const struct queue *);

/* queue_leave.c */
void	queue_end(struct queue *, struct item *, enum outbox_end);
void	queue_end_all(struct queue *, enum outbox_end);
void	queue_drop_again(struct queue *);
/* Firing messages that failed and whose own resolve waits behind them. */
void	queue_drop_overtaken(struct queue *);
void	queue_drop_unwanted(struct queue *);
void	queue_drop_old(struct queue *, int64_t now);
/* For one more, of so many bytes. */
void	queue_make_room(struct queue *, size_t bytes);
/* The item is a resolve, just put: with what it ends it may leave unsaid. */
void	queue_merge(struct queue *, struct item *, int64_t now);

/* queue_fallback.c */
/* It was refused. */
void	queue_hand(struct queue *, struct item *);
/* It has failed for so long that others are told as well. */
void	queue_hand_over(struct queue *, int64_t now);

#endif
