/*
 * keep - to put down in state.db what may be lost.
 *
 * A job for the keeper whose failure is complained of and no more: the next one
 * will tell the same, or there is a gap in history.
 */
#ifndef AGENT_STATE_KEEP_H
#define AGENT_STATE_KEEP_H

#include "agent/state/keeper.h"

struct agent;

struct keep {
	struct job	 job;	/* first; the caller's: work, mail.discard */
	struct agent	*agent;	/* not owned */
};

/* Takes it: it is discarded when it was done, or could not be. */
void	keep_put(struct agent *, struct keep *);

#endif
