/*
 * queue - what one receiver has still to hear, in order.
 *
 * The part of the outbox that belongs to one receiver: see outbox.h for what it
 * promises.  A queue is idle, flying or waiting:
 *
 *	            send                     yes, or refused for good
 *	  IDLE ------------> FLYING --------------------------> next, or IDLE
 *	                     ^    | failed
 *	             timer   |    v
 *	                     WAITING	here what is overtaken leaves
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
	void		*arg;
	int64_t		 first_ms;	/* the ladder's first wait */
};

#define LADDER_FIRST_MS	5000

/* Takes the receiver's contents. */
struct queue	*queue_new(const struct queue_host *, struct receiver *);
void		 queue_free(struct queue *);
const char	*queue_name(const struct queue *);
/* The same name, other contents; what waits is tried at once. */
void		 queue_replace(struct queue *, struct receiver *);
/* Takes the notification. */
void		 queue_send(struct queue *, struct notification *);
/* Ends everything in it, what flies too. */
void		 queue_refuse(struct queue *);
void		 queue_stats(const struct queue *, struct outbox_stats *);
void		 queue_mark(struct queue *, bool);
bool		 queue_marked(const struct queue *);

#endif
