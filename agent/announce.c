/*
 * announce - see announce.h; the way to disk is in announce_keep.c.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/advice.h"
#include "agent/agent.h"
#include "agent/announce.h"
#include "agent/announcement.h"
#include "agent/clock.h"
#include "agent/mem.h"
#include "agent/refresh.h"
#include "agent/silencing.h"
#include "agent/store.h"

static void
log_change(const struct notification *n)
{
	if (n->type == NOTIFY_FIRING)
		log_warn("%s: %s", notification_type_name(n->type), n->summary);
	else
		log_info("%s: %s", notification_type_name(n->type), n->summary);
}

struct notification *
announce_words(const struct agent *a, const char *db,
    const struct alert *alert, enum alert_change what, int64_t wall)
{
	struct scene scene = {
		.db = db, .host = a->host, .base_url = a->base_url,
		.wall_ms = wall,
	};
	struct diagnosis room;

	advise(&scene, store_find(a->store, db), alert->rule->measure, &room);
	return notification_new(what, alert, &scene);
}

/* Who wants no good news is sent them unkept: they end what is still queued. */
static void
add_receivers(struct announcement *n, const struct rule *rule,
    const struct notification *msg)
{
	const struct outbox *outbox = n->agent->outbox;

	for (size_t i = 0; i < outbox_receivers(outbox); i++) {
		const char *name = outbox_receiver_name(outbox, i);

		if (outbox_is_meant(outbox, i, rule->receivers))
			announcement_add(n, name, msg,
			    outbox_wants(outbox, i, msg->type));
	}
}

static void
tell(struct announcement *n, const struct alert_set *set,
    const struct alert *alert, enum alert_change what)
{
	struct notification *msg = announce_words(n->agent, set->db, alert,
	    what, n->job.put_ms);

	if (msg == NULL)
		return;
	log_change(msg);
	add_receivers(n, alert->rule, msg);
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
	bool quiet = ends ? alert->muted : covered ||
	    (what == ALERT_LOST && alert->muted);

	if (ends)
		alert->muted = false;
	else if (what == ALERT_FIRED || (what != ALERT_NOTHING && !quiet))
		alert->muted = quiet;
	return quiet;
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
	alerts_save(&n->record, set, alert);
	n->record.rule = n->rule = mem_strdup(n->record.rule);
	n->record.db = n->db = mem_strdup(n->record.db);
	announcement_go(n);
}

/* The rule of which a notification is; NULL: gone, or it is of none. */
static const struct rule *
rule_of(const struct agent *a, const struct notification *n)
{
	const struct alert_set *set = alerts_first(a->alerts);

	while (set != NULL && strcmp(set->db, n->db) != 0)
		set = set->next;
	for (size_t i = 0; set != NULL && i < set->nalerts; i++)
		if (strcmp(set->alerts[i].rule->name, n->alert) == 0)
			return set->alerts[i].rule;
	return NULL;
}

/* It is there, wants such news, and is not told anyway. */
static bool
needs(const struct agent *a, const char *receiver,
    const struct notification *n)
{
	const struct rule *rule = rule_of(a, n);

	for (size_t i = 0; i < outbox_receivers(a->outbox); i++)
		if (strcmp(outbox_receiver_name(a->outbox, i), receiver) == 0)
			return outbox_wants(a->outbox, i, n->type) &&
			    (rule == NULL || !outbox_is_meant(a->outbox, i,
			    rule->receivers));
	return false;
}

bool
announce_handed(void *arg, const char *receiver, const char *fallback,
    const struct notification *msg)
{
	struct agent *a = arg;
	struct announcement *n;

	if (!needs(a, fallback, msg))
		return false;
	n = announcement_new(a, wall_ms());
	n->from = mem_strdup(receiver);
	announcement_add(n, fallback, msg, true);
	announcement_go(n);
	return true;
}
