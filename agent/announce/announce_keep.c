/*
 * announce_keep - an announcement's way to state.db and out; see announce.h.
 *
 * Every announcement is on one list from birth to death, so that whatever has
 * left the outbox meanwhile is known to be gone when it is put to disk again.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/announce/announce.h"
#include "agent/announce/announcement.h"
#include "agent/state/state.h"
#include "agent/state/statedb.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

static void
delivery_done(struct delivery *d)
{
	notification_free(d->notification);
	free(d->receiver);
	free(d->id);
	free(d->json);
}

static void
unlink_announcement(struct announcement *n)
{
	struct announcement **link = &n->agent->announcements;

	while (*link != n)
		link = &(*link)->next;
	*link = n->next;
	if (n->late)
		n->agent->nlate--;
}

static void
announcement_free(struct announcement *n)
{
	unlink_announcement(n);
	for (size_t i = 0; i < n->n; i++)
		delivery_done(&n->deliveries[i]);
	free(n->deliveries);
	free(n->rule);
	free(n->db);
	free(n->from);
	free(n);
}

static void
announcement_discard(struct mail *m)
{
	announcement_free((struct announcement *)(void *)m);
}

/* On the keeper's thread. */
static int
put_delivery(const struct announcement *n, const struct delivery *d,
    struct state *s, struct err *e)
{
	if (d->json == NULL)
		return 0;
	if (state_put_outbox(s, d->id, d->receiver, d->json, d->at_ms, e) == -1)
		return -1;
	return n->from == NULL && !d->shared ? 0 :
	    state_hand_outbox(s, d->id, n->from != NULL ? n->from :
	    d->receiver, d->receiver, e);
}

static int
announcement_work(struct job *j, struct state *s, struct err *e)
{
	const struct announcement *n = (const void *)j;

	if (n->rule != NULL && state_put_alert(s, &n->record, e) == -1)
		return -1;
	for (size_t i = 0; i < n->n; i++)
		if (put_delivery(n, &n->deliveries[i], s, e) == -1)
			return -1;
	return 0;
}

/* On the loop from here. */
static int
send_item(const struct announcement *n, const struct delivery *d,
    struct notification *msg)
{
	struct outbox *outbox = n->agent->outbox;

	if (n->from != NULL)
		return outbox_send_kept(outbox, d->receiver, msg, true);
	return d->shared ? outbox_send_shared(outbox, d->receiver, msg) :
	    outbox_send(outbox, d->receiver, msg);
}

static void
send_items(struct announcement *n)
{
	loop_timer_clear(n->agent->loop, &n->patience);
	n->sent = true;
	for (size_t i = 0; i < n->n; i++) {
		struct delivery *d = &n->deliveries[i];
		struct notification *msg = d->notification;

		d->notification = NULL;
		/* Fails when a reload took the receiver meanwhile. */
		if (send_item(n, d, msg) == -1)
			announce_finished(n->agent, d->id, d->receiver,
			    OUTBOX_REFUSED);
	}
}

static void
send_unsaved(struct announcement *n, const char *why)
{
	struct agent *a = n->agent;

	for (size_t i = 0; i < n->n; i++)
		a->unsaved += n->deliveries[i].json != NULL;
	log_complain(&a->state_complaint,
	    "state.db: %s; notifications go out from memory", why);
	send_items(n);
}

/* --- what state.db would not take ------------------------------------------
 *
 * It was announced, so a restart must know: it is put again until it is kept,
 * with the state that its alert has by then, and without what has left the
 * outbox meanwhile.
 */

static struct announcement *
find_late(const struct agent *a, const char *rule, const char *db)
{
	struct announcement *n = a->announcements;

	while (n != NULL && (!n->late || n->rule == NULL ||
	    strcmp(n->rule, rule) != 0 || strcmp(n->db, db) != 0))
		n = n->next;
	return n;
}

bool
announce_outran(const struct agent *a, const char *rule, const char *db)
{
	return find_late(a, rule, db) != NULL;
}

static void
drop_gone(struct announcement *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->n; i++)
		if (n->deliveries[i].gone)
			delivery_done(&n->deliveries[i]);
		else
			n->deliveries[kept++] = n->deliveries[i];
	n->n = kept;
}

/* An alert is late once, however often it moves. */
static void
join(struct announcement *to, struct announcement *n)
{
	drop_gone(to);
	drop_gone(n);
	for (size_t i = 0; i < n->n; i++) {
		MEM_ROOM(to->deliveries, to->n, to->cap);
		to->deliveries[to->n++] = n->deliveries[i];
	}
	n->n = 0;
	announcement_free(n);
}

static void
keep_for_later(struct announcement *n)
{
	struct agent *a = n->agent;
	struct announcement *before = NULL;

	n->at_keeper = false;
	if (n->late)
		return;
	if (n->rule != NULL)
		before = find_late(a, n->rule, n->db);
	if (before != NULL && !before->at_keeper) {
		join(before, n);
	} else if (a->nlate == ANNOUNCE_LATE_MAX) {
		a->unkept++;
		announcement_free(n);
	} else {
		n->late = true;
		a->nlate++;
	}
}

void
announce_anew(struct agent *a, const struct alert_record *r)
{
	struct announcement *n = announcement_new(a, wall_ms());

	n->record = *r;
	n->record.rule = n->rule = mem_strdup(r->rule);
	n->record.db = n->db = mem_strdup(r->db);
	n->sent = true;		/* nobody is told */
	keep_for_later(n);
}

static void
put_again(struct announcement *n)
{
	drop_gone(n);
	if (n->rule != NULL)
		alerts_refresh(n->agent->alerts, &n->record);
	n->at_keeper = keeper_put(n->agent->keeper, &n->job) == 0;
}

void
announce_late(struct agent *a, int64_t now)
{
	if (now < a->late_ms || !a->state_up)
		return;
	a->late_ms = now + ANNOUNCE_LATE_EVERY_MS;
	for (struct announcement *n = a->announcements; n != NULL; n = n->next)
		if (n->late && !n->at_keeper)
			put_again(n);
	announce_part(a);
}

void
announcement_gone(struct agent *a, const char *id, const char *receiver)
{
	for (struct announcement *n = a->announcements; n != NULL; n = n->next)
		for (size_t i = 0; i < n->n; i++) {
			struct delivery *d = &n->deliveries[i];

			d->gone |= strcmp(d->id, id) == 0 &&
			    strcmp(d->receiver, receiver) == 0;
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
	statedb_heard(n->agent, j);
	if (j->failed)
		keep_for_later(n);
	else
		announcement_free(n);
}

static struct announcement *
oldest_unsent(const struct agent *a)
{
	struct announcement *n = a->announcements, *oldest = NULL;

	for (; n != NULL; n = n->next)
		if (!n->sent && n->n > 0)
			oldest = n;
	return oldest;
}

/* What waits for the disk goes first, or an end would come before what it ends.
 */
static void
send_all_unsaved(struct agent *a, const char *why)
{
	struct announcement *n;

	while ((n = oldest_unsent(a)) != NULL)
		send_unsaved(n, why);
}

static void
on_patience(void *arg)
{
	send_unsaved(arg, STATEDB_HANGS);
}

struct announcement *
announcement_new(struct agent *a, int64_t wall)
{
	struct announcement *n;

	NEW(n);
	n->agent = a;
	n->job.mail.discard = announcement_discard;
	n->job.work = announcement_work;
	n->job.done = announcement_done;
	n->job.put_ms = wall;
	n->patience = (struct loop_timer){ .fn = on_patience, .arg = n };
	n->next = a->announcements;
	a->announcements = n;
	return n;
}

void
announcement_add(struct announcement *n, const char *receiver,
    const struct notification *msg, bool keep)
{
	MEM_ROOM(n->deliveries, n->n, n->cap);
	n->deliveries[n->n++] = (struct delivery){
		.receiver = mem_strdup(receiver),
		.id = mem_strdup(msg->id),
		.json = keep ? notification_write(msg) : NULL,
		.at_ms = n->job.put_ms,
		.notification = notification_copy(msg),
	};
}

void
announcement_go(struct announcement *n)
{
	struct agent *a = n->agent;

	if (a->laying_back)
		return;
	n->at_keeper = a->state_up && keeper_put(a->keeper, &n->job) == 0;
	if (!n->at_keeper) {
		send_all_unsaved(a, a->state_up ? STATEDB_HANGS :
		    a->state_why.text);
		n->sent = true;		/* if there was something to send */
		keep_for_later(n);
	} else if (n->n > 0 && statedb_hangs(a)) {
		send_all_unsaved(a, STATEDB_HANGS);
	} else if (n->n > 0 && !n->sent) {
		loop_timer_set(a->loop, &n->patience,
		    mono_ms() + STATEDB_PATIENCE_MS);
	}
}

void
announcement_go_on(struct agent *a)
{
	struct announcement *n, *oldest;

	a->laying_back = false;
	do {
		oldest = NULL;
		for (n = a->announcements; n != NULL; n = n->next)
			if (!n->late && !n->at_keeper)
				oldest = n;
		if (oldest != NULL)
			announcement_go(oldest);
	} while (oldest != NULL);
}

void
announce_free(struct agent *a)
{
	struct announcement *n, *next;

	for (n = a->announcements; n != NULL; n = next) {
		next = n->next;
		if (!n->at_keeper)	/* which discards its own */
			announcement_free(n);
	}
	announce_part_free(a);
}
