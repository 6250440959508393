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

#include "agent/store/history_own.h"
#include "base/mem.h"

const struct tier history_tiers[TIER_COUNT] = {
	[FINE]	 = { HISTORY_FINE_S, HISTORY_FINE_POINTS, 0 },
	[COARSE] = { HISTORY_COARSE_S, HISTORY_COARSE_POINTS,
	    HISTORY_FINE_POINTS },
};

const struct point history_nothing = { NAN, NAN, NAN };

struct history_pool *
history_pool_new(history_finished_fn *finished, void *arg)
{
	struct history_pool *pool;

	NEW(pool);
	pool->finished = finished;
	pool->arg = arg;
	for (size_t i = 0; i < MEASURE_COUNT; i++)
		pool->index[i] = measures[i].history ? (int)pool->nslots++ :
		    -1;
	return pool;
}

void
history_pool_free(struct history_pool *pool)
{
	if (pool != NULL)
		disks_free(pool->disks);
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
	struct history *h = mem_new(1, sizeof *h +
	    pool->nslots * sizeof *h->slots);

	h->pool = pool;
	h->db = db;
	return h;
}

/* NULL: no history is kept of that measure. */
static struct slot *
slot_of(struct history *h, int measure)
{
	int i = h->pool->index[measure];

	return i != -1 ? &h->slots[i] : NULL;
}

static struct slot *
disk_slot(struct history *h)
{
	return &h->slots[h->pool->index[MEASURE_DISK_FREE]];
}

void
history_free(struct history *h)
{
	if (h == NULL)
		return;
	if (h->disk != NULL)
		disk_remove(h->disk, history_ring(disk_slot(h)));
	for (size_t i = 0; i < h->pool->nslots; i++) {
		h->pool->nrings -= h->slots[i].has_ring;
		free(history_ring(&h->slots[i]));
	}
	free(h);
}

/* The same point for all of these buckets; the ring keeps the last of them. */
static void
fill(struct ring *r, const struct tier *t, int64_t from, int64_t to,
    struct point p)
{
	if (from <= to - t->length)
		from = to - t->length + 1;
	for (int64_t b = from; b <= to; b++)
		*history_point(r, t, b) = p;
}

/* The constant as its ring would have it. */
static void
fill_constant(struct ring *r, enum tier_id id, const struct slot *s)
{
	const struct tier *t = &history_tiers[id];
	const struct point p = { s->value, s->value, s->value };
	int64_t newest = s->last_s / t->step_s;
	int64_t began = newest * t->step_s, span = s->last_s - s->first_s + 1;
	int64_t n = s->count;		/* 0 after a thousand million */

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
	bool of_disk = h->disk != NULL && s == disk_slot(h);
	struct ring *r;

	if (of_disk && disk_is_full(h->disk))
		return false;
	if (h->pool->nrings == HISTORY_MAX_RINGS) {
		h->pool->refused += !s->refused;
		s->refused = 1;
		return false;
	}
	NEW(r);
	for (size_t i = 0; i < sizeof r->points / sizeof r->points[0]; i++)
		r->points[i] = history_nothing;
	for (enum tier_id id = FINE; id < TIER_COUNT && s->last_s > 0; id++)
		fill_constant(r, id, s);
	h->pool->nrings++;
	s->ring = r;
	s->has_ring = true;
	if (of_disk)
		disk_add(h->disk, r);
	return true;
}

static void
move_to(struct ring *r, enum tier_id id, int64_t bucket)
{
	const struct tier *t = &history_tiers[id];
	struct track *track = &r->tracks[id];

	if (bucket == track->newest)
		return;
	if (bucket > track->newest)
		fill(r, t, track->newest + 1, bucket, history_nothing);
	else
		fill(r, t, bucket, track->newest, history_nothing);
	*track = (struct track){ bucket, 0, 0 };
}

static void
add_to_bucket(struct ring *r, enum tier_id id, int64_t bucket, double value)
{
	struct point *p = history_point(r, &history_tiers[id], bucket);
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
add_to_ring(struct history *h, struct ring *r, int measure, int64_t wall_s,
    double value)
{
	const struct track *coarse = &r->tracks[COARSE];

	if (wall_s / HISTORY_COARSE_S > coarse->newest && coarse->n > 0)
		h->pool->finished(h->pool->arg, h->db, measure,
		    coarse->newest * HISTORY_COARSE_S,
		    history_point(r, &history_tiers[COARSE], coarse->newest));
	for (enum tier_id id = FINE; id < TIER_COUNT; id++)
		add_to_bucket(r, id, wall_s / history_tiers[id].step_s, value);
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
		s->count++;
	} else if (now < s->last_s) {
		s->last_s = now;	/* a small step back, and it changed */
	}
	return fresh || s->value == value;
}

/* One that has a ring already, from state.db, shares it when there is room, or
 * lets it go. */
void
history_set_disk(struct history *h, uint64_t id)
{
	struct slot *s = disk_slot(h);

	if (h->disk != NULL && h->disk->id == id)
		return;
	if (h->disk != NULL)
		disk_remove(h->disk, history_ring(s));
	h->disk = disk_of(&h->pool->disks, id);
	if (!s->has_ring)
		return;
	if (!disk_is_full(h->disk)) {
		disk_add(h->disk, s->ring);
		return;
	}
	free(s->ring);
	*s = (struct slot){ 0 };
	h->pool->nrings--;
}

void
history_add(struct history *h, int measure, int64_t wall_s, double value)
{
	struct slot *s = slot_of(h, measure);

	if (s == NULL || !isfinite(value) || wall_s <= 0 || wall_s > UINT32_MAX)
		return;
	if (!s->has_ring &&
	    stays_constant(s, (uint32_t)wall_s, (float)value))
		return;
	if (s->has_ring || make_ring(h, s))
		add_to_ring(h, s->ring, measure, wall_s, value);
	else
		begin_constant(s, (uint32_t)wall_s, (float)value);
}

/* What state.db has comes from a ring, and becomes one again. */
void
history_load(struct history *h, int measure, int64_t at_s,
    const struct point *p)
{
	struct slot *s = slot_of(h, measure);
	int64_t bucket = at_s / HISTORY_COARSE_S;

	if (s == NULL || at_s <= 0 || at_s > UINT32_MAX || !isfinite(p->mean) ||
	    (!s->has_ring && !make_ring(h, s)) ||
	    bucket < s->ring->tracks[COARSE].newest)
		return;
	move_to(s->ring, COARSE, bucket);
	*history_point(s->ring, &history_tiers[COARSE], bucket) = *p;
}
