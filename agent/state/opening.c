/*
 * opening - see opening.h.
 *
 *	                   failed: in 10 s
 *	          +-----------------------------+
 *	          v                             |
 *	   loop: put ---> keeper: open the file-+---> loop: lay back what it has
 *	                                                       |
 *	                        keeper: has the state <--------+
 *
 * So what was kept is laid back before the first job of this life is done.
 */
#include <stdlib.h>

#include "agent/agent.h"
#include "agent/announce/announce.h"
#include "agent/announce/announcement.h"
#include "agent/announce/silencing.h"
#include "agent/config/configure.h"
#include "agent/drills/drills.h"
#include "agent/state/keeper.h"
#include "agent/state/memory.h"
#include "agent/state/opening.h"
#include "agent/state/state.h"
#include "agent/state/statedb.h"
#include "agent/store/store.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

struct opening {
	struct job	 job;		/* first */
	struct agent	*agent;		/* not owned */
	char		*path, *note;	/* owned */
	struct state	*state;		/* owned; NULL: not open */
	bool		 later;		/* it may open yet */
	bool		 laid_back;	/* so the keeper may have it */
};

static void
discard(struct mail *m)
{
	struct opening *o = (struct opening *)(void *)m;

	state_close(o->state);
	free(o->path);
	free(o->note);
	free(o);
}

/* On the keeper's thread: first for the loop, then for good. */
static struct state *
open_file(struct job *j, struct err *e)
{
	struct opening *o = (struct opening *)(void *)j;
	struct state *s = o->state;

	if (!o->laid_back) {
		o->state = state_open(o->path, &o->note, &o->later, e);
		return NULL;
	}
	o->state = NULL;
	return s;
}

/* History goes in front of what is there: only when nothing is. */
static int
lay_back(struct agent *a, struct state *s, struct err *e)
{
	if (!a->started && memory_load(a, s, e) == -1)
		return -1;
	if (drills_load(a->drills, s, e) == -1 ||
	    silencing_load(a, s, e) == -1)
		return -1;
	for (struct watched *w = store_first(a->store); w; w = w->next)
		drills_meet(a->drills, w->name);
	if (announce_restore(a, s, e) == -1)
		return -1;
	silencing_mark_all(a);
	return 0;
}

static void
works(struct agent *a)
{
	statedb_works(a);
	a->late_ms = 0;		/* what happened meanwhile, at once */
	if (a->started)
		silencing_keep(a);
}

static void
on_opened(struct job *j)
{
	struct opening *o = (struct opening *)(void *)j;
	struct agent *a = o->agent;
	struct err e;

	if (o->laid_back) {	/* the keeper has it */
		discard(&j->mail);
		return;
	}
	if (o->note != NULL)
		log_warn("%s", o->note);
	a->laying_back = true;
	o->laid_back = o->state != NULL && lay_back(a, o->state, &e) == 0;
	a->opening = false;
	if (!o->laid_back) {
		a->state_foreign = o->state == NULL && !o->later;
		statedb_fails(a, o->state == NULL ? j->why.text : e.text);
		discard(&j->mail);
	} else if (keeper_put(a->keeper, j) == -1) {
		discard(&j->mail);
	} else {
		works(a);
	}
	announcement_go_on(a);
	announce_newcomers(a);
}

static void
put(struct agent *a, int64_t now)
{
	struct opening *o;

	NEW(o);
	o->job.mail.discard = discard;
	o->job.open = open_file;
	o->job.done = on_opened;
	o->agent = a;
	o->path = configure_state_path(a->config);
	a->opening_ms = now + OPENING_EVERY_MS;
	a->opening = keeper_put(a->keeper, &o->job) == 0;
	if (!a->opening)
		discard(&o->job.mail);
}

int
opening_start(struct agent *a, struct err *e)
{
	a->drills = drills_new(a, NULL);
	a->keeper = keeper_new(NULL, a->loop, e);
	if (a->keeper == NULL || keeper_start(a->keeper, e) == -1)
		return -1;
	put(a, mono_ms());
	keeper_wait(a->keeper, OPENING_PATIENCE_MS);
	if (a->opening)
		statedb_fails(a, STATEDB_HANGS);
	return a->state_foreign ? err_set(e, "%s", a->state_why.text) : 0;
}

void
opening_tick(struct agent *a, int64_t now)
{
	if (!a->state_up && !a->opening && now >= a->opening_ms)
		put(a, now);
}
