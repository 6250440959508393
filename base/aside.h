/*
 * aside - something that may wait for a disk, done by a thread of its own.
 *
 * For small things that the loop must have now, a secret's file: it waits for a
 * moment, and when nothing has come by then it goes on without.  The thread is
 * left to its disk, and until it comes back nothing of the same name is begun
 * again: so a disk that hangs costs one moment, one thread, and no more.
 */
#ifndef BASE_ASIDE_H
#define BASE_ASIDE_H

#include <stdbool.h>
#include <sys/queue.h>

#include <stdint.h>

#define ASIDE_MAX	64	/* threads that are left to their disks */

/* The first member of what somebody wants; work and discard are given. */
struct aside {
	void		(*work)(struct aside *);	/* touches only this */
	void		(*discard)(struct aside *);	/* frees it */

	/* aside.c's own */
	LIST_ENTRY(aside) link;
	char		*name;		/* owned; once it is left */
	bool		 done, left;
};

/* 0: it was done.  -1: it was not, or not in time; it is discarded, or will
 * be.  Any thread may call this. */
int	aside_run(struct aside *, const char *name, int64_t limit_ms);

#endif
