/*
 * diagnose_facts - what a diagnosis is made from; for the files of diagnose.
 *
 * Each diagnosis is two functions: is it so, and say it with the figures.
 */
#ifndef AGENT_DIAGNOSE_DIAGNOSE_FACTS_H
#define AGENT_DIAGNOSE_DIAGNOSE_FACTS_H

#include "agent/diagnose/diagnose.h"
#include "base/culprit.h"

struct facts {
	const double		*values;	/* by measure */
	const struct culprit	*culprits;
	int64_t			 wall_ms;
};

typedef bool	diagnose_is_fn(const struct facts *);
typedef void	diagnose_tell_fn(const struct facts *, char *, size_t);

/* A value in its measure's unit. */
const char	*diagnose_figure(char text[UNIT_TEXT_MAX], const struct facts *,
		    enum measure_id);
const char	*diagnose_seconds(char text[UNIT_TEXT_MAX], double);
/* How long it has been held; 0: it is free. */
double		 diagnose_held_s(const struct facts *, enum hold);

/* diagnose_locks.c: who waits for the write lock, and why. */
diagnose_is_fn	 is_checkpoint_blocks, is_long_writer, is_upgrade,
		 is_no_timeout, is_slow_fsync;
diagnose_tell_fn tell_checkpoint_blocks, tell_long_writer, tell_upgrade,
		 tell_no_timeout, tell_slow_fsync;
/* diagnose_log.c: why the log grows, or why that is no fault. */
diagnose_is_fn	 is_pinned, is_litestream_alone, is_overlapping, is_wal_fine;
diagnose_tell_fn tell_pinned, tell_litestream_alone, tell_overlapping,
		 tell_wal_fine;
/* diagnose_data.c: the copy, and what is in the file. */
diagnose_is_fn	 is_stale, is_freelist;
diagnose_tell_fn tell_stale, tell_freelist;

#endif
