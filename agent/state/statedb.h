/*
 * statedb - how state.db fares, as whoever puts something into it hears.
 *
 * One complaint for all of them: said when it begins, then ever more rarely,
 * and once more when it is over.
 */
#ifndef AGENT_STATE_STATEDB_H
#define AGENT_STATE_STATEDB_H

#include <stdbool.h>

struct agent;
struct job;

#define STATEDB_HANGS		"the disk does not answer"
#define STATEDB_PATIENCE_MS	5000	/* then what waits goes on without it */

/* It could not be opened, or was: see opening.h. */
void	statedb_fails(struct agent *, const char *why);
void	statedb_works(struct agent *);
/* A job for it was done or has failed. */
void	statedb_heard(struct agent *, const struct job *);
/* The disk has been at one thing for longer than we wait for it. */
bool	statedb_hangs(const struct agent *);
/* NULL: what must not be forgotten is on disk.  Else why not. */
const char *statedb_trouble(const struct agent *);

#endif
