/*
 * sampler - see sampler.h.  The work itself is in worker.c.
 *
 * One worker thread is at work; what it is looking at, and since when, stands
 * under the lock.  When that is too long ago the watchdog leaves the worker
 * alone with its database and starts another.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/sampling/worker.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/inbox.h"
#include "base/mem.h"
#include "base/notify.h"
#include "collectors/binaries.h"
#include "collectors/locktable.h"
#include "litestream/discover.h"

#define ORDERS_MAX	100000
#define STACK_SIZE	(512u << 10)
#define SLICE_NS	100000		/* the shortest there is */

struct sampler *
sampler_new(struct inbox *out, const struct sampler_settings *settings,
    struct err *e)
{
	pthread_condattr_t attr;
	struct sampler *s;
	struct err ignored;

	NEW(s);
	s->out = out;
	s->settings = *settings;
	s->dice = (uint64_t)mono_us() | 1;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->gone_cond, &attr);
	pthread_condattr_destroy(&attr);
	s->binaries = binaries_new();
	s->notify = notify_new(&ignored);
	s->orders = inbox_new(ORDERS_MAX, e);
	if (s->orders == NULL) {
		sampler_free(s);
		return NULL;
	}
	return s;
}

void
sampler_free(struct sampler *s)
{
	if (s == NULL)
		return;
	assert(!s->started || s->gone);
	roster_done(&s->roster);
	notify_free(s->notify);
	binaries_free(s->binaries);
	locktable_free(s->locks);
	locktable_free(s->old_locks);
	discovery_free(s->discovery);
	inbox_free(s->orders);
	free(s->worker);
	pthread_cond_destroy(&s->gone_cond);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static void
give_order(struct sampler *s, struct order *o)
{
	if (inbox_put(s->orders, &o->mail) == -1)
		order_free(o);
}

void
sampler_watch(struct sampler *s, const char *name, const char *path,
    int64_t interval_ms)
{
	struct order *o = order_new(ORDER_WATCH, name, path);

	o->interval_ms = interval_ms;
	give_order(s, o);
}

void
sampler_unwatch(struct sampler *s, const char *name)
{
	give_order(s, order_new(ORDER_UNWATCH, name, NULL));
}

void
sampler_setup(struct sampler *s, const char *db, struct setup *setup)
{
	struct order *o = order_new(ORDER_SETUP, db, NULL);

	o->setup = setup;
	give_order(s, o);
}

void
sampler_found(struct sampler *s, const char *db, struct finding *finding)
{
	struct order *o = order_new(ORDER_FOUND, db, NULL);

	o->finding = finding;
	give_order(s, o);
}

void
sampler_drilled(struct sampler *s, const char *db, struct drill *drill)
{
	struct order *o = order_new(ORDER_DRILLED, db, NULL);

	o->drill = drill;
	give_order(s, o);
}

/*
 * A run of an app can be over in a few milliseconds, and its log gone with it.
 * So on a busy machine we ask for short turns, soon: from Linux 6.12 on that is
 * everybody's to ask for (sched_setattr(2), the slice of SCHED_OTHER); an older
 * kernel says no, and nothing is lost.
 */
static void
ask_for_short_turns(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t	 nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = { .size = sizeof attr, .runtime = SLICE_NS };

	errno = 0;
	attr.nice = getpriority(PRIO_PROCESS, 0);
	if (errno == 0)
		(void)syscall(SYS_sched_setattr, 0, &attr, 0);
}

static void *
worker_main(void *arg)
{
	struct worker *w = arg;
	struct sampler *s = w->sampler;

	/* Whoever starts it under the lock has then said what hangs. */
	pthread_mutex_lock(&s->lock);
	pthread_mutex_unlock(&s->lock);
	ask_for_short_turns();
	while (!s->stop) {
		if (!worker_turn(w)) {
			free(w);	/* the roster is another's now */
			return NULL;
		}
		if (!s->stop)
			worker_rest(s);
	}
	pthread_mutex_lock(&s->lock);
	s->gone = true;
	pthread_cond_broadcast(&s->gone_cond);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* Under the lock. */
static int
start_worker(struct sampler *s, struct err *e)
{
	pthread_attr_t attr;
	struct worker *w;
	pthread_t thread;
	int rc;

	NEW(w);
	w->sampler = s;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &attr, worker_main, w);
	pthread_attr_destroy(&attr);
	if (rc != 0) {
		free(w);
		return err_set(e, "sampler: no thread: %s", strerror(rc));
	}
	s->worker = w;
	return 0;
}

int
sampler_start(struct sampler *s, struct err *e)
{
	int rc;

	pthread_mutex_lock(&s->lock);
	rc = start_worker(s, e);
	s->started = rc == 0;
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static struct worker **
free_place(struct sampler *s)
{
	for (unsigned i = 0; i < SAMPLER_MAX_STUCK; i++)
		if (s->hung[i] == NULL)
			return &s->hung[i];
	return NULL;
}

/* Under the lock: leave the worker with what it looks at, start another. */
static void
replace_worker(struct sampler *s)
{
	struct worker **place = free_place(s), *w = s->worker;
	struct err e;

	if (place == NULL || start_worker(s, &e) == -1)
		return;		/* all the others wait for it, then */
	*place = w;
	w->left = true;
	if (w->at != NULL)
		w->at->stuck = true;
	atomic_fetch_add(&s->nhung, 1);
}

unsigned
sampler_watchdog(struct sampler *s)
{
	unsigned hung;

	pthread_mutex_lock(&s->lock);
	if (s->started && !s->gone && s->worker->since_ms != 0 &&
	    mono_ms() - s->worker->since_ms > SAMPLER_STUCK_MS)
		replace_worker(s);
	hung = atomic_load(&s->nhung);
	pthread_mutex_unlock(&s->lock);
	return hung;
}

void
sampler_once(struct sampler *s)
{
	struct worker w = { .sampler = s };

	for (size_t i = 0; i < s->roster.n; i++)
		s->roster.entries[i]->due_ms = 0;
	s->due_ms = 0;
	(void)worker_turn(&w);
}

int
sampler_stop(struct sampler *s, int64_t patience_ms)
{
	int64_t until_ms = mono_ms() + patience_ms;
	struct timespec until = { until_ms / 1000, until_ms % 1000 * 1000000 };
	bool gone;
	int rc = 0;

	if (s == NULL || !s->started)
		return 0;
	give_order(s, order_new(ORDER_STOP, NULL, NULL));
	pthread_mutex_lock(&s->lock);
	while (!s->gone && rc == 0)
		rc = pthread_cond_timedwait(&s->gone_cond, &s->lock, &until);
	gone = s->gone;
	pthread_mutex_unlock(&s->lock);
	return gone && atomic_load(&s->nhung) == 0 ? 0 : -1;
}
