/*
 * worker - see worker.h.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "agent/batch.h"
#include "agent/clock.h"
#include "agent/err.h"
#include "agent/mem.h"
#include "agent/notify.h"
#include "agent/worker.h"
#include "collectors/database.h"
#include "collectors/locktable.h"
#include "tracer/tracer.h"

#define LOCKS_COST	1000	/* rest so many times what /proc/locks took */

static void
begin(struct worker *w, struct entry *e)
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

/* Returns false when the worker was left meanwhile: the roster is not its. */
static bool
end(struct worker *w)
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

/* A disk that hangs for one database hangs for its neighbours too. */
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

/* An entry left the roster; one that a hung thread holds waits for it. */
static void
entry_gone(void *arg, struct entry *e)
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

static void
follow_order(struct sampler *s, const struct order *o)
{
	switch (o->kind) {
	case ORDER_WATCH:
		roster_watch(&s->roster, o->name, o->path, o->interval_ms);
		break;
	case ORDER_UNWATCH:
		roster_unwatch(&s->roster, o->name, entry_gone, s);
		break;
	case ORDER_REPLICA:
		roster_replica(&s->roster, o->name, o->replica, o->path);
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

	for (; m != NULL; m = next) {
		next = m->next;
		follow_order(s, (const struct order *)(void *)m);
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
	e->subject.db->tracer = s->settings.tracer;
	begin(w, e);
	b = subject_sample(&e->subject, s->locks);
	events_watch_name(s, e, was_open);
	events_watch_shm(s, e);
	mine = end(w);
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

	for (size_t i = 0; i < s->roster.n; i++) {
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

		if (is_out_of_reach(s, e) ||
		    !subject_is_active(&e->subject, now / 1000))
			continue;
		begin(w, e);
		subject_peek(&e->subject);
		events_watch_shm(s, e);
		if (!end(w))
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

	events_drain(s);
	if (!s->news)
		return true;
	s->news = false;
	for (size_t i = 0; i < s->roster.n; i++) {
		struct entry *e = s->roster.entries[i];

		if (e->news == 0 || is_out_of_reach(s, e))
			continue;
		begin(w, e);
		events_follow(s, e);
		if (!end(w))
			return false;
	}
	return true;
}

static bool
chase_due(struct worker *w)
{
	int64_t now = mono_ms();

	for (size_t i = 0; i < w->sampler->roster.n; i++) {
		struct entry *e = w->sampler->roster.entries[i];

		if (e->chase_ms == 0 || is_out_of_reach(w->sampler, e))
			continue;
		begin(w, e);
		subject_follow(&e->subject, false);
		if (!events_settling(e) || now > e->chase_ms)
			e->chase_ms = 0;
		if (!end(w))
			return false;
	}
	return true;
}

static bool
is_anybody_in(const struct sampler *s)
{
	for (size_t i = 0; i < s->roster.n; i++)
		if (!s->roster.entries[i]->stuck &&
		    s->roster.entries[i]->subject.db->wal.held)
			return true;
	return false;
}

/* A worker that hangs may come back to the table it had: keep it till then. */
static void
take_locks(struct sampler *s, struct locktable *t)
{
	if (atomic_load(&s->nhung) == 0) {
		locktable_free(s->old_locks);
		s->old_locks = NULL;
		locktable_free(s->locks);
	} else if (s->locks != NULL) {
		s->locks->next = s->old_locks;
		s->old_locks = s->locks;
	}
	s->locks = t;
}

static bool
read_locks(struct worker *w)
{
	struct sampler *s = w->sampler;
	struct locktable *t;
	int64_t rest_ms;
	struct err e;

	if (mono_ms() < s->locks_due_ms || !is_anybody_in(s))
		return true;
	begin(w, NULL);
	t = locktable_read("/proc/locks", &e);	/* NULL: no names, then */
	if (!end(w)) {
		locktable_free(t);
		return false;
	}
	rest_ms = t == NULL ? 0 : t->cost_us * LOCKS_COST / 1000;
	if (rest_ms < s->settings.locks_ms)
		rest_ms = s->settings.locks_ms;
	s->locks_due_ms = mono_ms() + rest_ms;
	take_locks(s, t);
	return true;
}

/* With copies of its own: while glob() hangs the pattern may be dropped. */
static bool
look_for(struct worker *w, struct pattern *p)
{
	char *name = mem_strdup(p->name), *path = mem_strdup(p->path);
	struct sampler *s = w->sampler;
	glob_t found;
	bool mine, answered;

	w->pattern = name;
	begin(w, NULL);
	answered = roster_glob(path, &found);
	mine = end(w);
	w->pattern = NULL;
	if (mine)
		p->busy = false;
	if (mine && answered)
		roster_take_matches(&s->roster, p, &found, entry_gone, s);
	globfree(&found);
	free(name);
	free(path);
	return mine;
}

static bool
find_matches(struct worker *w)
{
	struct roster *r = &w->sampler->roster;
	struct pattern *p;

	while ((p = roster_due_pattern(r, mono_ms())) != NULL)
		if (!look_for(w, p))
			return false;
	return true;
}

bool
worker_turn(struct worker *w)
{
	struct sampler *s = w->sampler;

	worker_take_orders(s);
	tracer_tick(s->settings.tracer, mono_ms());
	return follow_news(w) && chase_due(w) && find_matches(w) &&
	    sample_due(w) && read_locks(w) && peek_due(w);
}

/* Until when there is nothing to do, in ms from now. */
static int
idle_ms(struct sampler *s)
{
	int64_t now = mono_ms(), next = now + 1000;
	bool peeks = false;

	for (size_t i = 0; i < s->roster.n; i++) {
		const struct entry *e = s->roster.entries[i];

		if (is_out_of_reach(s, e))
			continue;
		if (e->chase_ms != 0)
			return 1;
		if (e->due_ms < next)
			next = e->due_ms;
		peeks |= subject_is_active(&e->subject, now);
	}
	if (peeks && s->settings.peek_ms > 0 && s->peek_us / 1000 + 1 < next)
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
