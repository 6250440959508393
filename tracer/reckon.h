/*
 * reckon - from what the kernel counted to what it means.  Pure.
 *
 * Refusals: whoever reads the header of the wal-index while it is being written
 * asks for the writer's byte too, and when that is refused, for a shared lock
 * on the recovery byte; no busy handler is called then.  So a refused writer is
 * a refusal less one such probe.  A transaction whose snapshot is out of date
 * is not refused by the kernel but by SQLite, so it is not among these.
 *
 * Blindness: a busy handler of the app's own may sleep in ways that are not
 * seen, or not at all.  Then writers are refused and nobody sleeps, and the
 * count of sleeps, though right, is no count of retries.
 */
#ifndef TRACER_RECKON_H
#define TRACER_RECKON_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/shared.h"

#define RECKON_ENOUGH	10	/* refusals, before anything is said of them */

uint64_t reckon_refusals(const struct trace_slot *);

/* Refusals and sleeps while locks were traced; old ones fade. */
struct sight {
	double	 refusals, sleeps;
};

void	sight_add(struct sight *, uint64_t refusals, uint64_t sleeps);
/* Share of the refusals that no sleep followed; NAN: too few to say. */
double	sight_unslept(const struct sight *);

/*
 * The value that a share q of what came after `before` did not exceed, in
 * seconds: the upper end of its power of two, so up to twice too large.  NAN:
 * nothing came.
 */
double	reckon_quantile(const struct trace_hist *now,
	    const struct trace_hist *before, double q);

#endif
