/*
 * store - the last thing we know about every database.
 *
 * Owned by the loop's thread; nobody else may call it.  A database has a slot
 * for every metric that a collector's table names (values.h), a short list of
 * samples with labels (replicas, the info line), and the measures that follow
 * from them.  Slots are numbered over all collectors: store_slot().
 */
#ifndef AGENT_STORE_STORE_H
#define AGENT_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/store/values.h"
#include "base/batch.h"
#include "base/measure.h"

struct alert_set;
struct history;
struct history_pool;
struct store;

struct labelled {
	struct labelled		*next;
	const struct metric	*metric;
	double			 value;
	char			*labels;	/* owned */
};

/* How a collector last fared with a database. */
struct fared {
	char	*why;			/* owned; NULL when ok */
	uint32_t took_us;		/* over an hour is an hour */
	bool	 ran, ok;
};

struct watched {
	char		*name;		/* owned; the label db */
	char		*path;		/* owned; as configured */
	int64_t		 interval_ms;
	struct values	 values;	/* by slot */
	struct labelled	*labelled;	/* owned */
	double		 measures[MEASURE_COUNT];	/* NAN: not known */
	struct culprit	*culprits;	/* owned; HOLD_COUNT of them; NULL:
					   nobody; see store_culprits() */
	struct fared	*fared;		/* owned; by collector */
	char		*down;		/* owned; why; NULL: up, or unseen */
	bool		 seen;		/* a batch has come */
	int64_t		 at_ms, mono_ms;	/* of the last batch */
	int64_t		 still_ms;	/* store.c: as it was then */
	struct meter	*meters;	/* owned; store.c: rates */
	struct history	*history;	/* owned */
	struct alert_set *alerts;	/* not owned; the caller's */
	struct watched	*next;		/* by name */
	struct watched	*chain;		/* store.c only */
};

struct store	*store_new(struct history_pool *);
void		 store_free(struct store *);
/* Finds or makes. */
struct watched	*store_watch(struct store *, const char *name,
		    const char *path, int64_t interval_ms);
void		 store_forget(struct store *, const char *name);
struct watched	*store_find(const struct store *, const char *name);
struct watched	*store_first(const struct store *);	/* then ->next */
size_t		 store_count(const struct store *);

/* Lay a batch over what is known and work out the measures.  NULL when the
 * database is not watched any more. */
struct watched	*store_apply(struct store *, const struct batch *);
/* Between batches, once a second: what time alone changes (lateness). */
void		 store_tick(struct store *, int64_t mono_ms);
/* Who counted what a rate is made of: "probe", "kernel", "sampled"; or NULL. */
const char	*store_source(const struct store *, const struct watched *,
		    enum measure_id);
/* HOLD_COUNT of them, also when nobody holds anything. */
const struct culprit *store_culprits(const struct watched *);
/* Whether the collector's last look went well; so far none: it did. */
bool		 store_fared_well(const struct watched *,
		    const struct collector *);
/* The slot of a metric of a collector's table, and back; for expo, tests. */
size_t		 store_slot(const struct store *, const struct metric *);
const struct metric *store_metric(const struct store *, size_t slot);
size_t		 store_slots(const struct store *);

#endif
