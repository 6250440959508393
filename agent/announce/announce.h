/*
 * announce - an alert has changed: keep it, then tell the receivers.
 *
 * The order of things is the promise: the alert's new state and every
 * notification of it go to state.db in one transaction; only when that is on
 * disk is the first delivery tried.  So a crash at any moment loses nothing,
 * and what arrives twice bears the same id.  When our disk does not answer, is
 * full, or was never there, the notification goes out from memory all the same,
 * which is said, and what was said is kept as soon as the disk takes it.
 */
#ifndef AGENT_ANNOUNCE_ANNOUNCE_H
#define AGENT_ANNOUNCE_ANNOUNCE_H

#include "alerts/alerts.h"
#include "alerts/outbox.h"

struct agent;
struct config;
struct err;
struct state;

#define ANNOUNCE_LATE_EVERY_MS	5000	/* what was not kept is tried again */
#define ANNOUNCE_LATE_MAX	1000	/* alerts; more are not kept at all, and
					   counted */

/* alerts_changed_fn: arg is the agent. */
void	announce(void *arg, const struct alert_set *, struct alert *,
	    enum alert_change);
/* What is open is told to those whom its rule means by now and who have not
 * heard of it: after state.db and a configuration were laid over. */
void	announce_newcomers(struct agent *);
/* outbox_hand_fn: arg is the agent. */
bool	announce_handed(void *arg, const char *receiver, const char *fallback,
	    const struct notification *);
/* outbox_finished_fn: arg is the agent. */
void	announce_finished(void *arg, const char *id, const char *receiver,
	    enum outbox_end);
/* Once a second: what state.db would not take is put to it again. */
void	announce_late(struct agent *, int64_t now);
/* Whether this alert moved while there was no state.db: then what that has of
 * an earlier life is the past. */
bool	announce_outran(const struct agent *, const char *rule, const char *db);
/* An alert that was laid back while the loop runs: its row is put anew. */
void	announce_anew(struct agent *, const struct alert_record *);
void	announce_free(struct agent *);	/* once the keeper has stopped */
/* reconcile.c: what state.db kept is laid back and sent. */
int	announce_restore(struct agent *, struct state *, struct err *);
/* It is, or may be found by a pattern. */
bool	reconcile_is_watched(const struct agent *, const char *db);
/* Once a second: note that we are alive; once, let go of what is gone. */
void	reconcile_tick(struct agent *, int64_t now);
/* The end is near: until here, everything was seen. */
void	reconcile_leave(struct agent *);
/* taken_out.c: after a reload, which alerts end once they are blind; of what
 * state.db kept, which those are; for that, what there is now is noted. */
void	taken_out_mark(struct agent *, const struct config *old);
bool	taken_out_is(const struct agent *, struct state *,
	    const struct alert_record *);
void	taken_out_end(struct agent *, const struct alert_record *);
void	taken_out_note(struct agent *);

#endif
