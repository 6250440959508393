/*
 * history - a short memory of each measure, in rings.
 *
 * Two tiers: 10 s points for the last 15 minutes and 5 min points for the last
 * day; each point is the mean, least and greatest of the values in it.  A ring
 * costs 5 KB and is made when a value first differs from the one before: an
 * idle database costs next to nothing.  All rings together are bounded.
 * Finished 5 min points are handed out to be kept in state.db.
 */
#ifndef AGENT_STORE_HISTORY_H
#define AGENT_STORE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#define HISTORY_FINE_S		10
#define HISTORY_FINE_POINTS	90
#define HISTORY_COARSE_S	300
#define HISTORY_COARSE_POINTS	288
#define HISTORY_MAX_RINGS	4096	/* of all databases: about 20 MB */

struct history;			/* of one database: a slot per measure */
struct history_pool;		/* counts the rings of all of them */

struct point {
	float	 mean, least, greatest;		/* NAN: nothing was seen */
};

/* A 5 min point is finished; measure is an enum measure_id. */
typedef void history_finished_fn(void *arg, const char *db, int measure,
    int64_t at_s, const struct point *);

struct history_pool *history_pool_new(history_finished_fn *, void *arg);
void		 history_pool_free(struct history_pool *);
uint64_t	 history_pool_refused(const struct history_pool *);

/* The name is borrowed. */
struct history	*history_new(struct history_pool *, const char *db);
void		 history_free(struct history *);
/* Which disk it lies on: what is measured of that is kept once for all. */
void		 history_set_disk(struct history *, uint64_t disk);
void		 history_add(struct history *, int measure, int64_t wall_s,
		    double value);
/* A point read back from state.db; only before the first history_add(). */
void		 history_load(struct history *, int measure, int64_t at_s,
		    const struct point *);

/*
 * The points from from_s to to_s (wall), one per step_s (a multiple of 10; 0
 * chooses), oldest first, at most max.  Returns how many; *step is the step
 * used and *first_s the time of the first.
 */
size_t		 history_read(const struct history *, int measure,
		    int64_t from_s, int64_t to_s, int64_t step_s,
		    struct point *ret, size_t max, int64_t *step,
		    int64_t *first_s);

#endif
