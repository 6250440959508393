/*
 * collector - one way of looking at one SQLite database.
 *
 * A collector is a single .c file in this folder that defines one
 *
 *	const struct collector collector_<file name> = { ... };
 *
 * The Makefile finds the file and puts it in the registry; nothing else in the
 * tree is edited.  Its metric table is what /metrics, the manual and the tests
 * know of it.  Start from TEMPLATE in this folder.
 *
 * sample() runs on the sampler's thread.  It may wait for the disk; it touches
 * nothing but its probe and its batch, and it does not log: it returns -1 and a
 * sentence.  What it added before failing is thrown away.  What several
 * collectors need to know of a file (its descriptors, its wal-index header) is
 * read once per sample, by database.c, before the first of them runs.  In which
 * order they run is not said: none may need what another does in that sample.
 *
 * No collector opens a watched database through SQLite, asks for a lock other
 * than with F_GETLK, or writes anything anywhere: see database.h.
 */
#ifndef COLLECTORS_COLLECTOR_H
#define COLLECTORS_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch;
struct database;
struct err;

enum metric_kind { METRIC_GAUGE, METRIC_COUNTER, METRIC_INFO };

/* What a number means.  Static: a sample points at its metric for ever. */
struct metric {
	const char	*name;	/* the family: unit last, counters "_total" */
	enum metric_kind kind;
	const char	*labels; /* constant, as in source="sampled"; or NULL */
	const char	*help;	/* one sentence with a full stop, for people */
};

struct collector {
	const char		*name;
	const char		*help;	/* one sentence for the manual */
	const struct metric	*metrics;
	size_t			 nmetrics;
	/* Zeroed bytes per database, aligned for what int64_t asks for. */
	size_t			 state_size;
	int	(*sample)(struct database *, void *state, struct batch *,
		    struct err *);
	/*
	 * Optional: a quick look at the locks between two samples, 20 times a
	 * second while the database is active; dt_us since the look before.
	 * Returns true while there is a reason to go on looking.
	 */
	bool	(*peek)(struct database *, void *state, int64_t dt_us);
	/* Optional.  Let go of what state holds; state is freed after it. */
	void	(*done)(struct database *, void *state);
};

#define COLLECTOR_METRICS(table) \
	.metrics = (table), .nmetrics = sizeof(table) / sizeof((table)[0])

/* Written by the Makefile: every collector, by name; NULL ends the list. */
extern const struct collector *const collectors[];
extern const size_t collectors_count;

#endif
