/*
 * reconcile - what state.db kept of an earlier life, laid back.
 *
 * Every alert goes on where it was, and what had not been delivered is on its
 * way again, with the ids that it had.
 */
#include "agent/agent.h"
#include "agent/announce.h"
#include "agent/clock.h"
#include "agent/err.h"
#include "agent/log.h"
#include "agent/state.h"

struct restoring {
	struct agent	*agent;
	struct state	*state;
};

static void
restore_alert(void *arg, const struct alert_record *r)
{
	struct restoring *re = arg;
	struct now now = { mono_ms(), wall_ms() };
	struct err e;

	/* Of a rule that is gone: not asked for any more. */
	if (alerts_restore(re->agent->alerts, r, now) == -1 &&
	    state_drop_alert(re->state, r->rule, r->db, &e) == -1)
		log_warn("state.db: %s", e.text);
}

static void
restore_delivery(void *arg, const char *id, const char *receiver,
    const char *json, int64_t at_ms)
{
	struct restoring *re = arg;
	struct notification *n;
	struct err e;

	(void)at_ms;
	n = notification_read(id, json, &e);
	if (n != NULL &&
	    outbox_send(re->agent->outbox, receiver, n) == 0)
		return;
	log_warn("notification %s for receiver %s is dropped: %s", id,
	    receiver, n == NULL ? e.text : "there is no such receiver now");
	if (state_drop_outbox(re->state, id, receiver, &e) == -1)
		log_warn("state.db: %s", e.text);
}

int
announce_restore(struct agent *a, struct state *s, struct err *e)
{
	struct restoring re = { a, s };

	if (state_each_alert(s, restore_alert, &re, e) == -1)
		return -1;
	return state_each_outbox(s, restore_delivery, &re, e);
}
