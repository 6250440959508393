/*
 * worker - see worker.h.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "agent/sampling/worker.h"
#include "base/batch.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/notify.h"
#include "collectors/database.h"
#include "tracer/tracer.h"

void
worker_begin(struct worker *w, struct entry *e)
{
	pthread_mutex_lock(&w->sampler->lock);
	w->at = e;
	w->dev = e == NULL ? 0 : e->subject.db->dev;
	w->since_ms = mono_ms();
	pthread_mutex_unlock(&w->sampler->lock);
}

/* What it found is lost: the roster is another's, who may look now. */
static void
look_again(struct sampler *s, const char *pattern)
{
	struct order *o = order_new(ORDER_LOOK, pattern, NULL);

	if (inbox_put(s->orders, &o->mail) == -1)
		order_free(o);
}

/* Under the lock: a worker that was left has come back from its disk. */
static void
give_back(struct worker *w)
{
	struct sampler *s = w->sampler;

	for (unsigned i = 0; i < SAMPLER_MAX_STUCK; i++)
		if (s->hung[i] == w)
			s->hung[i] = NULL;
	if (w->pattern != NULL)
		look_again(s, w->pattern);
	atomic_fetch_sub(&s->nhung, 1);
	if (w->at == NULL)
		return;
	if (w->at->unwanted)
		roster_free_entry(w->at);
	else
		w->at->stuck = false;
}

bool
worker_end(struct worker *w)
{
	bool left;

	pthread_mutex_lock(&w->sampler->lock);
	left = w->left;
	w->since_ms = 0;
	if (left)
		give_back(w);
	w->at = NULL;
	pthread_mutex_unlock(&w->sampler->lock);
	return !left;
}

/*
 * A disk that hangs for one database hangs for its neighbours too.  Whoever is
 * stuck belongs to the thread that hangs: of that nothing else is looked at.
 */
static bool
is_out_of_reach(struct sampler *s, const struct entry *e)
{
	bool out = e->stuck;

	if (out || atomic_load(&s->nhung) == 0)
		return out;
	pthread_mutex_lock(&s->lock);
	for (unsigned i = 0; !out && i < SAMPLER_MAX_STUCK; i++)
		out = s->hung[i] != NULL && s->hung[i]->dev != 0 &&
		    s->hung[i]->dev == e->subject.db->dev;
	pthread_mutex_unlock(&s->lock);
	return out;
}

static void
send(struct sampler *s, struct batch *b)
{
	if (inbox_put(s->out, &b->mail) == -1)
		batch_free(b);
}

void
worker_entry_gone(void *arg, struct entry *e)
{
	struct sampler *s = arg;
	struct batch *b = batch_new(e->subject.db->name);
	bool stuck;

	b->gone = true;
	send(s, b);
	pthread_mutex_lock(&s->lock);
	stuck = e->stuck;
	e->unwanted = true;
	pthread_mutex_unlock(&s->lock);
	if (stuck)
		return;
	if (s->notify != NULL)
		notify_forget(s->notify, e->subject.db->wal.notify_wd);
	roster_free_entry(e);
}

/* News about a database, for its collectors.  One that a thread hangs in has
 * no use for it now. */
static void
hand_over(struct entry *e, struct order *o)
{
	struct database *db = e != NULL ? e->subject.db : NULL;

	if (db == NULL || e->stuck)
		return;
	if (o->setup != NULL)
		database_set_setup(db, o->setup);
	if (o->finding != NULL)
		database_take_finding(db, o->finding);
	if (o->drill != NULL)
		database_take_drill(db, o->drill);
	o->setup = NULL;
	o->finding = NULL;
	o->drill = NULL;
	db->restless = true;	/* what there is to tell is told soon */
}

static void
follow_order(struct sampler *s, struct order *o)
{
	switch (o->kind) {
	case ORDER_WATCH:
		roster_watch(&s->roster, o->name, o->path, o->interval_ms);
		break;
	case ORDER_UNWATCH:
		roster_unwatch(&s->roster, o->name, worker_entry_gone, s);
		break;
	case ORDER_SETUP:
	case ORDER_FOUND:
	case ORDER_DRILLED:
		hand_over(roster_find(&s->roster, o->name), o);
		break;
	case ORDER_LOOK:
		roster_look_again(&s->roster, o->name);
		break;
	case ORDER_STOP:
		s->stop = true;
		break;
	}
}

void
worker_take_orders(struct sampler *s)
{
	struct mail *m = inbox_take(s->orders), *next;

	if (m != NULL)
		s->due_ms = 0;
	for (; m != NULL; m = next) {
		next = m->next;
		follow_order(s, (struct order *)(void *)m);
		m->discard(m);
	}
}

static bool
sample(struct worker *w, struct entry *e)
{
	struct sampler *s = w->sampler;
	bool was_open = e->subject.db->fd != -1;
	int64_t now = mono_ms(), interval = e->subject.db->interval_ms;
	struct batch *b;
	bool mine;

	e->due_ms = now - now % interval + interval;
	worker_begin(w, e);
	e->subject.db->discovery = s->discovery;
	e->subject.db->discovery_no = s->discovery_no;
	e->subject.db->remote_ms = s->settings.remote_ms;
	e->subject.db->tracer = s->settings.tracer;
	e->subject.db->binaries = s->binaries;
	e->subject.db->probe_dirs = &s->probe_dirs;
	b = subject_sample(&e->subject, s->locks);
	events_watch_name(s, e, was_open);
	events_watch_shm(s, e);
	mine = worker_end(w);
	if (mine)
		events_leave_name(s, e);
	send(s, b);
	return mine;
}

static bool
sample_due(struct worker *w)
{
	struct sampler *s = w->sampler;
	int64_t now = mono_ms();

	for (size_t i = 0; now >= s->due_ms && i < s->roster.n; i++) {
		struct entry *e = s->roster.entries[i];

		if (e->due_ms <= now && !is_out_of_reach(s, e) &&
		    !sample(w, e))
			return false;
	}
	return true;
}

/* From half a gap to one and a half: nothing can keep step with it. */
static void
set_next_peek(struct sampler *s, int64_t gap_us)
{
	s->dice ^= s->dice << 13;
	s->dice ^= s->dice >> 7;
	s->dice ^= s->dice << 17;
	s->peek_us = mono_us() + gap_us / 2 +
	    (int64_t)(s->dice % (uint64_t)gap_us);
}

static bool
peek_due(struct worker *w)
{
	struct sampler *s = w->sampler;
	int64_t now = mono_us();

	if (s->settings.peek_ms == 0 || now < s->peek_us)
		return true;
	for (size_t i = 0; i < s->roster.n; i++) {
		struct entry *e = s->roster.entries[i];

		if (e->stuck || !subject_is_active(&e->subject, now / 1000) ||
		    is_out_of_reach(s, e))
			continue;
		worker_begin(w, e);
		subject_peek(&e->subject);
		events_watch_shm(s, e);
		if (!worker_end(w))
			return false;
	}
	set_next_peek(s, s->settings.peek_ms * 1000);
	return true;
}

/* At once: what is not looked at now may not be there at the next sample. */
static bool
follow_news(struct worker *w)
{
	struct sampler *s = w->sampler;
	bool chase;

	events_drain(s);
	if (!s->news)
		return true;
	s->news = false;
	s->due_ms = 0;
	for (size_t i = 0; i < s->roster.n; i++) {
		struct entry *e = s->roster.entries[i];

		if (e->stuck || e->news == 0 || is_out_of_reach(s, e))
			continue;
		worker_begin(w, e);
		events_follow(s, e);
		chase = e->chase_ms != 0;
		if (!worker_end(w))
			return false;
		s->chase |= chase;
	}
	return true;
}

static bool
chase_due(struct worker *w)
{
	struct sampler *s = w->sampler;
	int64_t now = mono_ms();
	bool more = false;

	if (!s->chase)
		return true;
	s->due_ms = 0;
	for (size_t i = 0; i < s->roster.n; i++) {
		struct entry *e = s->roster.entries[i];

		if (e->stuck || e->chase_ms == 0 || is_out_of_reach(s, e))
			continue;
		worker_begin(w, e);
		subject_follow(&e->subject, false);
		if (!events_settling(e) || now > e->chase_ms)
			e->chase_ms = 0;
		more |= e->chase_ms != 0;
		if (!worker_end(w))
			return false;
	}
	s->chase = more;
	return true;
}

bool
worker_turn(struct worker *w)
{
	struct sampler *s = w->sampler;

	worker_take_orders(s);
	tracer_tick(s->settings.tracer, mono_ms());
	return follow_news(w) && chase_due(w) && errand_matches(w) &&
	    errand_discover(w) && sample_due(w) && errand_locks(w) &&
	    peek_due(w);
}

static void
look_ahead(struct sampler *s, int64_t now)
{
	s->due_ms = now + 1000;
	s->active = false;
	for (size_t i = 0; i < s->roster.n; i++) {
		const struct entry *e = s->roster.entries[i];

		if (is_out_of_reach(s, e))
			continue;
		if (e->due_ms < s->due_ms)
			s->due_ms = e->due_ms;
		s->active |= subject_is_active(&e->subject, now);
		s->chase |= e->chase_ms != 0;	/* a thread gave it back */
	}
}

/* Until when there is nothing to do, in ms from now.  Between two samples we
 * wake for a peek twenty times: that is not to be asked of everybody. */
static int
idle_ms(struct sampler *s)
{
	int64_t now = mono_ms(), next;

	if (s->chase)
		return 1;
	if (now >= s->due_ms)
		look_ahead(s, now);
	next = s->due_ms;
	if (s->active && s->settings.peek_ms > 0 &&
	    s->peek_us / 1000 + 1 < next)
		next = s->peek_us / 1000 + 1;
	return next > now ? (int)(next - now) : 0;
}

void
worker_rest(struct sampler *s)
{
	struct pollfd fds[2] = {
		{ .fd = inbox_fd(s->orders), .events = POLLIN },
		{ .fd = s->notify ? notify_fd(s->notify) : -1,
		  .events = POLLIN },
	};

	(void)poll(fds, 2, idle_ms(s));
}
