/*
 * window - see window.h.
 *
 * Slots are numbered by time, for good: number k has the values from k times
 * slot_ms on, and lies at k modulo WINDOW_SLOTS.  So time that passes moves
 * nothing, and a slot whose number is too low is as good as empty.
 */
#include <math.h>
#include <stdlib.h>

#include "agent/mem.h"
#include "alerts/window.h"

struct slot {
	int64_t		 number;
	double		 mean;
	float		 least, greatest;	/* rounded towards the mean */
	uint32_t	 n;			/* values; 0: empty */
	uint32_t	 known_ms;		/* how much time they tell of */
};

struct window {
	int64_t		 slot_ms;
	int64_t		 last_ms;	/* mono; of the last value */
	bool		 any;		/* there is a last one */
	struct slot	 slots[WINDOW_SLOTS];
};

struct window *
window_new(int64_t span_ms)
{
	struct window *w;

	NEW(w);
	w->slot_ms = (span_ms + WINDOW_SLOTS - 1) / WINDOW_SLOTS;
	if (w->slot_ms < 1)
		w->slot_ms = 1;
	return w;
}

void
window_free(struct window *w)
{
	free(w);
}

/* Rounds down also before zero: what is seeded may be older than the boot. */
static int64_t
number_of(const struct window *w, int64_t at_ms)
{
	int64_t n = at_ms / w->slot_ms;

	return at_ms % w->slot_ms < 0 ? n - 1 : n;
}

static struct slot *
slot_at(struct window *w, int64_t number)
{
	int64_t i = number % WINDOW_SLOTS;
	struct slot *s = &w->slots[i < 0 ? i + WINDOW_SLOTS : i];

	if (s->n == 0 || s->number != number)
		*s = (struct slot){ .number = number };
	return s;
}

/* A value at the limit must not become one beyond it. */
static float
not_above(double value)
{
	float f = (float)value;

	return (double)f > value ? nextafterf(f, -INFINITY) : f;
}

static float
not_below(double value)
{
	float f = (float)value;

	return (double)f < value ? nextafterf(f, INFINITY) : f;
}

static void
put(struct slot *s, double value)
{
	s->n++;
	s->mean += (value - s->mean) / s->n;
	if (s->n == 1 || (double)s->least > value)
		s->least = not_below(value);
	if (s->n == 1 || (double)s->greatest < value)
		s->greatest = not_above(value);
}

/* The time since the value before, when that is so near that nothing is likely
 * to have happened in between. */
static uint32_t
known(const struct window *w, int64_t at_ms)
{
	int64_t most = w->slot_ms > WINDOW_GAP_MS ? w->slot_ms : WINDOW_GAP_MS;
	int64_t gap = at_ms - w->last_ms;

	return w->any && gap > 0 && gap <= most ? (uint32_t)gap : 0;
}

void
window_add(struct window *w, int64_t at_ms, double value)
{
	struct slot *s;

	if (!isfinite(value) || (w->any &&
	    number_of(w, at_ms) < number_of(w, w->last_ms)))
		return;
	s = slot_at(w, number_of(w, at_ms));
	s->known_ms += known(w, at_ms);
	put(s, value);
	w->last_ms = at_ms;
	w->any = true;
}

void
window_fill(struct window *w, int64_t from_ms, int64_t to_ms, double value)
{
	for (int i = 0; i < WINDOW_SLOTS; i++)
		window_add(w, from_ms + (to_ms - from_ms) * i / WINDOW_SLOTS,
		    value);
}

/* The slots that a window which ends now has, in order; how many. */
static size_t
gather(const struct window *w, int64_t now_ms,
    const struct slot *ret[WINDOW_SLOTS])
{
	int64_t newest = number_of(w, now_ms);
	size_t n = 0;

	for (int64_t k = newest - WINDOW_SLOTS + 1; k <= newest; k++) {
		int64_t i = k % WINDOW_SLOTS;
		const struct slot *s = &w->slots[i < 0 ? i + WINDOW_SLOTS : i];

		if (s->n > 0 && s->number == k)
			ret[n++] = s;
	}
	return n;
}

static double
mean_of(const struct slot *const *slots, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += slots[i]->mean;
	return sum / (double)n;
}

static double
greatest_of(const struct slot *const *slots, size_t n)
{
	double most = (double)slots[0]->greatest;

	for (size_t i = 1; i < n; i++)
		if ((double)slots[i]->greatest > most)
			most = (double)slots[i]->greatest;
	return most;
}

static double
least_of(const struct slot *const *slots, size_t n)
{
	double least = (double)slots[0]->least;

	for (size_t i = 1; i < n; i++)
		if ((double)slots[i]->least < least)
			least = (double)slots[i]->least;
	return least;
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
sort_means(double *ret, const struct slot *const *slots, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ret[i] = slots[i]->mean;
	qsort(ret, n, sizeof *ret, by_value);
}

static double
median_of(const struct slot *const *slots, size_t n)
{
	double means[WINDOW_SLOTS];

	sort_means(means, slots, n);
	return (means[(n - 1) / 2] + means[n / 2]) / 2;
}

/* The nearest rank: a value that was there. */
static double
p95_of(const struct slot *const *slots, size_t n)
{
	double means[WINDOW_SLOTS];

	sort_means(means, slots, n);
	return means[(n * 95 + 99) / 100 - 1];
}

/* Least squares, with time counted in slots from the first one; a line needs
 * two points. */
static double
trend_of(const struct window *w, const struct slot *const *slots, size_t n,
    int64_t at_ms)
{
	double from = (double)slots[0]->number, mean = mean_of(slots, n);
	double mid = 0, across = 0, along = 0;
	double at = (double)at_ms / (double)w->slot_ms - from - 0.5;

	if (n < 2)
		return NAN;
	for (size_t i = 0; i < n; i++)
		mid += ((double)slots[i]->number - from) / (double)n;
	for (size_t i = 0; i < n; i++) {
		double x = (double)slots[i]->number - from - mid;

		across += x * x;
		along += x * (slots[i]->mean - mean);
	}
	return mean + along / across * (at - mid);
}

double
window_value(const struct window *w, enum window_of of, int64_t now_ms,
    int64_t ahead_ms)
{
	static double (*const values[])(const struct slot *const *, size_t) = {
		[WINDOW_NONE]	= mean_of,
		[WINDOW_AVG]	= mean_of,
		[WINDOW_MAX]	= greatest_of,
		[WINDOW_MIN]	= least_of,
		[WINDOW_MEDIAN]	= median_of,
		[WINDOW_P95]	= p95_of,
	};
	const struct slot *slots[WINDOW_SLOTS];
	size_t n = gather(w, now_ms, slots);

	if (n == 0)
		return NAN;
	if (of == WINDOW_TREND)
		return trend_of(w, slots, n, now_ms + ahead_ms);
	return values[of](slots, n);
}

bool
window_is_thin(const struct window *w, int64_t now_ms)
{
	const struct slot *slots[WINDOW_SLOTS];
	size_t n = gather(w, now_ms, slots);
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += slots[i]->known_ms;
	return sum < w->slot_ms * WINDOW_SLOTS / 2;
}
