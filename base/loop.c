/*
 * loop - see loop.h for the contract.
 *
 * Watches live in an array indexed by descriptor, timers in one list sorted by
 * due time: an agent has a few dozen of each, and a list that can be read in a
 * debugger beats a heap that cannot.  No timerfd: epoll_wait() already takes a
 * timeout, and a timer that is only a number can be moved without a syscall.
 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"

#define MAX_FD		65536	/* a descriptor above this is refused */
#define MAX_PREPARE	4
#define MAX_EVENTS	64

struct watch {
	loop_fd_fn	*fn;	/* NULL when the descriptor is not watched */
	void		*arg;
	uint32_t	 turn;	/* of its number: each watch is another */
};

struct prepare {
	loop_prepare_fn	*fn;
	void		*arg;
};

struct loop {
	int		 epfd;
	bool		 stopping;
	struct watch	 *watches;	/* owned; by descriptor */
	int		 nwatches;
	struct prepare	 prepares[MAX_PREPARE];
	size_t		 nprepares;
	struct loop_timer *timers;	/* soonest first; not owned */
};

struct loop *
loop_new(struct err *e)
{
	struct loop *l;

	NEW(l);
	l->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epfd == -1) {
		err_set(e, "epoll_create1: %s", strerror(errno));
		loop_free(l);
		return NULL;
	}
	return l;
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	if (l->epfd != -1)
		close(l->epfd);
	free(l->watches);
	free(l);
}

/* Watched descriptors lie above those that the sampler holds: hence growth. */
static void
make_room(struct loop *l, int fd)
{
	int n = l->nwatches ? l->nwatches : 64;

	while (n <= fd)
		n *= 2;
	if (n == l->nwatches)
		return;
	l->watches = mem_grow(l->watches, (size_t)n, sizeof *l->watches);
	memset(l->watches + l->nwatches, 0,
	    (size_t)(n - l->nwatches) * sizeof *l->watches);
	l->nwatches = n;
}

int
loop_watch(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *arg,
    struct err *e)
{
	struct epoll_event ev = { .events = events };
	struct watch *w;
	int op;

	if (fd < 0 || fd >= MAX_FD)
		return err_set(e, "watch: descriptor %d out of range", fd);
	make_room(l, fd);
	w = &l->watches[fd];
	op = w->fn == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
	ev.data.u64 = (uint64_t)w->turn << 32 | (uint32_t)fd;
	if (epoll_ctl(l->epfd, op, fd, &ev) == -1)
		return err_set(e, "watch %d: %s", fd, strerror(errno));
	w->fn = fn;
	w->arg = arg;
	return 0;
}

void
loop_unwatch(struct loop *l, int fd)
{
	if (fd < 0 || fd >= l->nwatches || l->watches[fd].fn == NULL)
		return;
	l->watches[fd] = (struct watch){ .turn = l->watches[fd].turn + 1 };
	(void)epoll_ctl(l->epfd, EPOLL_CTL_DEL, fd, NULL);
}

void
loop_prepare(struct loop *l, loop_prepare_fn *fn, void *arg)
{
	if (l->nprepares == MAX_PREPARE)
		abort();
	l->prepares[l->nprepares++] = (struct prepare){ fn, arg };
}

void
loop_timer_clear(struct loop *l, struct loop_timer *t)
{
	struct loop_timer **link = &l->timers;

	assert(t != NULL);
	while (*link != NULL && *link != t)
		link = &(*link)->next;
	if (*link == t)
		*link = t->next;
	t->next = NULL;
	t->due = 0;
}

void
loop_timer_set(struct loop *l, struct loop_timer *t, int64_t due)
{
	struct loop_timer **link = &l->timers;

	loop_timer_clear(l, t);
	while (*link != NULL && (*link)->due <= due)
		link = &(*link)->next;
	t->due = due;
	t->next = *link;
	*link = t;
}

/* Run each timer that was due when we looked; a timer may set itself again. */
static void
run_timers(struct loop *l)
{
	int64_t now = mono_ms();
	struct loop_timer *t;

	while ((t = l->timers) != NULL && t->due <= now) {
		loop_timer_clear(l, t);
		t->fn(t->arg);
	}
}

/* The longest we may sleep, in ms; -1 for as long as it takes. */
static int
longest_wait(struct loop *l)
{
	int64_t wait = -1;

	for (size_t i = 0; i < l->nprepares; i++) {
		int64_t w = l->prepares[i].fn(l->prepares[i].arg);

		if (w >= 0 && (wait < 0 || w < wait))
			wait = w;
	}
	if (l->timers != NULL) {
		int64_t w = l->timers->due - mono_ms();

		if (w < 0)
			w = 0;
		if (wait < 0 || w < wait)
			wait = w;
	}
	return wait > 60000 ? 60000 : (int)wait;
}

/* An earlier callback may have unwatched this one, and even watch another
 * descriptor of that number. */
static void
hand_out(struct loop *l, const struct epoll_event *ev)
{
	int fd = (int)(uint32_t)ev->data.u64;
	struct watch w = l->watches[fd];

	if (w.fn != NULL && w.turn == ev->data.u64 >> 32)
		w.fn(w.arg, fd, ev->events);
}

int
loop_run(struct loop *l, struct err *e)
{
	struct epoll_event ev[MAX_EVENTS];

	for (l->stopping = false; !l->stopping; run_timers(l)) {
		int n = epoll_wait(l->epfd, ev, MAX_EVENTS, longest_wait(l));

		if (n == -1 && errno != EINTR)
			return err_set(e, "epoll_wait: %s", strerror(errno));
		for (int i = 0; i < n; i++)
			hand_out(l, &ev[i]);
	}
	return 0;
}

void
loop_stop(struct loop *l)
{
	l->stopping = true;
}
