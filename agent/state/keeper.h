/*
 * keeper - the thread that may wait for our own disk.
 *
 * It takes jobs from its inbox, does all that are there in one transaction of
 * state.db, and hands each back to the loop, where its done function says how
 * it went.  Jobs are done in the order they were put.  When a transaction fails
 * every job in it is tried again alone, once, so that one bad job harms none
 * of the others; one that cannot even begin fails them all.
 *
 * A keeper may be without a state, because the disk is full or read-only: then
 * every job fails and says why, but for the one that opens the file.
 */
#ifndef AGENT_STATE_KEEPER_H
#define AGENT_STATE_KEEPER_H

#include <stdint.h>

#include "base/err.h"
#include "base/inbox.h"

struct keeper;
struct loop;
struct state;

struct job {
	struct mail	 mail;		/* first; discard frees the whole job */
	/* On the keeper's thread; may run twice, after a rollback. */
	int		(*work)(struct job *, struct state *, struct err *);
	/* NULL, or what is done on that thread in place of work, by a keeper
	 * without a state: the state that it is to have from now, or NULL. */
	struct state	*(*open)(struct job *, struct err *);
	/* On the loop; owns the job then.  failed: why says it. */
	void		(*done)(struct job *);
	int64_t		 put_ms;	/* wall; the putter's own note */
	int		 failed;
	struct err	 why;
};

#define KEEPER_QUEUE_MAX	10000	/* jobs; more are refused */

/* Takes the state, even on failure; NULL: it has none yet.  The loop watches
 * the answers from now. */
struct keeper	*keeper_new(struct state *, struct loop *, struct err *);
int		 keeper_start(struct keeper *, struct err *);
/* -1: the queue is full (our disk hangs), or there is no keeper (NULL); the
 * caller keeps the job. */
int		 keeper_put(struct keeper *, struct job *);
/* While no loop runs: what was answered within so long is done. */
void		 keeper_wait(struct keeper *, int64_t patience_ms);
/* mono_ms since when the keeper has been at one transaction; 0: idle. */
int64_t		 keeper_busy_since(const struct keeper *);
/* Finishes what was put, at most for so long; -1: it hangs, leave it alone. */
int		 keeper_stop(struct keeper *, int64_t patience_ms);
void		 keeper_free(struct keeper *);	/* once it stopped */

#endif
