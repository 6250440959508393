/*
 * loop - the one place where the agent waits.
 *
 * The loop knows file descriptors and timers and nothing about what they mean.
 * Everything it calls runs on the loop's thread, so nothing it calls may block.
 *
 * A timer is embedded in the object it serves and costs nothing until set.
 * Watches are kept by descriptor; to stop watching, call loop_unwatch() before
 * close().  Both may be changed from inside a callback.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdint.h>

struct err;
struct loop;

typedef void loop_fd_fn(void *arg, int fd, uint32_t events);
typedef void loop_timer_fn(void *arg);
/* Called before each wait; returns the longest wait in ms, -1 for any. */
typedef int64_t loop_prepare_fn(void *arg);

struct loop_timer {
	struct loop_timer *next;	/* loop.c only */
	int64_t		 due;		/* mono_ms; 0 when not set */
	loop_timer_fn	*fn;
	void		*arg;
};

struct loop	*loop_new(struct err *);
void		 loop_free(struct loop *);
int		 loop_watch(struct loop *, int fd, uint32_t events,
		    loop_fd_fn *, void *arg, struct err *);
void		 loop_unwatch(struct loop *, int fd);
void		 loop_prepare(struct loop *, loop_prepare_fn *, void *arg);
void		 loop_timer_set(struct loop *, struct loop_timer *,
		    int64_t due);
void		 loop_timer_clear(struct loop *, struct loop_timer *);
int		 loop_run(struct loop *, struct err *);
void		 loop_stop(struct loop *);

#endif
