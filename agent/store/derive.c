/*
 * derive - see derive.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store/derive.h"
#include "agent/store/meter.h"
#include "agent/store/store.h"
#include "base/mem.h"
#include "collectors/collector.h"

/* Sources that are better than an estimate, the best last; a counter stays as
 * it was when its source goes away, so they say whether they are there. */
static const struct better {
	const char	*name, *labels;
	const char	*there;		/* a gauge, above 0 */
} betters[] = {
	{ "kernel", "source=\"kernel\"", "sqlite_traced_processes" },
	{ "probe", "source=\"probe\"", "sqlite_probe_processes" },
};

#define BETTERS	(sizeof betters / sizeof *betters)

/* The rows that make one family. */
struct family {
	size_t	 n;
	size_t	*slots;		/* owned */
};

struct source {
	struct family	 metric, other;
	size_t		 meter;		/* HOW_RATE: the first; one per row */
};

struct derive {
	const struct metric *const *rows;	/* not owned */
	size_t		 nmeters;
	struct source	 sources[MEASURE_COUNT];
	struct family	 there[BETTERS];
};

static void
find_family(const struct derive *d, size_t nrows, const char *name,
    struct family *ret)
{
	size_t cap = 0;

	for (size_t i = 0; name != NULL && i < nrows; i++)
		if (strcmp(d->rows[i]->name, name) == 0) {
			MEM_ROOM(ret->slots, ret->n, cap);
			ret->slots[ret->n++] = i;
		}
}

struct derive *
derive_new(const struct metric *const *rows, size_t nrows)
{
	struct derive *d;

	NEW(d);
	d->rows = rows;
	for (size_t i = 0; i < MEASURE_COUNT; i++) {
		struct source *s = &d->sources[i];

		find_family(d, nrows, measures[i].metric, &s->metric);
		find_family(d, nrows, measures[i].other, &s->other);
		s->meter = d->nmeters;
		if (measures[i].how == HOW_RATE)
			d->nmeters += s->metric.n;
	}
	for (size_t i = 0; i < BETTERS; i++)
		find_family(d, nrows, betters[i].there, &d->there[i]);
	return d;
}

void
derive_free(struct derive *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < MEASURE_COUNT; i++) {
		free(d->sources[i].metric.slots);
		free(d->sources[i].other.slots);
	}
	for (size_t i = 0; i < BETTERS; i++)
		free(d->there[i].slots);
	free(d);
}

size_t
derive_meters(const struct derive *d)
{
	return d->nmeters;
}

/* fmax() and fmin() take the number when the other is NAN. */
static double
reach(const struct derive *d, const struct watched *w, const struct family *f,
    double (*worse)(double, double))
{
	double worst = NAN;

	for (size_t i = 0; i < f->n; i++) {
		const struct metric *m = d->rows[f->slots[i]];

		worst = worse(worst, values_get(&w->values, f->slots[i]));
		for (struct labelled *l = w->labelled; l; l = l->next)
			if (l->metric == m)
				worst = worse(worst, l->value);
	}
	return worst;
}

static double
largest(const struct derive *d, const struct watched *w,
    const struct family *f)
{
	return reach(d, w, f, fmax);
}

static double
value(const struct derive *d, struct watched *w, size_t id)
{
	return largest(d, w, &d->sources[id].metric);
}

static double
least(const struct derive *d, struct watched *w, size_t id)
{
	return reach(d, w, &d->sources[id].metric, fmin);
}

/* -1: it has gone away. */
static int
rank(const struct derive *d, const struct watched *w, const struct metric *m)
{
	for (size_t i = 0; i < BETTERS; i++) {
		if (m->labels == NULL ||
		    strcmp(m->labels, betters[i].labels) != 0)
			continue;
		return largest(d, w, &d->there[i]) > 0 ? (int)i + 1 : -1;
	}
	return 0;
}

/* Of the best source that has one, and never a sum of sources: they tell of the
 * same things. */
static double
best_speed(const struct derive *d, const struct watched *w, size_t id,
    int *ret_rank)
{
	const struct source *s = &d->sources[id];
	double best = NAN;

	*ret_rank = 0;
	for (size_t i = 0; i < s->metric.n; i++) {
		size_t slot = s->metric.slots[i];
		double speed = isnan(values_get(&w->values, slot)) ? NAN :
		    meter_rate(&w->meters[s->meter + i]);
		int r = rank(d, w, d->rows[slot]);

		if (isnan(speed) || r < *ret_rank)
			continue;
		best = r > *ret_rank ? speed : fmax(best, speed);
		*ret_rank = r;
	}
	return best;
}

static double
rate(const struct derive *d, struct watched *w, size_t id)
{
	const struct source *s = &d->sources[id];
	int ignored;

	for (size_t i = 0; i < s->metric.n; i++)
		meter_add(&w->meters[s->meter + i], w->mono_ms,
		    values_get(&w->values, s->metric.slots[i]));
	return best_speed(d, w, id, &ignored);
}

const char *
derive_source(const struct derive *d, const struct watched *w, size_t id)
{
	int r;

	if (isnan(best_speed(d, w, id, &r)))
		return NULL;
	return r == 0 ? "sampled" : betters[r - 1].name;
}

static double
difference(const struct derive *d, struct watched *w, size_t id)
{
	return value(d, w, id) - largest(d, w, &d->sources[id].other);
}

static double
ratio(const struct derive *d, struct watched *w, size_t id)
{
	double other = largest(d, w, &d->sources[id].other);

	return other > 0 ? value(d, w, id) / other : NAN;
}

/* Of two timestamps the older one; 0 and NAN are none. */
static double
older(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) ? b : a;
	return a == 0 || b == 0 ? fmax(a, b) : fmin(a, b);
}

static double
age(const struct derive *d, struct watched *w, size_t id)
{
	double since = reach(d, w, &d->sources[id].metric, older);
	double now = (double)w->at_ms / 1000;

	return since == 0 ? 0 : since > now ? 0 : now - since;
}

static double
hold(const struct derive *d, struct watched *w, size_t id)
{
	const struct culprit *c;

	(void)d;
	if (measures[id].culprit >= HOLD_COUNT)
		return NAN;
	c = &store_culprits(w)[measures[id].culprit];
	if (c->since_ms == 0 || c->since_ms > w->at_ms)
		return 0;
	return (double)(w->at_ms - c->since_ms) / 1000;
}

static const struct {
	double	(*of)(const struct derive *, struct watched *, size_t id);
	bool	 moves;		/* with time, and nothing else */
} ways[] = {
	[HOW_VALUE]	 = { value, false },
	[HOW_LEAST]	 = { least, false },
	[HOW_RATE]	 = { rate, true },
	[HOW_DIFFERENCE] = { difference, false },
	[HOW_RATIO]	 = { ratio, false },
	[HOW_AGE]	 = { age, true },
	[HOW_HOLD]	 = { hold, true },
	[HOW_LATE]	 = { NULL, true },
};

void
derive_measures(const struct derive *d, struct watched *w, bool time_only)
{
	for (size_t id = 0; id < MEASURE_COUNT; id++) {
		enum measure_how how = measures[id].how;

		if (ways[how].of == NULL || (time_only && !ways[how].moves))
			continue;
		w->measures[id] = w->down != NULL ? NAN :
		    ways[how].of(d, w, id);
	}
	w->measures[MEASURE_UP] = w->down == NULL;
}
