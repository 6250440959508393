/*
 * drill_child - one `litegauge drill --json DB` on its way, on the loop.
 *
 * A drill may take an hour and read a file that was damaged on purpose, so it
 * is a process of its own.  It has a time limit, what it says has a bound, and
 * it does not outlive the agent.
 */
#ifndef AGENT_DRILLS_DRILL_CHILD_H
#define AGENT_DRILLS_DRILL_CHILD_H

#include <stdint.h>

struct drill;
struct drill_child;
struct err;
struct loop;

#define DRILL_CHILD_OUTPUT	65536u	/* bytes that are listened to */
#define DRILL_CHILD_GRACE_MS	5000	/* between asking it to end and not */

/* The drills are the callee's, of this database, in any number; why: what went
 * wrong besides, or NULL.  The child is freed after. */
typedef void drill_child_fn(void *arg, struct drill *, const char *why);

/* argv ends with the database's name. */
struct drill_child *drill_child_start(struct loop *, const char *program,
	    char *const *argv, const char *db, int64_t limit_ms,
	    drill_child_fn *, void *arg, struct err *);
/* Asks it to clean up and end, waits a moment, and tells nobody. */
void	drill_child_free(struct drill_child *);

#endif
