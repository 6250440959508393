/*
 * keeper - see keeper.h.
 *
 * Jobs go through two inboxes, to the thread and back.  Both have room for all
 * the jobs there may be, since keeper_put() counts until a job is done: so an
 * answer is never refused.  A second descriptor wakes the thread to stop.
 */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "agent/state/keeper.h"
#include "agent/state/state.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/inbox.h"
#include "base/loop.h"
#include "base/mem.h"

struct keeper {
	/* shared */
	struct inbox	*jobs, *answers;	/* owned */
	int		 wakefd;		/* readable: stop */
	atomic_bool	 stopping;
	atomic_llong	 busy_since;
	atomic_size_t	 pending;		/* put and not yet done */
	pthread_mutex_t	 lock;
	pthread_cond_t	 left;
	bool		 gone;			/* under lock */

	/* owned by the thread once it runs */
	struct state	*state;			/* NULL: not open */
	struct err	 why;			/* it is not */

	/* owned by the loop */
	struct loop	*loop;			/* not owned */
	pthread_t	 thread;
	bool		 running;
};

static void
on_answers(void *arg, int fd, uint32_t events)
{
	struct keeper *k = arg;
	struct mail *m, *next;

	(void)fd;
	(void)events;
	for (m = inbox_take(k->answers); m != NULL; m = next) {
		struct job *j = (struct job *)m;

		next = m->next;
		atomic_fetch_sub(&k->pending, 1);
		j->done(j);
	}
}

static void
init_left(struct keeper *k)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&k->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&k->left, &attr);
	pthread_condattr_destroy(&attr);
}

static int
open_ways(struct keeper *k, struct err *e)
{
	k->wakefd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (k->wakefd == -1)
		return err_set(e, "eventfd: %s", strerror(errno));
	k->jobs = inbox_new(KEEPER_QUEUE_MAX, e);
	k->answers = inbox_new(KEEPER_QUEUE_MAX, e);
	if (k->jobs == NULL || k->answers == NULL)
		return -1;
	return loop_watch(k->loop, inbox_fd(k->answers), EPOLLIN, on_answers,
	    k, e);
}

struct keeper *
keeper_new(struct state *state, struct loop *loop, struct err *e)
{
	struct keeper *k;

	NEW(k);
	k->state = state;
	err_set(&k->why, "the file is not open yet");
	k->loop = loop;
	init_left(k);
	if (open_ways(k, e) == 0)
		return k;
	keeper_free(k);
	return NULL;
}

void
keeper_free(struct keeper *k)
{
	if (k == NULL)
		return;
	assert(!k->running);
	if (k->answers != NULL)
		loop_unwatch(k->loop, inbox_fd(k->answers));
	inbox_free(k->jobs);
	inbox_free(k->answers);
	if (k->wakefd != -1)
		close(k->wakefd);
	state_close(k->state);
	pthread_cond_destroy(&k->left);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

/* What became of a transaction. */
enum outcome { KEPT, UNDONE, NOT_BEGUN };

static int
work_until(struct keeper *k, struct mail *m, const struct mail *end,
    struct err *e)
{
	for (; m != end; m = m->next) {
		struct job *j = (struct job *)m;

		if (j->work(j, k->state, e) == -1)
			return -1;
	}
	return 0;
}

/* The jobs from first up to end, all of them or none. */
static enum outcome
transact(struct keeper *k, struct mail *first, const struct mail *end,
    struct err *e)
{
	atomic_store(&k->busy_since, mono_ms());
	if (state_begin(k->state, e) == -1)
		return NOT_BEGUN;
	if (work_until(k, first, end, e) == 0 &&
	    state_commit(k->state, e) == 0)
		return KEPT;
	state_rollback(k->state);
	return UNDONE;
}

/* A transaction that cannot even begin is nobody's fault: no use in more. */
static void
work_all(struct keeper *k, struct mail *first)
{
	struct err why = { "" };
	enum outcome all = transact(k, first, NULL, &why);

	for (struct mail *m = first; m != NULL; m = m->next) {
		struct job *j = (struct job *)m;
		enum outcome one = all;

		if (all == UNDONE)
			one = transact(k, m, m->next, &why);
		j->failed = one != KEPT;
		if (j->failed)
			j->why = why;
	}
	atomic_store(&k->busy_since, 0);
}

/* Until one opens the state every job fails; the others are left to be done. */
static struct mail *
work_without(struct keeper *k, struct mail *m)
{
	atomic_store(&k->busy_since, mono_ms());
	for (; m != NULL && k->state == NULL; m = m->next) {
		struct job *j = (struct job *)m;

		if (j->open != NULL)
			k->state = j->open(j, &k->why);
		j->failed = k->state == NULL;
		j->why = k->why;
	}
	atomic_store(&k->busy_since, 0);
	return m;
}

static void
do_all(struct keeper *k, struct mail *m)
{
	if (k->state == NULL)
		m = work_without(k, m);
	if (m != NULL)
		work_all(k, m);
}

static void
answer_all(struct keeper *k, struct mail *m)
{
	struct mail *next;

	for (; m != NULL; m = next) {
		next = m->next;
		if (inbox_put(k->answers, m) == -1)
			abort();	/* there is room for all jobs */
	}
}

static void
wait_for_jobs(struct keeper *k)
{
	struct pollfd fds[] = {
		{ .fd = inbox_fd(k->jobs), .events = POLLIN },
		{ .fd = k->wakefd, .events = POLLIN },
	};

	(void)poll(fds, 2, -1);		/* a vain wake-up does no harm */
}

static void *
keeper_main(void *arg)
{
	struct keeper *k = arg;
	struct mail *jobs;
	bool last = false;

	while (!last) {
		/* Asked before taking: what was put before is then done. */
		last = atomic_load(&k->stopping);
		jobs = inbox_take(k->jobs);
		if (jobs != NULL) {
			do_all(k, jobs);
			answer_all(k, jobs);
		} else if (!last) {
			wait_for_jobs(k);
		}
	}
	pthread_mutex_lock(&k->lock);
	k->gone = true;
	pthread_cond_broadcast(&k->left);
	pthread_mutex_unlock(&k->lock);
	return NULL;
}

int
keeper_start(struct keeper *k, struct err *e)
{
	int rc = pthread_create(&k->thread, NULL, keeper_main, k);

	if (rc != 0)
		return err_set(e, "pthread_create: %s", strerror(rc));
	k->running = true;
	return 0;
}

int
keeper_put(struct keeper *k, struct job *j)
{
	if (k == NULL || atomic_load(&k->stopping))
		return -1;
	if (atomic_fetch_add(&k->pending, 1) < KEEPER_QUEUE_MAX &&
	    inbox_put(k->jobs, &j->mail) == 0)
		return 0;
	atomic_fetch_sub(&k->pending, 1);
	return -1;
}

void
keeper_wait(struct keeper *k, int64_t patience_ms)
{
	struct pollfd fds[] = {
		{ .fd = inbox_fd(k->answers), .events = POLLIN },
	};

	if (poll(fds, 1, (int)patience_ms) > 0)
		on_answers(k, inbox_fd(k->answers), EPOLLIN);
}

int64_t
keeper_busy_since(const struct keeper *k)
{
	return atomic_load(&k->busy_since);
}

/* A moment ms from now on the clock that the condition was told to use. */
static struct timespec
mono_after(int64_t ms)
{
	int64_t at = mono_ms() + ms;

	return (struct timespec){ at / 1000, at % 1000 * 1000000 };
}

int
keeper_stop(struct keeper *k, int64_t patience_ms)
{
	struct timespec until = mono_after(patience_ms);
	const uint64_t one = 1;
	bool gone;
	int rc = 0;

	if (k == NULL || !k->running)
		return 0;
	atomic_store(&k->stopping, true);
	if (write(k->wakefd, &one, sizeof one) == -1)
		(void)0;	/* only when it rings already */
	pthread_mutex_lock(&k->lock);
	while (!k->gone && rc == 0)
		rc = pthread_cond_timedwait(&k->left, &k->lock, &until);
	gone = k->gone;
	pthread_mutex_unlock(&k->lock);
	if (!gone)
		return -1;
	pthread_join(k->thread, NULL);
	k->running = false;
	return 0;
}
