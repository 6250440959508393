/*
 * reconcile - what state.db kept of an earlier life, laid back.
 *
 * Every alert goes on where it was, and what had not been delivered is on its
 * way again, with the ids that it had.  An alert whose rule or database is gone
 * from the configuration ends, and who heard of it hears that, once; so does
 * one whose replica is (taken_out.c).  So that the time away does not count as
 * a time of trouble, the agent notes once a minute that it is alive.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/announce/announce.h"
#include "agent/config/config.h"
#include "agent/state/keeper.h"
#include "agent/state/state.h"
#include "agent/store/store.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#define ALIVE_NOTE	"alive_ms"
#define ALIVE_EVERY_MS	60000
#define SETTLED_MS	15000	/* by then every pattern was looked through */

struct restoring {
	struct agent	*agent;
	struct state	*state;
	struct now	 now;
	int64_t		 alive_ms;	/* wall; 0: not known */
};

/* A name that a pattern gives is known only when its file is found. */
static bool
may_be_found(const struct config *c, const char *db)
{
	const struct section *s = NULL;

	while ((s = config_next(c, "database", s)) != NULL) {
		size_t n = strlen(s->name);

		if (strpbrk(section_text(s, "path"), "*?[") != NULL &&
		    strncmp(s->name, db, n) == 0 && db[n] == '/')
			return true;
	}
	return false;
}

bool
reconcile_is_watched(const struct agent *a, const char *db)
{
	return store_find(a->store, db) != NULL ||
	    may_be_found(a->config, db);
}

/* The times of a row are those of an earlier life: it is written anew, or the
 * next life would take the time away for one of trouble. */
static int
write_anew(const struct restoring *re, const struct alert_record *r,
    struct err *e)
{
	struct alert_record now = *r;

	alerts_refresh(re->agent->alerts, &now);
	return state_put_alert(re->state, &now, e);
}

static void
restore_alert(void *arg, const struct alert_record *r)
{
	struct restoring *re = arg;
	struct alerts *as = re->agent->alerts;
	bool watched = reconcile_is_watched(re->agent, r->db);
	bool out = taken_out_is(re->agent, re->state, r);
	struct err e;
	int rc;

	if (announce_outran(re->agent, r->rule, r->db))
		return;
	/* A match of a pattern is not known to be there yet. */
	if (out && store_find(re->agent->store, r->db) != NULL)
		watched = false;
	rc = watched ? alerts_restore(as, r, re->now, re->alive_ms) :
	    alerts_drop(as, r, re->now);
	if (rc == 0 && out)
		taken_out_end(re->agent, r);
	if (re->agent->started) {	/* the loop does not wait for a disk */
		if (rc == 0)
			announce_anew(re->agent, r);
		return;
	}
	if (rc == -1)		/* gone, and nobody has heard of it */
		rc = state_drop_alert(re->state, r->rule, r->db, &e);
	else if (rc == 0)	/* else the word of its end takes the row */
		rc = write_anew(re, r, &e);
	if (rc == -1)
		log_warn("state.db: %s", e.text);
}

static void
restore_delivery(void *arg, const char *id, const char *receiver,
    const char *json, int64_t at_ms, bool handed)
{
	struct restoring *re = arg;
	struct notification *n;
	struct err e;

	(void)at_ms;
	n = notification_read(id, json, &e);
	if (n != NULL && announce_outran(re->agent, n->alert, n->db)) {
		notification_free(n);
		err_set(&e, "its alert has moved since");
	} else if (n != NULL) {
		if (outbox_send_kept(re->agent->outbox, receiver, n,
		    handed) == 0)
			return;
		err_set(&e, "there is no such receiver now");
	}
	log_warn("notification %s for receiver %s is dropped: %s", id,
	    receiver, e.text);
	announce_finished(re->agent, id, receiver, OUTBOX_REFUSED);
}

int
announce_restore(struct agent *a, struct state *s, struct err *e)
{
	struct restoring re = {
		.agent = a, .state = s, .now = { mono_ms(), wall_ms() },
	};
	struct err why;

	if (state_get_note(s, ALIVE_NOTE, &re.alive_ms, e) == -1 ||
	    state_each_outbox(s, restore_delivery, &re, e) == -1)
		return -1;
	if (a->started) {
		a->alive_ms = 0;	/* noted once the rows are anew */
		return state_each_alert(s, restore_alert, &re, e);
	}
	if (state_begin(s, e) == -1)
		return -1;
	if (state_each_alert(s, restore_alert, &re, e) == -1) {
		state_rollback(s);
		return -1;
	}
	/* A full disk: the rows stay as they were, and so does the note. */
	if (state_put_note(s, ALIVE_NOTE, re.now.wall_ms, &why) == -1 ||
	    state_commit(s, &why) == -1) {
		state_rollback(s);
		log_warn("state.db: %s", why.text);
	}
	return 0;
}

/* --- alive ---------------------------------------------------------------- */

struct alive {
	struct job	 job;		/* first */
	struct agent	*agent;		/* not owned */
};

static void
discard(struct mail *m)
{
	free((struct alive *)(void *)m);
}

static int
work(struct job *j, struct state *s, struct err *e)
{
	return state_put_note(s, ALIVE_NOTE, j->put_ms, e);
}

static void
done(struct job *j)
{
	struct alive *n = (struct alive *)(void *)j;

	if (j->failed)
		log_complain(&n->agent->state_complaint, "state.db: %s",
		    j->why.text);
	discard(&j->mail);
}

static void
note_alive(struct agent *a)
{
	struct alive *n;

	NEW(n);
	n->job.mail.discard = discard;
	n->job.work = work;
	n->job.done = done;
	n->job.put_ms = wall_ms();
	n->agent = a;
	/* Refused: a restart takes us for dead a minute earlier. */
	if (keeper_put(a->keeper, &n->job) == -1)
		discard(&n->job.mail);
}

/* --- what is gone --------------------------------------------------------- */

/* The files of a pattern that did not come back with it. */
static void
settle(struct agent *a)
{
	const struct alert_set *set = alerts_first(a->alerts), *next;

	for (; set != NULL; set = next) {
		next = set->next;
		if (store_find(a->store, set->db) == NULL)
			alerts_forget(a->alerts, set->db);
	}
}

void
reconcile_tick(struct agent *a, int64_t now)
{
	if (a->alive_ms == 0)
		taken_out_note(a);
	if (a->alive_ms == 0 || now - a->alive_ms >= ALIVE_EVERY_MS) {
		a->alive_ms = now;
		note_alive(a);
	}
	if (a->settle_ms == 0)
		a->settle_ms = now + SETTLED_MS;
	/* A disk that hangs hides files that are still there. */
	if (!a->settled && now >= a->settle_ms && a->stuck == 0) {
		a->settled = true;
		settle(a);
	}
}

void
reconcile_leave(struct agent *a)
{
	if (a->keeper != NULL && a->alive_ms != 0)
		note_alive(a);
}
