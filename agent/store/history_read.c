/*
 * history_read - what a page or a digest asks of a history.
 */
#include <math.h>

#include "agent/store/history_own.h"

#define DAY_S	86400

static int64_t
newest_of(const struct slot *s, enum tier_id id)
{
	return s->has_ring ? s->ring->tracks[id].newest :
	    s->last_s / history_tiers[id].step_s;
}

static struct point
point_at(const struct slot *s, enum tier_id id, int64_t bucket)
{
	const struct tier *t = &history_tiers[id];
	int64_t newest = newest_of(s, id);

	if (bucket > newest || bucket <= newest - t->length)
		return history_nothing;
	if (s->has_ring)
		return *history_point(s->ring, t, bucket);
	if (bucket < s->first_s / t->step_s)
		return history_nothing;
	return (struct point){ s->value, s->value, s->value };
}

/* One point for n buckets. */
static struct point
merge(const struct slot *s, enum tier_id id, int64_t bucket, int64_t n)
{
	struct point all = history_nothing;
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
	const struct tier *fine = &history_tiers[FINE];
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

/* That of another database on its disk, where it has no ring of its own. */
static struct slot
slot_of(const struct history *h, int measure)
{
	int i = h->pool->index[measure];
	struct slot s = i != -1 ? h->slots[i] : (struct slot){ 0 };

	if (!s.has_ring && measure == MEASURE_DISK_FREE &&
	    h->disk != NULL && h->disk->n > 0)
		s = (struct slot){ .ring = h->disk->rings[0],
		    .has_ring = true };
	return s;
}

size_t
history_read(const struct history *h, int measure, int64_t from_s,
    int64_t to_s, int64_t step_s, struct point *ret, size_t max, int64_t *step,
    int64_t *first_s)
{
	const struct slot own = slot_of(h, measure), *s = &own;
	enum tier_id id = choose_tier(s, from_s, step_s);
	const struct tier *t = &history_tiers[id];
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
