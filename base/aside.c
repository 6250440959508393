/*
 * aside - see aside.h.
 *
 * A process has one set of threads, so this is the one place with a lock and a
 * list that belong to no object.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/aside.h"
#include "base/mem.h"

#define STACK_BYTES	(256u << 10)

static struct {
	pthread_mutex_t	 lock;
	pthread_cond_t	 cond;		/* something is done */
	LIST_HEAD(aside_list, aside) left;	/* nobody waits for these */
	size_t		 nleft;
} all = { .lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER };

static void *
work(void *arg)
{
	struct aside *a = arg;
	bool left;

	a->work(a);
	pthread_mutex_lock(&all.lock);
	a->done = true;
	left = a->left;
	if (left) {
		LIST_REMOVE(a, link);
		all.nleft--;
		free(a->name);
	}
	pthread_cond_broadcast(&all.cond);
	pthread_mutex_unlock(&all.lock);
	if (left)
		a->discard(a);
	return NULL;
}

static int
begin(struct aside *a)
{
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	a->done = a->left = false;
	if (pthread_attr_init(&attr) != 0)
		return -1;
	rc = pthread_attr_setstacksize(&attr, STACK_BYTES) == 0 &&
	    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0 &&
	    pthread_create(&thread, &attr, work, a) == 0 ? 0 : -1;
	(void)pthread_attr_destroy(&attr);
	return rc;
}

/* Under the lock. */
static bool
is_left(const char *name)
{
	const struct aside *a;

	LIST_FOREACH(a, &all.left, link)
		if (strcmp(a->name, name) == 0)
			return true;
	return all.nleft == ASIDE_MAX;
}

/* Under the lock. */
static void
wait_for(const struct aside *a, int64_t limit_ms)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += limit_ms / 1000;
	until.tv_nsec += limit_ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	while (!a->done)
		if (pthread_cond_clockwait(&all.cond, &all.lock,
		    CLOCK_MONOTONIC, &until) != 0)
			return;
}

int
aside_run(struct aside *a, const char *name, int64_t limit_ms)
{
	bool done;

	pthread_mutex_lock(&all.lock);
	if (is_left(name) || begin(a) == -1) {
		pthread_mutex_unlock(&all.lock);
		a->discard(a);
		return -1;
	}
	wait_for(a, limit_ms);
	done = a->done;
	if (!done) {
		a->left = true;
		a->name = mem_strdup(name);
		LIST_INSERT_HEAD(&all.left, a, link);
		all.nleft++;
	}
	pthread_mutex_unlock(&all.lock);
	return done ? 0 : -1;
}
