/*
 * post - requests that nobody waits for: over HTTP, as mail, or by a program.
 *
 * With the limits of wire.h and spawn.h; an answer of which the first bytes are
 * kept and the rest is thrown away.  Every request ends in exactly one call of
 * its done function, on the loop, unless post_cancel() came first.
 */
#ifndef ALERTS_POST_H
#define ALERTS_POST_H

#include "alerts/receiver.h"

struct post;
struct posting;
struct wire;

/* error: a sentence when there was no answer, else NULL; timed_out says that it
 * was the clock. */
typedef void post_done_fn(void *arg, struct answer *, const char *error,
    int timed_out);

struct post	*post_new(struct wire *);
void		 post_free(struct post *);	/* cancels what flies */
/* Takes what the request holds. */
struct posting	*post_send(struct post *, struct request *, post_done_fn *,
		    void *arg);
void		 post_cancel(struct posting *);

#endif
