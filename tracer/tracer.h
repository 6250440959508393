/*
 * tracer - the kernel's word on SQLite's waits, without touching the app.
 *
 * A room of its own because it is neither a collector (one for all databases,
 * with programs to load) nor the agent's business how it knows: the sampler
 * ticks it, collectors/kernel.c aims it and reads it, and where it is off
 * everything else works.
 *
 *	kernel.bpf.c	what runs in the kernel; kernel.[ch] handles it
 *	aims, burst, reckon	the thinking: pure functions
 *
 * What it sees of a database: the sleeps of SQLite's own busy handler, in
 * processes that hold the wal-index open, threads of one process included, at
 * no cost that can be measured; and in bursts, when something is wrong, locks
 * and fsyncs.  What it never sees: busy handlers that sleep in another way, a
 * busy_timeout of 0, and a pool that does not ask SQLite.
 *
 * Any thread may call these; a lock is held for microseconds, and for some ten
 * ms when a burst begins.
 */
#ifndef TRACER_TRACER_H
#define TRACER_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tracer/aims.h"
#include "tracer/burst.h"
#include "tracer/shared.h"

struct err;
struct tracer;

#define TRACER_FILES	3	/* of one database */

struct tracer_file {
	dev_t		 dev;
	ino_t		 ino;
	enum trace_kind	 kind;
	enum trace_syncs syncs;
};

/* What there is to be seen of one database. */
struct tracer_target {
	struct aim_proc	  procs[AIMS_MAX];
	size_t		  nprocs;
	struct tracer_file files[TRACER_FILES];
	size_t		  nfiles;
};

struct tracer_view {
	struct trace_slot counts;
	bool		  mixed;	/* a process has other databases too */
	bool		  sleeps;	/* are counted now */
	bool		  locks;	/* are traced now */
	size_t		  nprocs;	/* that it was aimed at */
	uint64_t	  bursts;	/* that began so far */
};

/* NULL and a sentence: it is off, everything else works. */
struct tracer	*tracer_new(enum trace_mode, struct err *);
void		 tracer_free(struct tracer *);
/* A place among the TRACE_SLOTS; -1: all are taken. */
int		 tracer_join(struct tracer *);
void		 tracer_leave(struct tracer *, int slot);
void		 tracer_aim(struct tracer *, int slot,
		    const struct tracer_target *);
/* Something is wrong: a burst would tell more. */
void		 tracer_wish(struct tracer *, int64_t mono_ms);
/* Called at least once a second: begins and ends bursts. */
void		 tracer_tick(struct tracer *, int64_t mono_ms);
/* True once, with a sentence, when the kernel refused to attach a program. */
bool		 tracer_failed(struct tracer *, struct err *);
void		 tracer_read(struct tracer *, int slot, struct tracer_view *);
/* Sleeps of processes that have several databases, given to none. */
uint64_t	 tracer_unattributed(struct tracer *);

#endif
