/*
 * spawn - a program that carries a message away.
 *
 * It gets the message on its standard input and ends with 0 when it has
 * delivered it.  It has a time limit, is told of nothing but what its command
 * and its environment say, and of what it prints to standard error the first
 * bytes are kept.  What it leaves running in its process group ends with it.
 * The loop never waits for it.
 */
#ifndef ALERTS_SPAWN_H
#define ALERTS_SPAWN_H

#include <stdint.h>
#include <sys/queue.h>

struct loop;
struct request;
struct spawn;

LIST_HEAD(spawn_list, spawn);

#define SPAWN_LIMIT_MS	30000	/* then it is asked to end ... */
#define SPAWN_GRACE_MS	5000	/* ... and then killed */
#define SPAWN_SAID_MAX	1024	/* bytes with the NUL */

/* error: a sentence when it did not end by itself, or was never run; status is
 * its exit status else, and said, never NULL, the first of what it printed. */
typedef void spawn_done_fn(void *arg, int status, const char *said,
	    const char *error, int timed_out);

/* Borrows the request until done is called, once, on the loop, and not before
 * we are back. */
struct spawn	*spawn_start(struct loop *, const struct request *,
		    int64_t limit_ms, spawn_done_fn *, void *arg);
/* Tells nobody.  It is on the list until it has ended, which the loop sees; the
 * request is not borrowed any more. */
void		 spawn_cancel(struct spawn *, struct spawn_list *);
/* The loop runs no more: waits a moment, for all of them together, and lets go.
 */
void		 spawn_wait(struct spawn_list *);

#endif
