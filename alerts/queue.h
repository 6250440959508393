/*
 * queue - what one receiver has still to hear, in order.
 *
 * The part of the outbox that belongs to one receiver: see outbox.h for what it
 * promises.  A queue is idle, flying or waiting, or it is closed:
 *
 *	            send                     yes, or refused for good
 *	  IDLE ------------> FLYING --------------------------> next, or IDLE
 *	                     ^ |  | failed
 *	             timer   | |  v
 *	                     | | WAITING	here what is overtaken leaves
 *	       reconfigured  | | gone
 *	                     | v
 *	                    CLOSED	what is there and comes is dropped
 */
#ifndef ALERTS_QUEUE_H
#define ALERTS_QUEUE_H

#include <stdbool.h>

#include "alerts/outbox.h"

struct queue;

/* What all queues of an outbox share. */
struct queue_host {
	struct loop	*loop;		/* not owned */
	struct post	*post;		/* not owned */
	outbox_finished_fn *finished;
	outbox_hand_fn	*hand;		/* NULL: there is no fallback */
	void		*arg;
	int64_t		 first_ms;	/* the ladder's first wait */
};

#define LADDER_FIRST_MS	5000

/* How a notification comes: new; new, and the fallback is told anyway; from
 * disk; or so and the fallback was told of it or is who it is put for. */
enum queue_way { QUEUE_NEW, QUEUE_SHARED, QUEUE_KEPT, QUEUE_HANDED };

/* Takes the receiver's contents. */
struct queue	*queue_new(const struct queue_host *, struct receiver *);
void		 queue_free(struct queue *);
const char	*queue_name(const struct queue *);
const char	*queue_fallback(const struct queue *);	/* or NULL */
/* The same name, other contents; what waits is tried at once. */
void		 queue_replace(struct queue *, struct receiver *);
/* Takes the notification. */
void		 queue_send(struct queue *, struct notification *,
		    enum queue_way);
/* Takes them: what is open, said again, in place of the last such. */
void		 queue_refresh(struct queue *, struct notification **,
		    size_t n);
bool		 queue_wants_refresh(const struct queue *, int64_t now);
bool		 queue_wants(const struct queue *, enum notification_type);
bool		 queue_is_meant(const struct queue *, const char *receivers);
/* Ends everything in it, what flies too. */
void		 queue_refuse(struct queue *);
void		 queue_stats(const struct queue *, struct outbox_stats *);
void		 queue_mark(struct queue *, bool);
bool		 queue_marked(const struct queue *);

#endif
