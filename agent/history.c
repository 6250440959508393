/*
 * history - see history.h.
 *
 * A value belongs to a bucket of each tier: the number of its step since 1970.
 * Bucket b lies at b modulo the length of the ring, and a ring knows only the
 * newest one, so time that passes without values costs nothing until the next.
 * A clock that is set back takes the buckets behind it away.
 *
 * Before a value differs there is no ring: the slot itself says which value it
 * was, from when to when, and is read as if it were one.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "agent/history.h"
#include "agent/measure.h"
#include "agent/mem.h"

#define DAY_S	86400

enum tier_id { FINE, COARSE, TIER_COUNT };

static const struct tier {
	int64_t	 step_s;
	int64_t	 length;	/* points */
	size_t	 first;		/* where they begin in a ring */
} tiers[TIER_COUNT] = {
	[FINE]	 = { HISTORY_FINE_S, HISTORY_FINE_POINTS, 0 },
	[COARSE] = { HISTORY_COARSE_S, HISTORY_COARSE_POINTS,
	    HISTORY_FINE_POINTS },
};

struct track {
	int64_t	 newest;	/* bucket; 0: there is none */
	double	 sum;		/* of the values in the newest */
	unsigned n;		/* of them; 0: it came from state.db */
};

struct ring {
	struct track	 tracks[TIER_COUNT];
	struct point	 points[HISTORY_FINE_POINTS + HISTORY_COARSE_POINTS];
};

/* There are as many of these as databases times measures: 24 bytes. */
struct slot {
	struct ring	*ring;			/* owned; NULL: constant */
	uint32_t	 first_s, last_s;	/* of the constant; 0: none */
	float		 value;
	unsigned	 count:31;		/* how often */
	unsigned	 refused:1;		/* got no ring; is counted */
};

struct history {
	struct history_pool *pool;		/* not owned */
	char		*db;			/* owned */
	struct slot	 slots[MEASURE_COUNT];
};

struct history_pool {
	history_finished_fn *finished;
	void		*arg;
	size_t		 nrings;
	uint64_t	 refused;
};

static const struct point nothing = { NAN, NAN, NAN };

struct history_pool *
history_pool_new(history_finished_fn *finished, void *arg)
{
	struct history_pool *pool;

	NEW(pool);
	pool->finished = finished;
	pool->arg = arg;
	return pool;
}

void
history_pool_free(struct history_pool *pool)
{
	free(pool);
}

uint64_t
history_pool_refused(const struct history_pool *pool)
{
	return pool->refused;
}

struct history *
history_new(struct history_pool *pool, const char *db)
{
	struct history *h;

	NEW(h);
	h->pool = pool;
	h->db = mem_strdup(db);
	return h;
}

void
history_free(struct history *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < MEASURE_COUNT; i++) {
		h->pool->nrings -= h->slots[i].ring != NULL;
		free(h->slots[i].ring);
	}
	free(h->db);
	free(h);
}

static struct point *
point_of(struct ring *r, const struct tier *t, int64_t bucket)
{
	return &r->points[t->first + (size_t)(bucket % t->length)];
}

/* The same point for all of these buckets; the ring keeps the last of them. */
static void
fill(struct ring *r, const struct tier *t, int64_t from, int64_t to,
    struct point p)
{
	if (from <= to - t->length)
		from = to - t->length + 1;
	for (int64_t b = from; b <= to; b++)
		*point_of(r, t, b) = p;
}

/* The constant as its ring would have it. */
static void
fill_constant(struct ring *r, enum tier_id id, const struct slot *s)
{
	const struct tier *t = &tiers[id];
	const struct point p = { s->value, s->value, s->value };
	int64_t newest = s->last_s / t->step_s;
	int64_t began = newest * t->step_s, span = s->last_s - s->first_s + 1;
	int64_t n = s->count;		/* 0 after two thousand million */

	if (s->first_s < began)		/* its share of the newest bucket */
		n = (n * (s->last_s - began + 1) + span - 1) / span;
	if (n < 1)
		n = 1;
	fill(r, t, s->first_s / t->step_s, newest, p);
	r->tracks[id] = (struct track){ newest, (double)s->value * (double)n,
	    (unsigned)n };
}

/* A ring for the slot; false when there are too many. */
static bool
make_ring(struct history *h, struct slot *s)
{
	struct ring *r;

	if (h->pool->nrings == HISTORY_MAX_RINGS) {
		h->pool->refused += !s->refused;
		s->refused = 1;
		return false;
	}
	NEW(r);
	for (size_t i = 0; i < sizeof r->points / sizeof r->points[0]; i++)
		r->points[i] = nothing;
	for (enum tier_id id = FINE; id < TIER_COUNT && s->last_s > 0; id++)
		fill_constant(r, id, s);
	h->pool->nrings++;
	s->ring = r;
	return true;
}

static void
move_to(struct ring *r, enum tier_id id, int64_t bucket)
{
	const struct tier *t = &tiers[id];
	struct track *track = &r->tracks[id];

	if (bucket == track->newest)
		return;
	if (bucket > track->newest)
		fill(r, t, track->newest + 1, bucket, nothing);
	else
		fill(r, t, bucket, track->newest, nothing);
	*track = (struct track){ bucket, 0, 0 };
}

static void
add_to_bucket(struct ring *r, enum tier_id id, int64_t bucket, double value)
{
	struct point *p = point_of(r, &tiers[id], bucket);
	struct track *track = &r->tracks[id];
	float v = (float)value;

	move_to(r, id, bucket);
	track->n++;
	track->sum += value;
	p->mean = (float)(track->sum / track->n);
	if (track->n == 1 || v < p->least)
		p->least = v;
	if (track->n == 1 || v > p->greatest)
		p->greatest = v;
}

static void
add_to_ring(struct history *h, int measure, int64_t wall_s, double value)
{
	struct ring *r = h->slots[measure].ring;
	const struct track *coarse = &r->tracks[COARSE];

	if (wall_s / HISTORY_COARSE_S > coarse->newest && coarse->n > 0)
		h->pool->finished(h->pool->arg, h->db, measure,
		    coarse->newest * HISTORY_COARSE_S,
		    point_of(r, &tiers[COARSE], coarse->newest));
	for (enum tier_id id = FINE; id < TIER_COUNT; id++)
		add_to_bucket(r, id, wall_s / tiers[id].step_s, value);
}

static void
begin_constant(struct slot *s, uint32_t wall_s, float value)
{
	s->first_s = s->last_s = wall_s;
	s->value = value;
	s->count = 1;
}

/* True while no ring is needed. */
static bool
stays_constant(struct slot *s, uint32_t now, float value)
{
	/* Missing for long, or the clock was set back: forget what was. */
	bool fresh = s->last_s == 0 || now < s->first_s ||
	    (s->value == value && now > s->last_s &&
	    now - s->last_s > HISTORY_COARSE_S);

	if (fresh) {
		begin_constant(s, now, value);
	} else if (s->value == value) {
		s->last_s = now > s->last_s ? now : s->last_s;
		s->count = (s->count + 1) & INT32_MAX;
	} else if (now < s->last_s) {
		s->last_s = now;	/* a small step back, and it changed */
	}
	return fresh || s->value == value;
}

void
history_add(struct history *h, int measure, int64_t wall_s, double value)
{
	struct slot *s = &h->slots[measure];

	if (!isfinite(value) || wall_s <= 0 || wall_s > UINT32_MAX)
		return;
	if (s->ring == NULL &&
	    stays_constant(s, (uint32_t)wall_s, (float)value))
		return;
	if (s->ring != NULL || make_ring(h, s))
		add_to_ring(h, measure, wall_s, value);
	else
		begin_constant(s, (uint32_t)wall_s, (float)value);
}

/* What state.db has comes from a ring, and becomes one again. */
void
history_load(struct history *h, int measure, int64_t at_s,
    const struct point *p)
{
	struct slot *s = &h->slots[measure];
	int64_t bucket = at_s / HISTORY_COARSE_S;

	if (at_s <= 0 || at_s > UINT32_MAX || !isfinite(p->mean) ||
	    (s->ring == NULL && !make_ring(h, s)) ||
	    bucket < s->ring->tracks[COARSE].newest)
		return;
	move_to(s->ring, COARSE, bucket);
	*point_of(s->ring, &tiers[COARSE], bucket) = *p;
}

static int64_t
newest_of(const struct slot *s, enum tier_id id)
{
	return s->ring != NULL ? s->ring->tracks[id].newest :
	    s->last_s / tiers[id].step_s;
}

static struct point
point_at(const struct slot *s, enum tier_id id, int64_t bucket)
{
	const struct tier *t = &tiers[id];
	int64_t newest = newest_of(s, id);

	if (bucket > newest || bucket <= newest - t->length)
		return nothing;
	if (s->ring != NULL)
		return *point_of(s->ring, t, bucket);
	if (bucket < s->first_s / t->step_s)
		return nothing;
	return (struct point){ s->value, s->value, s->value };
}

/* One point for n buckets. */
static struct point
merge(const struct slot *s, enum tier_id id, int64_t bucket, int64_t n)
{
	struct point all = nothing;
	double sum = 0;
	unsigned seen = 0;

	for (int64_t b = bucket; b < bucket + n; b++) {
		struct point p = point_at(s, id, b);

		if (isnan(p.mean))
			continue;
		seen++;
		sum += (double)p.mean;
		all.least = fminf(all.least, p.least);	/* passes over NAN */
		all.greatest = fmaxf(all.greatest, p.greatest);
	}
	if (seen > 0)
		all.mean = (float)(sum / seen);
	return all;
}

/* The fine one when it reaches back far enough; a little trimmed is fine. */
static enum tier_id
choose_tier(const struct slot *s, int64_t from_s, int64_t step_s)
{
	const struct tier *fine = &tiers[FINE];
	int64_t oldest = (newest_of(s, FINE) - fine->length + 1) * fine->step_s;

	return newest_of(s, FINE) > 0 && step_s < HISTORY_COARSE_S &&
	    from_s >= oldest - HISTORY_COARSE_S ? FINE : COARSE;
}

/* The wish as a multiple of the tier's, so large that max points are enough. */
static int64_t
choose_step(int64_t wish_s, int64_t tier_s, int64_t from_s, int64_t to_s,
    size_t max)
{
	int64_t step_s = tier_s;

	if (wish_s > DAY_S)
		wish_s = DAY_S;
	if (wish_s > tier_s)
		step_s = (wish_s + tier_s - 1) / tier_s * tier_s;
	while (step_s < 2 * DAY_S &&
	    (size_t)(to_s / step_s - from_s / step_s) >= max)
		step_s += tier_s;
	return step_s;
}

size_t
history_read(const struct history *h, int measure, int64_t from_s,
    int64_t to_s, int64_t step_s, struct point *ret, size_t max, int64_t *step,
    int64_t *first_s)
{
	const struct slot *s = &h->slots[measure];
	enum tier_id id = choose_tier(s, from_s, step_s);
	const struct tier *t = &tiers[id];
	int64_t newest = newest_of(s, id);
	size_t n = 0;

	if (from_s < (newest - t->length + 1) * t->step_s)
		from_s = (newest - t->length + 1) * t->step_s;
	if (to_s >= (newest + 1) * t->step_s)
		to_s = (newest + 1) * t->step_s - 1;
	*step = t->step_s;
	*first_s = from_s;
	if (newest == 0 || to_s < from_s)
		return 0;
	*step = choose_step(step_s, t->step_s, from_s, to_s, max);
	*first_s = from_s - from_s % *step;
	for (int64_t at = *first_s; at <= to_s && n < max; at += *step)
		ret[n++] = merge(s, id, at / t->step_s, *step / t->step_s);
	return n;
}
