/*
 * window - see window.h.
 *
 * Slots are numbered by time, for good: number k has the values from k times
 * slot_ms on, and lies at k modulo WINDOW_SLOTS.  So time that passes moves
 * nothing, and a slot whose number is too low is as good as empty.
 *
 * While all values were the same one, as those of a database at rest are, there
 * are no slots: from when to when it was so says it all.
 */
#include <math.h>
#include <stdlib.h>

#include "alerts/window.h"
#include "base/mem.h"

struct slot {
	int64_t		 number;
	double		 mean;
	float		 least, greatest;	/* rounded towards the mean */
	uint32_t	 n;			/* values; 0: empty */
	uint32_t	 known_ms;		/* how much time they tell of */
};

struct window {
	int64_t		 slot_ms;
	bool		 any;		/* there is a last value: */
	int64_t		 last_ms;	/* mono; its time */
	double		 value;
	int64_t		 first_ms;	/* mono; since when it is the same */
	struct slot	*slots;		/* owned; NULL: it is still */
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
	if (w == NULL)
		return;
	free(w->slots);
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

/* How much time the values in it tell of. */
static int64_t
known_ms(const struct window *w, int64_t now_ms)
{
	const struct slot *slots[WINDOW_SLOTS];
	int64_t begin = now_ms - w->slot_ms * WINDOW_SLOTS, sum = 0;

	if (!w->any)
		return 0;
	if (w->slots != NULL) {
		for (size_t n = gather(w, now_ms, slots); n > 0; n--)
			sum += slots[n - 1]->known_ms;
		return sum;
	}
	return w->last_ms - (w->first_ms > begin ? w->first_ms : begin);
}

/* Between values no farther apart lies a straight line, and no surprise. */
static bool
is_near(const struct window *w, int64_t at_ms)
{
	int64_t most = w->slot_ms > WINDOW_GAP_MS ? w->slot_ms : WINDOW_GAP_MS;

	return w->any && at_ms - w->last_ms <= most;
}

static void
put_line(struct window *w, int64_t from, int64_t to, double value)
{
	int64_t k = from + 1 > to - WINDOW_SLOTS ? from + 1 :
	    to - WINDOW_SLOTS;

	for (; k < to; k++) {
		struct slot *s = slot_at(w, k);

		s->known_ms = (uint32_t)w->slot_ms;
		put(s, w->value + (value - w->value) * (double)(k - from) /
		    (double)(to - from));
	}
}

static void
add_to_slot(struct window *w, int64_t at_ms, double value)
{
	int64_t from = number_of(w, w->last_ms), to = number_of(w, at_ms);
	int64_t known = at_ms - w->last_ms;
	struct slot *s;

	if (!is_near(w, at_ms) || known < 0)
		known = 0;
	if (known > 0 && to > from) {
		put_line(w, from, to, value);
		known -= (to - from - 1) * w->slot_ms;
	}
	s = slot_at(w, to);
	s->known_ms += (uint32_t)known;
	put(s, value);
}

/* Something happens: the slots are made as they would have been. */
static void
stir(struct window *w)
{
	int64_t first = number_of(w, w->first_ms);
	int64_t last = number_of(w, w->last_ms);

	w->slots = mem_new(WINDOW_SLOTS, sizeof *w->slots);
	if (first < last - WINDOW_SLOTS)
		first = last - WINDOW_SLOTS;
	for (int64_t k = first; k <= last; k++) {
		struct slot *s = slot_at(w, k);

		s->known_ms = k > first ? (uint32_t)w->slot_ms : 0;
		put(s, w->value);
	}
}

/* Known in all of it, and everywhere the same. */
static bool
is_still(const struct window *w, int64_t now_ms, double value)
{
	const struct slot *slots[WINDOW_SLOTS];
	size_t n = gather(w, now_ms, slots);

	if (known_ms(w, now_ms) < w->slot_ms * (WINDOW_SLOTS - 2))
		return false;
	for (size_t i = 0; i < n; i++)
		if (slots[i]->mean != value ||
		    slots[i]->least != not_below(value) ||
		    slots[i]->greatest != not_above(value))
			return false;
	return true;
}

static void
settle(struct window *w)
{
	w->first_ms = w->last_ms - known_ms(w, w->last_ms);
	free(w->slots);
	w->slots = NULL;
}

void
window_add(struct window *w, int64_t at_ms, double value)
{
	bool next = w->any && number_of(w, at_ms) > number_of(w, w->last_ms);

	if (!isfinite(value) || (w->any && number_of(w, at_ms) <
	    number_of(w, w->last_ms)))
		return;
	if (!w->any)
		w->first_ms = at_ms;
	else if (w->slots == NULL && (value != w->value ||
	    !is_near(w, at_ms)))
		stir(w);
	if (w->slots != NULL)
		add_to_slot(w, at_ms, value);
	w->last_ms = at_ms;
	w->value = value;
	w->any = true;
	if (next && w->slots != NULL && is_still(w, at_ms, value))
		settle(w);
}

void
window_fill(struct window *w, int64_t from_ms, int64_t to_ms, double value)
{
	for (int i = 0; i < WINDOW_SLOTS; i++)
		window_add(w, from_ms + (to_ms - from_ms) * i / WINDOW_SLOTS,
		    value);
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
	double means[WINDOW_SLOTS] = { 0 };

	sort_means(means, slots, n);
	return (means[(n - 1) / 2] + means[n / 2]) / 2;
}

/* The nearest rank: a value that was there. */
static double
p95_of(const struct slot *const *slots, size_t n)
{
	double means[WINDOW_SLOTS] = { 0 };

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

/* Of one value, whatever is taken. */
static double
still_value(const struct window *w, enum window_of of, int64_t now_ms)
{
	int64_t last = number_of(w, w->last_ms);

	if (!w->any || last <= number_of(w, now_ms) - WINDOW_SLOTS ||
	    (of == WINDOW_TREND && number_of(w, w->first_ms) == last))
		return NAN;
	return w->value;
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
	size_t n;

	if (w->slots == NULL)
		return still_value(w, of, now_ms);
	n = gather(w, now_ms, slots);
	if (n == 0)
		return NAN;
	if (of == WINDOW_TREND)
		return trend_of(w, slots, n, now_ms + ahead_ms);
	return values[of](slots, n);
}

bool
window_is_thin(const struct window *w, int64_t now_ms)
{
	return known_ms(w, now_ms) < w->slot_ms * WINDOW_SLOTS / 2;
}
