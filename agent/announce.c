/*
 * announce - see announce.h.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/advice.h"
#include "agent/agent.h"
#include "agent/announce.h"
#include "agent/clock.h"
#include "agent/err.h"
#include "agent/keeper.h"
#include "agent/log.h"
#include "agent/mem.h"
#include "agent/silencing.h"
#include "agent/state.h"
#include "agent/store.h"

/* One notification for one receiver. */
struct item {
	char			*receiver;	/* owned */
	char			*id, *json;	/* owned */
	struct notification	*notification;	/* owned until it is sent */
	bool			 gone;		/* from the outbox; see late */
};

struct announcement {
	struct job	 job;		/* first */
	struct agent	*agent;		/* not owned */
	struct alert_record record;	/* its text is owned here */
	char		*rule, *db;
	struct item	*items;		/* owned */
	size_t		 nitems;
	bool		 sent;
	struct loop_timer patience;
	/* When state.db would not take it, it is late. */
	bool		 late, at_keeper;
	struct announcement *next;	/* of the late ones */
};

/* A notification that left the outbox. */
struct farewell {
	struct job	 job;		/* first */
	struct agent	*agent;
	char		*id, *receiver;	/* owned */
};

static void
item_done(struct item *it)
{
	notification_free(it->notification);
	free(it->receiver);
	free(it->id);
	free(it->json);
}

static void
announcement_free(struct announcement *n)
{
	for (size_t i = 0; i < n->nitems; i++)
		item_done(&n->items[i]);
	free(n->items);
	free(n->rule);
	free(n->db);
	free(n);
}

static void
announcement_discard(struct mail *m)
{
	announcement_free((struct announcement *)(void *)m);
}

/* On the keeper's thread. */
static int
announcement_work(struct job *j, struct state *s, struct err *e)
{
	const struct announcement *n = (const void *)j;

	if (state_put_alert(s, &n->record, e) == -1)
		return -1;
	for (size_t i = 0; i < n->nitems; i++)
		if (state_put_outbox(s, n->items[i].id, n->items[i].receiver,
		    n->items[i].json, n->job.put_ms, e) == -1)
			return -1;
	return 0;
}

static void
send_items(struct announcement *n)
{
	for (size_t i = 0; i < n->nitems; i++) {
		struct item *it = &n->items[i];

		/* Fails when a reload took the receiver meanwhile. */
		(void)outbox_send(n->agent->outbox, it->receiver,
		    it->notification);
		it->notification = NULL;
	}
	n->sent = true;
}

static void
send_unsaved(struct announcement *n, const char *why)
{
	n->agent->unsaved += n->nitems;
	log_complain(&n->agent->state_complaint,
	    "state.db: %s; notifications go out from memory", why);
	send_items(n);
}

/* --- what state.db would not take ------------------------------------------
 *
 * It was announced, so a restart must know: it is put again until it is kept,
 * with the state that its alert has by then, and without what has left the
 * outbox meanwhile.
 */

static void
keep_for_later(struct announcement *n)
{
	struct agent *a = n->agent;

	n->at_keeper = false;
	if (n->late)
		return;
	if (a->nlate == ANNOUNCE_LATE_MAX) {
		announcement_free(n);
		return;
	}
	n->late = true;
	n->next = a->late;
	a->late = n;
	a->nlate++;
}

static void
unlink_late(struct announcement *n)
{
	struct announcement **link = &n->agent->late;

	while (*link != n)
		link = &(*link)->next;
	*link = n->next;
	n->agent->nlate--;
}

static void
put_again(struct announcement *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->nitems; i++)
		if (n->items[i].gone)
			item_done(&n->items[i]);
		else
			n->items[kept++] = n->items[i];
	n->nitems = kept;
	alerts_refresh(n->agent->alerts, &n->record);
	n->at_keeper = keeper_put(n->agent->keeper, &n->job) == 0;
}

void
announce_late(struct agent *a, int64_t now)
{
	if (now < a->late_ms)
		return;
	a->late_ms = now + ANNOUNCE_LATE_EVERY_MS;
	for (struct announcement *n = a->late; n != NULL; n = n->next)
		if (!n->at_keeper)
			put_again(n);
}

static void
mark_gone(struct agent *a, const char *id, const char *receiver)
{
	for (struct announcement *n = a->late; n != NULL; n = n->next)
		for (size_t i = 0; i < n->nitems; i++)
			n->items[i].gone |= strcmp(n->items[i].id, id) == 0 &&
			    strcmp(n->items[i].receiver, receiver) == 0;
}

void
announce_free(struct agent *a)
{
	struct announcement *n, *next;

	for (n = a->late; n != NULL; n = next) {
		next = n->next;
		if (!n->at_keeper)	/* which discards its own */
			announcement_free(n);
	}
}

static void
announcement_done(struct job *j)
{
	struct announcement *n = (struct announcement *)(void *)j;

	loop_timer_clear(n->agent->loop, &n->patience);
	if (!n->sent && j->failed)
		send_unsaved(n, j->why.text);
	else if (!n->sent)
		send_items(n);
	if (j->failed) {
		keep_for_later(n);
		return;
	}
	log_relent(&n->agent->state_complaint, "state.db: works again");
	if (n->late)
		unlink_late(n);
	announcement_free(n);
}

static void
on_patience(void *arg)
{
	send_unsaved(arg, "the disk does not answer");
}

static void
add_items(struct announcement *n, const struct alert *alert,
    const struct notification *notification)
{
	struct outbox *outbox = n->agent->outbox;
	size_t max = outbox_receivers(outbox);

	n->items = mem_new(max + 1, sizeof *n->items);
	for (size_t i = 0; i < max; i++) {
		const char *name = outbox_receiver_name(outbox, i);
		struct item *it = &n->items[n->nitems];

		if (!rule_names_receiver(alert->rule, name))
			continue;
		it->receiver = mem_strdup(name);
		it->id = mem_strdup(notification->id);
		it->json = notification_write(notification);
		it->notification = notification_copy(notification);
		n->nitems++;
	}
}

static void
log_change(const struct notification *n)
{
	if (n->type == NOTIFY_FIRING)
		log_warn("%s: %s", notification_type_name(n->type), n->summary);
	else
		log_info("%s: %s", notification_type_name(n->type), n->summary);
}

static struct notification *
notification_of(const struct agent *a, const char *db,
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
	struct notification *msg = NULL;
	struct announcement *n;

	a->fired += what == ALERT_FIRED;
	NEW(n);
	n->agent = a;
	n->job.mail.discard = announcement_discard;
	n->job.work = announcement_work;
	n->job.done = announcement_done;
	n->job.put_ms = wall_ms();
	n->patience = (struct loop_timer){ .fn = on_patience, .arg = n };
	alerts_save(&n->record, set, alert);
	n->record.rule = n->rule = mem_strdup(n->record.rule);
	n->record.db = n->db = mem_strdup(n->record.db);
	if (!quiet)
		msg = notification_of(a, set->db, alert, what, n->job.put_ms);
	if (msg != NULL) {
		log_change(msg);
		add_items(n, alert, msg);
		notification_free(msg);
	}
	if (keeper_put(a->keeper, &n->job) == -1) {
		send_unsaved(n, "the disk does not answer");
		keep_for_later(n);
	} else if (n->nitems > 0) {
		loop_timer_set(a->loop, &n->patience,
		    mono_ms() + ANNOUNCE_PATIENCE_MS);
	}
}

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

static void
farewell_done(struct job *j)
{
	struct farewell *f = (struct farewell *)(void *)j;

	if (j->failed)
		log_complain(&f->agent->state_complaint, "state.db: %s",
		    j->why.text);
	farewell_discard(&j->mail);
}

void
announce_finished(void *arg, const char *id, const char *receiver,
    enum outbox_end how)
{
	struct agent *a = arg;
	struct farewell *f;

	(void)how;	/* the outbox has logged and counted it */
	mark_gone(a, id, receiver);
	NEW(f);
	f->agent = a;
	f->job.mail.discard = farewell_discard;
	f->job.work = farewell_work;
	f->job.done = farewell_done;
	f->id = mem_strdup(id);
	f->receiver = mem_strdup(receiver);
	/* Full: after a restart it is sent once more, with the same id. */
	if (keeper_put(a->keeper, &f->job) == -1)
		farewell_discard(&f->job.mail);
}
