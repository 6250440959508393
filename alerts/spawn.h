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

struct loop;
struct request;
struct spawn;

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
/* Ends it and tells nobody. */
void		 spawn_cancel(struct spawn *);

#endif
