/*
 * store - see store.h.
 *
 * Databases are found by the hash of their name and kept in a sorted array, so
 * that thousands of them may come in any order.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store/derive.h"
#include "agent/store/history.h"
#include "agent/store/lay.h"
#include "agent/store/meter.h"
#include "agent/store/slots.h"
#include "agent/store/store.h"
#include "base/mem.h"
#include "collectors/collector.h"

#define STILL_MS	3000	/* between two ticks: then we stood still */

struct store {
	struct history_pool	*pool;		/* not owned; may be NULL */
	struct slots		 slots;
	struct derive		*derive;	/* owned */

	struct watched		**order;	/* owned, with what is in it */
	size_t			 n, cap;	/* of order */
	struct watched		**buckets;	/* owned; chains by hash */
	size_t			 nbuckets;	/* a power of two */

	int64_t			 ticked_ms;	/* mono; 0: never */
	int64_t			 still_ms;	/* we stood still, in all */
};

struct store *
store_new(struct history_pool *pool)
{
	struct store *st;

	NEW(st);
	st->pool = pool;
	slots_init(&st->slots);
	st->derive = derive_new(st->slots.rows, st->slots.n);
	st->nbuckets = 64;
	st->buckets = mem_new(st->nbuckets, sizeof *st->buckets);
	return st;
}

static void
free_watched(const struct store *st, struct watched *w)
{
	for (size_t i = 0; i < derive_meters(st->derive); i++)
		meter_done(&w->meters[i]);
	for (size_t i = 0; i < collectors_count; i++)
		free(w->fared[i].why);
	lay_free(w->labelled);
	history_free(w->history);
	free(w->meters);
	free(w->fared);
	free(w->culprits);
	values_done(&w->values);
	free(w->down);
	free(w->path);
	free(w->name);
	free(w);
}

void
store_free(struct store *st)
{
	if (st == NULL)
		return;
	for (size_t i = 0; i < st->n; i++)
		free_watched(st, st->order[i]);
	derive_free(st->derive);
	slots_done(&st->slots);
	free(st->order);
	free(st->buckets);
	free(st);
}

/* FNV-1a. */
static struct watched **
bucket(const struct store *st, const char *name)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3;
	return &st->buckets[(hash ^ hash >> 32) & (st->nbuckets - 1)];
}

static void
chain(struct store *st, struct watched *w)
{
	struct watched **head = bucket(st, w->name);

	w->chain = *head;
	*head = w;
}

static void
more_buckets(struct store *st)
{
	if (st->n < st->nbuckets)
		return;
	free(st->buckets);
	st->nbuckets *= 2;
	st->buckets = mem_new(st->nbuckets, sizeof *st->buckets);
	for (size_t i = 0; i < st->n; i++)
		chain(st, st->order[i]);
}

/* Where the name stands, or would stand, in the order. */
static size_t
place(const struct store *st, const char *name)
{
	size_t low = 0, high = st->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(st->order[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
insert(struct store *st, struct watched *w)
{
	size_t i = place(st, w->name);

	more_buckets(st);
	MEM_ROOM(st->order, st->n, st->cap);
	memmove(&st->order[i + 1], &st->order[i],
	    (st->n - i) * sizeof *st->order);
	st->order[i] = w;
	st->n++;
	w->next = i + 1 < st->n ? st->order[i + 1] : NULL;
	if (i > 0)
		st->order[i - 1]->next = w;
	chain(st, w);
}

struct watched *
store_watch(struct store *st, const char *name, const char *path,
    int64_t interval_ms)
{
	struct watched *w = store_find(st, name);

	if (w != NULL)
		return w;
	NEW(w);
	w->name = mem_strdup(name);
	w->path = mem_strdup(path != NULL ? path : "");
	w->interval_ms = interval_ms;
	for (size_t i = 0; i < MEASURE_COUNT; i++)
		w->measures[i] = NAN;
	w->fared = mem_new(collectors_count, sizeof *w->fared);
	w->meters = mem_new(derive_meters(st->derive) + 1, sizeof *w->meters);
	if (st->pool != NULL)
		w->history = history_new(st->pool, w->name);
	insert(st, w);
	return w;
}

void
store_forget(struct store *st, const char *name)
{
	struct watched *w = store_find(st, name), **link;
	size_t i;

	if (w == NULL)
		return;
	for (link = bucket(st, name); *link != w; link = &(*link)->chain)
		;
	*link = w->chain;
	i = place(st, name);
	if (i > 0)
		st->order[i - 1]->next = w->next;
	memmove(&st->order[i], &st->order[i + 1],
	    (--st->n - i) * sizeof *st->order);
	free_watched(st, w);
}

struct watched *
store_find(const struct store *st, const char *name)
{
	struct watched *w = *bucket(st, name);

	while (w != NULL && strcmp(w->name, name) != 0)
		w = w->chain;
	return w;
}

struct watched *
store_first(const struct store *st)
{
	return st->n > 0 ? st->order[0] : NULL;
}

size_t
store_count(const struct store *st)
{
	return st->n;
}

const char *
store_source(const struct store *st, const struct watched *w,
    enum measure_id id)
{
	return w->down != NULL ? NULL : derive_source(st->derive, w, id);
}

const struct culprit *
store_culprits(const struct watched *w)
{
	static const struct culprit nobody[HOLD_COUNT];

	return w->culprits != NULL ? w->culprits : nobody;
}

bool
store_fared_well(const struct watched *w, const struct collector *c)
{
	const struct fared *f = &w->fared[slots_collector(c)];

	return !f->ran || f->ok;
}

size_t
store_slot(const struct store *st, const struct metric *m)
{
	return slots_find(&st->slots, m);
}

const struct metric *
store_metric(const struct store *st, size_t slot)
{
	assert(slot < st->slots.n);
	return st->slots.rows[slot];
}

size_t
store_slots(const struct store *st)
{
	return st->slots.n;
}

static void
keep_history(struct watched *w)
{
	for (int i = 0; i < MEASURE_COUNT; i++)
		if (measures[i].history && !isnan(w->measures[i]))
			history_add(w->history, i, w->at_ms / 1000,
			    w->measures[i]);
}

/* A machine that was frozen, or has no time for us, is no disk that hangs: what
 * we did not live through ourselves is nobody's lateness. */
static int64_t
still_ms(const struct store *st, int64_t mono_ms)
{
	int64_t gap = st->ticked_ms > 0 ? mono_ms - st->ticked_ms : 0;

	return st->still_ms + (gap > STILL_MS ? gap : 0);
}

/* How far past its due time `now` is. */
static double
behind(const struct store *st, const struct watched *w, int64_t mono_ms)
{
	int64_t late_ms = mono_ms - (w->mono_ms + w->interval_ms) -
	    (still_ms(st, mono_ms) - w->still_ms);

	return w->mono_ms > 0 && late_ms > 0 ? (double)late_ms / 1000 : 0;
}

struct watched *
store_apply(struct store *st, const struct batch *b)
{
	struct watched *w = store_find(st, b->db);
	bool was_up;

	if (w == NULL)
		return NULL;
	if (b->gone) {
		store_forget(st, b->db);
		return NULL;
	}
	w->measures[MEASURE_SAMPLE_LATE] = behind(st, w, b->mono_ms);
	w->still_ms = still_ms(st, b->mono_ms);
	was_up = w->seen && w->down == NULL;
	w->seen = true;
	w->at_ms = b->at_ms;
	w->mono_ms = b->mono_ms;
	if (b->interval_ms > 0)
		w->interval_ms = b->interval_ms;
	lay_batch(&st->slots, w, b);
	derive_measures(st->derive, w, was_up && b->unchanged);
	if (w->history != NULL && b->disk != 0)
		history_set_disk(w->history, b->disk);
	if (w->history != NULL)
		keep_history(w);
	return w;
}

/*
 * The lateness of the last sample stays until a greater one.  Who was never
 * seen is waited for from the first tick on.
 */
void
store_tick(struct store *st, int64_t mono_ms)
{
	st->still_ms = still_ms(st, mono_ms);
	st->ticked_ms = mono_ms;
	for (size_t i = 0; i < st->n; i++) {
		struct watched *w = st->order[i];
		double *late = &w->measures[MEASURE_SAMPLE_LATE];

		if (w->mono_ms == 0) {
			w->mono_ms = mono_ms;
			w->still_ms = st->still_ms;
		}
		*late = fmax(*late, behind(st, w, mono_ms));
	}
}
