/*
 * remote - looks at replicas in buckets, as seldom as will do.
 *
 *	0.5	HEAD of the pass that the local copy is at; when it is not
 *		there, one LIST from the last one known on.
 *	0.3	one LIST from the last piece known on, one GET of the newest
 *		piece, whose length says where it ends.
 *
 * One look at a time per replica, none without a wish, and no more requests in
 * an hour than the budget allows.  After a failure the next wish waits until a
 * pause is over, which doubles.  Owned by the loop.
 */
#ifndef LITESTREAM_REMOTE_H
#define LITESTREAM_REMOTE_H

#include <stdint.h>

#include "litestream/finding.h"

struct loop;
struct remotes;
struct wire;

#define REMOTE_MAX_PAGES	100u	/* listings in one look */
#define REMOTE_PAUSE_MAX_MS 60000	/* after failures in a row */

struct remote_settings {
	int64_t		 budget;	/* requests per hour and replica */
	int64_t		 pause_ms;	/* after a first failure */
};

/* The finding is the callee's.  Called later, never from remotes_wish(). */
typedef void remotes_found_fn(void *arg, const char *db, struct finding *);

struct remotes	*remotes_new(struct loop *, struct wire *,
		    const struct remote_settings *, remotes_found_fn *,
		    void *arg);
void		 remotes_free(struct remotes *);
/* Takes the list of wishes of one database. */
void		 remotes_wish(struct remotes *, const char *db, struct wish *);
void		 remotes_forget(struct remotes *, const char *db);

#endif
