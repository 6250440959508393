/*
 * history_own - the inside of a history, for the files that it is made of.
 *
 * history.c fills it, history_read.c reads it.
 */
#ifndef AGENT_STORE_HISTORY_OWN_H
#define AGENT_STORE_HISTORY_OWN_H

#include <math.h>

#include "agent/store/history.h"
#include "agent/store/history_disk.h"
#include "base/measure.h"

enum tier_id { FINE, COARSE, TIER_COUNT };

struct tier {
	int64_t	 step_s;
	int64_t	 length;	/* points */
	size_t	 first;		/* where they begin in a ring */
};

extern const struct tier history_tiers[TIER_COUNT];
extern const struct point history_nothing;

struct track {
	int64_t	 newest;	/* bucket; 0: there is none */
	double	 sum;		/* of the values in the newest */
	unsigned n;		/* of them; 0: it came from state.db */
};

struct ring {
	struct track	 tracks[TIER_COUNT];
	struct point	 points[HISTORY_FINE_POINTS + HISTORY_COARSE_POINTS];
};

/* There are as many of these as databases times measures that are kept: 16
 * bytes. */
struct slot {
	union {
		struct ring	*ring;			/* owned; has_ring */
		struct {
			uint32_t first_s, last_s;	/* else; 0: none */
		};
	};
	float		 value;			/* of the constant */
	unsigned	 count:30;		/* how often */
	unsigned	 has_ring:1;
	unsigned	 refused:1;		/* got no ring; is counted */
};

struct history {
	struct history_pool *pool;		/* not owned */
	const char	*db;			/* borrowed */
	struct disk	*disk;			/* not owned; NULL: unknown */
	struct slot	 slots[];		/* pool->nslots */
};

struct history_pool {
	history_finished_fn *finished;
	void		*arg;
	size_t		 nslots;
	int		 index[MEASURE_COUNT];	/* of a measure's; -1: none */
	size_t		 nrings;
	uint64_t	 refused;
	struct disk	*disks;			/* owned, all of them */
};

/* NULL: it is constant. */
static inline struct ring *
history_ring(const struct slot *s)
{
	return s->has_ring ? s->ring : NULL;
}

static inline struct point *
history_point(struct ring *r, const struct tier *t, int64_t bucket)
{
	return &r->points[t->first + (size_t)(bucket % t->length)];
}

#endif
