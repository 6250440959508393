/*
 * keep - see keep.h.
 */
#include <stddef.h>

#include "agent/agent.h"
#include "agent/state/keep.h"
#include "agent/state/statedb.h"

static void
done(struct job *j)
{
	struct keep *k = (struct keep *)(void *)j;

	statedb_heard(k->agent, j);
	j->mail.discard(&j->mail);
}

void
keep_put(struct agent *a, struct keep *k)
{
	k->agent = a;
	k->job.done = done;
	if (a->keeper == NULL || keeper_put(a->keeper, &k->job) == -1)
		k->job.mail.discard(&k->job.mail);
}
