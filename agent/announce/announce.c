/*
 * announce - see announce.h; the way to disk is in announce_keep.c.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/announce/announce.h"
#include "agent/announce/announcement.h"
#include "agent/announce/refresh.h"
#include "agent/announce/silencing.h"
#include "alerts/heard.h"
#include "base/clock.h"
#include "base/mem.h"

static void
log_change(const struct notification *n)
{
	if (n->type == NOTIFY_FIRING)
		log_warn("%s: %s", notification_type_name(n->type), n->summary);
	else
		log_info("%s: %s", notification_type_name(n->type), n->summary);
}

/* The end is for those who have heard of it, everything else for those whom
 * its rule means. */
static bool
is_for(const struct outbox *outbox, size_t i, const struct alert *alert,
    const struct notification *msg)
{
	return msg->type == NOTIFY_RESOLVED ?
	    heard_is_by(alert, outbox_receiver_name(outbox, i)) :
	    outbox_is_meant(outbox, i, alert->rule->receivers);
}

static bool
is_told(const struct announcement *n, const char *receiver)
{
	for (size_t i = 0; receiver != NULL && i < n->n; i++)
		if (strcmp(n->deliveries[i].receiver, receiver) == 0)
			return true;
	return false;
}

/* Nobody is handed what somebody tells him anyway, nor the end of what came to
 * its receiver as a fallback: that was handed no further either. */
static void
share(struct announcement *n, const struct alert *alert, bool ends)
{
	const struct outbox *outbox = n->agent->outbox;

	for (size_t i = 0, k = 0; k < n->n; i++) {
		struct delivery *d = &n->deliveries[k];

		if (strcmp(outbox_receiver_name(outbox, i), d->receiver) != 0)
			continue;
		d->shared = is_told(n, outbox_fallback(outbox, i)) ||
		    (ends && !outbox_is_meant(outbox, i,
		    alert->rule->receivers));
		k++;
	}
}

/* Who wants no good news is sent them unkept: they end what is still queued.
 * again: who has heard of it already is not told. */
static void
add_receivers(struct announcement *n, struct alert *alert,
    const struct notification *msg, bool again)
{
	const struct outbox *outbox = n->agent->outbox;
	bool ends = msg->type == NOTIFY_RESOLVED;

	for (size_t i = 0; i < outbox_receivers(outbox); i++) {
		const char *name = outbox_receiver_name(outbox, i);
		bool wants = outbox_wants(outbox, i, msg->type);

		if (!is_for(outbox, i, alert, msg) ||
		    (again && (!wants || heard_is_by(alert, name))))
			continue;
		announcement_add(n, name, msg, wants);
		if (wants && !ends)
			heard_by(alert, name);
	}
	if (ends)
		heard_by_none(alert);
	share(n, alert, ends);
}

static void
tell(struct announcement *n, const struct alert_set *set, struct alert *alert,
    enum alert_change what)
{
	struct notification *msg = announce_words(n->agent, set->db, alert,
	    what, n->job.put_ms);

	if (msg == NULL)
		return;
	log_change(msg);
	add_receivers(n, alert, msg, false);
	alert_told(alert, msg->type == NOTIFY_RESOLVED);
	refresh_note(n->agent, msg);
	notification_free(msg);
}

/*
 * Under a silence nobody is told but of the end of what they know; of an alert
 * that began unheard the end is not news either.
 */
static bool
is_quiet(struct agent *a, const struct alert_set *set, struct alert *alert,
    enum alert_change what)
{
	bool covered = silencing_covers(a, set, alert);
	bool ends = what == ALERT_RESOLVED || what == ALERT_DROPPED;
	bool quiet = ends ? !alert->known : covered ||
	    (what == ALERT_LOST && !alert->known);

	if (ends)
		alert->known = false;
	else if (what != ALERT_NOTHING && !quiet)
		alert->known = true;
	return quiet;
}

static void
keep(struct announcement *n, const struct alert_set *set,
    const struct alert *alert)
{
	alerts_save(&n->record, set, alert);
	n->record.rule = n->rule = mem_strdup(n->record.rule);
	n->record.db = n->db = mem_strdup(n->record.db);
}

void
announce(void *arg, const struct alert_set *set, struct alert *alert,
    enum alert_change what)
{
	struct agent *a = arg;
	bool quiet = is_quiet(a, set, alert, what);
	struct announcement *n = announcement_new(a, wall_ms());

	a->fired += what == ALERT_FIRED;
	if (!quiet)
		tell(n, set, alert, what);
	keep(n, set, alert);
	announcement_go(n);
}

static bool
has_newcomer(const struct agent *a, const struct alert *alert)
{
	if (!alert->announced || !alert->known || alert->silenced)
		return false;
	for (size_t i = 0; i < outbox_receivers(a->outbox); i++)
		if (outbox_is_meant(a->outbox, i, alert->rule->receivers) &&
		    !heard_is_by(alert, outbox_receiver_name(a->outbox, i)))
			return true;
	return false;
}

static void
tell_newcomers(struct agent *a, const struct alert_set *set,
    struct alert *alert)
{
	struct announcement *n = announcement_new(a, wall_ms());
	struct notification *msg = announce_words(a, set->db, alert,
	    announce_change(alert), n->job.put_ms);

	notification_forget_before(msg);	/* which is no news to them */
	add_receivers(n, alert, msg, true);
	alert_told(alert, false);
	notification_free(msg);
	keep(n, set, alert);
	announcement_go(n);
}

void
announce_newcomers(struct agent *a)
{
	const struct alert_set *set = alerts_first(a->alerts);

	for (; set != NULL; set = set->next)
		for (size_t i = 0; i < set->nalerts; i++)
			if (has_newcomer(a, &set->alerts[i]))
				tell_newcomers(a, set, &set->alerts[i]);
}

/* It is there, wants such news, and its rule does not tell it anyway. */
static bool
needs(const struct agent *a, const char *receiver, const struct alert *alert,
    enum notification_type type)
{
	for (size_t i = 0; i < outbox_receivers(a->outbox); i++)
		if (strcmp(outbox_receiver_name(a->outbox, i), receiver) == 0)
			return outbox_wants(a->outbox, i, type) &&
			    (alert == NULL || !outbox_is_meant(a->outbox, i,
			    alert->rule->receivers));
	return false;
}

/* From now on it is one of those who hear the end: on disk before the message
 * is, so that no crash comes between. */
static void
note_heard(struct agent *a, const struct alert_set *set, struct alert *alert,
    const char *receiver)
{
	if (alert == NULL || !alert->announced || !alert->known)
		return;
	heard_by(alert, receiver);
	announce(a, set, alert, ALERT_NOTHING);
}

bool
announce_handed(void *arg, const char *receiver, const char *fallback,
    const struct notification *msg)
{
	struct agent *a = arg;
	struct announcement *n;
	struct alert_set *set;
	struct alert *alert = alerts_alert(a->alerts, msg->alert, msg->db,
	    &set);

	if (!needs(a, fallback, alert, msg->type))
		return false;
	if (msg->type != NOTIFY_RESOLVED)
		note_heard(a, set, alert, fallback);
	n = announcement_new(a, wall_ms());
	n->from = mem_strdup(receiver);
	announcement_add(n, fallback, msg, true);
	announcement_go(n);
	return true;
}
