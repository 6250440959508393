/*
 * away - see away.h.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/away.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"

#define STACK_BYTES	(1u << 20)	/* TLS wants some */

struct away {
	/* shared */
	atomic_bool	 stopped;
	int		 fd;		/* owned; readable when it has ended */

	/* the thread's, until it has ended */
	CURL		*easy;		/* not owned */
	CURLcode	 rc;

	/* the loop's */
	pthread_t	 thread;
	struct loop	*loop;		/* not owned */
	away_ended_fn	*ended;
	void		*arg;
};

static int
on_progress(void *arg, curl_off_t dltotal, curl_off_t dlnow,
    curl_off_t ultotal, curl_off_t ulnow)
{
	struct away *a = arg;

	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;
	return atomic_load(&a->stopped);
}

static void *
away_main(void *arg)
{
	struct away *a = arg;

	a->rc = curl_easy_perform(a->easy);
	(void)eventfd_write(a->fd, 1);	/* fails for no counter of 0 */
	return NULL;
}

/* It has ended, or will in a moment. */
static CURLcode
finish(struct away *a)
{
	CURLcode rc;

	(void)pthread_join(a->thread, NULL);
	rc = a->rc;
	loop_unwatch(a->loop, a->fd);
	close(a->fd);
	free(a);
	return rc;
}

static void
on_end(void *arg, int fd, uint32_t events)
{
	struct away *a = arg;
	away_ended_fn *ended = a->ended;
	void *to = a->arg;

	(void)fd;
	(void)events;
	ended(to, finish(a));
}

static bool
has_thread(struct away *a)
{
	pthread_attr_t attr;
	bool made;

	if (pthread_attr_init(&attr) != 0)
		return false;
	made = pthread_attr_setstacksize(&attr, STACK_BYTES) == 0 &&
	    pthread_create(&a->thread, &attr, away_main, a) == 0;
	(void)pthread_attr_destroy(&attr);
	return made;
}

#define SET(option, value) \
	(curl_easy_setopt(a->easy, CURLOPT_##option, (value)) == CURLE_OK)

struct away *
away_start(struct loop *loop, CURL *easy, away_ended_fn *ended, void *arg)
{
	struct away *a;
	struct err e;

	NEW(a);
	a->easy = easy;
	a->loop = loop;
	a->ended = ended;
	a->arg = arg;
	a->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (a->fd == -1 || !SET(XFERINFOFUNCTION, on_progress) ||
	    !SET(XFERINFODATA, a) || !SET(NOPROGRESS, 0L))
		goto fail;
	if (loop_watch(loop, a->fd, EPOLLIN, on_end, a, &e) == -1)
		goto fail;
	if (has_thread(a))
		return a;
	loop_unwatch(loop, a->fd);
fail:
	if (a->fd != -1)
		close(a->fd);
	free(a);
	return NULL;
}

void
away_stop(struct away *a)
{
	atomic_store(&a->stopped, true);
	(void)finish(a);
}
