/*
 * opening - state.db, opened as soon as its disk lets us.
 *
 * A disk that is full, read-only or does not answer keeps no agent from its
 * work: it goes on without the file, says so, and has the keeper try again.
 * When the file comes, what it kept of an earlier life is laid back, and what
 * happened meanwhile is put into it.  A file that is another's is refused.
 */
#ifndef AGENT_STATE_OPENING_H
#define AGENT_STATE_OPENING_H

#include <stdint.h>

struct agent;
struct err;

#define OPENING_EVERY_MS	10000
#define OPENING_PATIENCE_MS	5000	/* at the start; then without it */

/* Starts the keeper.  -1: the file is another's, or there is no thread. */
int	opening_start(struct agent *, struct err *);
void	opening_tick(struct agent *, int64_t now);	/* once a second */

#endif
