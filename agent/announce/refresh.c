/*
 * refresh - see refresh.h.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "agent/agent.h"
#include "agent/announce/announcement.h"
#include "agent/announce/refresh.h"
#include "alerts/heard.h"
#include "alerts/outbox.h"
#include "base/clock.h"
#include "base/mem.h"

/* An alert that was resolved a short while ago. */
struct ended {
	TAILQ_ENTRY(ended) link;
	struct notification *n;		/* owned */
	int64_t		 at_ms;		/* mono */
};

struct refresh {
	TAILQ_HEAD(ended_list, ended) list;	/* owned; the oldest first */
	size_t		 n;
};

/* What goes to one receiver. */
struct heap {
	struct notification **items;	/* owned, and each of them */
	size_t		 n, cap;
};

static void
drop(struct refresh *r, struct ended *e)
{
	TAILQ_REMOVE(&r->list, e, link);
	r->n--;
	notification_free(e->n);
	free(e);
}

void
refresh_free(struct agent *a)
{
	if (a->refresh == NULL)
		return;
	while (!TAILQ_EMPTY(&a->refresh->list))
		drop(a->refresh, TAILQ_FIRST(&a->refresh->list));
	free(a->refresh);
	a->refresh = NULL;
}

void
refresh_note(struct agent *a, const struct notification *n)
{
	struct ended *e;

	if (n->type != NOTIFY_RESOLVED)
		return;
	if (a->refresh == NULL) {
		NEW(a->refresh);
		TAILQ_INIT(&a->refresh->list);
	}
	if (a->refresh->n == REFRESH_MAX)
		drop(a->refresh, TAILQ_FIRST(&a->refresh->list));
	NEW(e);
	e->n = notification_copy(n);
	e->at_ms = mono_ms();
	TAILQ_INSERT_TAIL(&a->refresh->list, e, link);
	a->refresh->n++;
}

static void
expire(struct refresh *r, int64_t now)
{
	struct ended *e;

	while ((e = TAILQ_FIRST(&r->list)) != NULL &&
	    now - e->at_ms > REFRESH_RESOLVED_MS)
		drop(r, e);
}

static void
take(struct heap *h, struct notification *n)
{
	if (h->n == REFRESH_MAX) {
		notification_free(n);
		return;
	}
	MEM_ROOM(h->items, h->n, h->cap);
	h->items[h->n++] = n;
}

static bool
is_open(const struct alert *al)
{
	return al->announced && al->known && !al->silenced;
}

/* What ended when it was raised was told, and stays so.  That it is less bad
 * again nobody was told. */
static struct notification *
words_for(const struct agent *a, const char *db, const struct alert *al,
    int64_t wall)
{
	struct notification *n = announce_words(a, db, al,
	    announce_change(al), wall);

	if (al->raised)
		notification_forget_before(n);
	return n;
}

static void
take_open(struct heap *h, const struct agent *a, size_t receiver, int64_t wall)
{
	const struct alert_set *set;

	for (set = alerts_first(a->alerts); set != NULL; set = set->next)
		for (size_t i = 0; i < set->nalerts; i++) {
			const struct alert *al = &set->alerts[i];

			if (is_open(al) && heard_is_by(al,
			    outbox_receiver_name(a->outbox, receiver)))
				take(h, words_for(a, set->db, al, wall));
		}
}

/* An end is no news once it has begun again. */
static void
take_ended(struct heap *h, const struct agent *a, size_t receiver)
{
	const struct ended *e = a->refresh == NULL ? NULL :
	    TAILQ_FIRST(&a->refresh->list);

	for (; e != NULL; e = TAILQ_NEXT(e, link)) {
		struct alert_set *set;
		const struct alert *al = alerts_alert(a->alerts, e->n->alert,
		    e->n->db, &set);

		if (al != NULL && !al->announced && outbox_is_meant(a->outbox,
		    receiver, al->rule->receivers))
			take(h, notification_copy(e->n));
	}
}

void
refresh_tick(struct agent *a, int64_t now)
{
	if (a->refresh != NULL)
		expire(a->refresh, now);
	for (size_t i = 0; i < outbox_receivers(a->outbox); i++) {
		struct heap h = { 0 };

		if (!outbox_wants_refresh(a->outbox, i, now))
			continue;
		take_open(&h, a, i, wall_ms());
		if (outbox_wants(a->outbox, i, NOTIFY_RESOLVED))
			take_ended(&h, a, i);
		outbox_refresh(a->outbox, i, h.items, h.n);
	}
}
