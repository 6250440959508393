/*
 * statedb - see statedb.h.
 */
#include <stddef.h>

#include "agent/agent.h"
#include "agent/state/keeper.h"
#include "agent/state/statedb.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

void
statedb_fails(struct agent *a, const char *why)
{
	err_set(&a->state_why, "%s", why);
	log_complain(&a->state_complaint, "state.db: %s; the agent goes on "
	    "without it: what it has not delivered when it ends is lost", why);
}

void
statedb_works(struct agent *a)
{
	a->state_up = true;
	log_relent(&a->state_complaint, "state.db: works again");
}

bool
statedb_hangs(const struct agent *a)
{
	int64_t since = keeper_busy_since(a->keeper);

	return since != 0 && mono_ms() - since >= STATEDB_PATIENCE_MS;
}

void
statedb_heard(struct agent *a, const struct job *j)
{
	if (!a->state_up)
		return;		/* it has been said */
	if (j->failed) {
		a->state_why = j->why;
		log_complain(&a->state_complaint, "state.db: %s", j->why.text);
	} else {
		log_relent(&a->state_complaint, "state.db: works again");
	}
}

const char *
statedb_trouble(const struct agent *a)
{
	if (a->state_up && statedb_hangs(a))
		return STATEDB_HANGS;
	return a->state_up && a->state_complaint.since_ms == 0 ? NULL :
	    a->state_why.text;
}
