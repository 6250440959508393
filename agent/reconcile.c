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

	if (announce_outran(re->agent, r->rule, r->db))
		return;
	/* Of a rule that is gone: not asked for any more. */
	if (alerts_restore(re->agent->alerts, r, now) == -1 &&
	    !re->agent->started &&
	    state_drop_alert(re->state, r->rule, r->db, &e) == -1)
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
	struct restoring re = { a, s };

	if (state_each_alert(s, restore_alert, &re, e) == -1)
		return -1;
	return state_each_outbox(s, restore_delivery, &re, e);
}
