/*
 * announce_part - what has left the outbox leaves state.db too.
 *
 * When the disk takes no word of it, it is told again: else a restart would
 * send what was delivered long ago.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/announce/announce.h"
#include "agent/announce/announcement.h"
#include "agent/state/state.h"
#include "agent/state/statedb.h"
#include "base/err.h"
#include "base/mem.h"

/* A notification that left the outbox. */
struct farewell {
	struct job	 job;		/* first */
	struct agent	*agent;		/* not owned */
	char		*id, *receiver;	/* owned */
	struct farewell	*next;		/* of those that are late */
};

static void
farewell_discard(struct mail *m)
{
	struct farewell *f = (struct farewell *)(void *)m;

	free(f->id);
	free(f->receiver);
	free(f);
}

static int
farewell_work(struct job *j, struct state *s, struct err *e)
{
	const struct farewell *f = (const void *)j;

	return state_drop_outbox(s, f->id, f->receiver, e);
}

/* Else a restart would send it again; when there are too many, it does. */
static void
part_later(struct farewell *f)
{
	struct agent *a = f->agent;

	if (a->nfarewells == ANNOUNCE_LATE_MAX) {
		a->unkept++;
		farewell_discard(&f->job.mail);
		return;
	}
	f->next = a->farewells;
	a->farewells = f;
	a->nfarewells++;
}

static void
farewell_done(struct job *j)
{
	struct farewell *f = (struct farewell *)(void *)j;

	statedb_heard(f->agent, j);
	if (j->failed)
		part_later(f);
	else
		farewell_discard(&j->mail);
}

void
announce_part(struct agent *a)
{
	struct farewell *f = a->farewells, *next;

	a->farewells = NULL;
	a->nfarewells = 0;
	for (; f != NULL; f = next) {
		next = f->next;
		if (keeper_put(a->keeper, &f->job) == -1)
			part_later(f);
	}
}

void
announce_finished(void *arg, const char *id, const char *receiver,
    enum outbox_end how)
{
	struct agent *a = arg;
	struct farewell *f;

	(void)how;	/* the outbox has logged and counted it */
	announcement_gone(a, id, receiver);
	if (!a->state_up && !a->opening)
		return;		/* it is on no disk */
	NEW(f);
	f->agent = a;
	f->job.mail.discard = farewell_discard;
	f->job.work = farewell_work;
	f->job.done = farewell_done;
	f->id = mem_strdup(id);
	f->receiver = mem_strdup(receiver);
	if (!a->state_up || keeper_put(a->keeper, &f->job) == -1)
		part_later(f);
}

void
announce_part_free(struct agent *a)
{
	while (a->farewells != NULL) {
		struct farewell *f = a->farewells;

		a->farewells = f->next;
		farewell_discard(&f->job.mail);
	}
}
