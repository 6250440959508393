/*
 * memory - the rings of history, to state.db and back.
 */
#ifndef AGENT_STATE_MEMORY_H
#define AGENT_STATE_MEMORY_H

#include <stdint.h>

struct agent;
struct err;
struct point;
struct state;

/* history_finished_fn: a 5 min point goes to state.db; arg is the agent. */
void	memory_keep(void *arg, const char *db, int measure, int64_t at_s,
	    const struct point *);
/* The last day of every database that is watched, laid back at the start. */
int	memory_load(struct agent *, struct state *, struct err *);
/* Once a day: what is older than STATE_HISTORY_DAYS goes. */
void	memory_prune(struct agent *, int64_t mono_ms);

#endif
