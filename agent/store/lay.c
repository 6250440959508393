/*
 * lay - see lay.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store/lay.h"
#include "agent/store/slots.h"
#include "agent/store/store.h"
#include "base/mem.h"
#include "collectors/collector.h"

#define LONGEST_US	INT64_C(3600000000)

/* Forget what the collector said of its gauges, or of everything. */
static void
wipe(const struct slots *sl, struct watched *w, size_t collector, bool all)
{
	for (size_t i = sl->first[collector]; i < sl->first[collector + 1]; i++)
		if (all || sl->rows[i]->kind != METRIC_COUNTER)
			values_set(&w->values, i, NAN);
}

/* What goes is cut from the list and returned, a list too. */
static struct labelled *
cut_labelled(struct watched *w, size_t collector)
{
	struct labelled *gone = NULL, **end = &gone, **link = &w->labelled;

	while (*link != NULL) {
		struct labelled *l = *link;

		if (slots_owner(l->metric) != collector) {
			link = &l->next;
			continue;
		}
		*link = l->next;
		l->next = NULL;
		*end = l;
		end = &l->next;
	}
	return gone;
}

static void
note_report(struct fared *f, const struct report *r)
{
	free(f->why);
	*f = (struct fared){
		.ran	 = true,
		.ok	 = r->why == NULL,
		.took_us = (uint32_t)(r->took_us < LONGEST_US ? r->took_us :
		    LONGEST_US),
		.why	 = r->why != NULL ? mem_strdup(r->why) : NULL,
	};
}

/*
 * Wipe for the collectors that ran, all when the database is down.  What they
 * had said with labels is returned: it mostly comes again as it was, and an
 * unchanged text need not be copied anew.
 */
static struct labelled *
wipe_all(const struct slots *sl, struct watched *w, const struct batch *b)
{
	struct labelled *old = NULL, **end = &old;

	for (size_t i = 0; b->down != NULL && i < collectors_count; i++)
		wipe(sl, w, i, false);
	if (b->down != NULL) {
		old = w->labelled;
		w->labelled = NULL;
	}
	for (size_t i = 0; i < b->nreports; i++) {
		const struct report *r = &b->reports[i];
		size_t c = slots_collector(r->collector);

		note_report(&w->fared[c], r);
		if (b->unchanged && r->why == NULL)
			continue;
		wipe(sl, w, c, r->why != NULL);
		while (*end != NULL)
			end = &(*end)->next;
		*end = cut_labelled(w, c);
	}
	return old;
}

/* Take from the old list what says the same, or make it. */
static struct labelled *
take_labelled(struct labelled **old, const struct sample *s)
{
	struct labelled *l;

	for (; (l = *old) != NULL; old = &l->next)
		if (l->metric == s->metric && strcmp(l->labels, s->labels) == 0)
			break;
	if (l != NULL) {
		*old = l->next;
	} else {
		NEW(l);
		l->metric = s->metric;
		l->labels = mem_strdup(s->labels);
	}
	l->value = s->value;
	l->next = NULL;
	return l;
}

static void
set_all(const struct slots *sl, struct watched *w, const struct batch *b,
    struct labelled **old)
{
	struct labelled **end = &w->labelled;

	while (*end != NULL)
		end = &(*end)->next;
	for (size_t i = 0; i < b->nsamples; i++) {
		const struct sample *s = &b->samples[i];

		if (s->labels == NULL) {
			values_set(&w->values, slots_find(sl, s->metric),
			    s->value);
			continue;
		}
		*end = take_labelled(old, s);
		end = &(*end)->next;
	}
}

/* Mostly nobody holds anything, and then there is nothing to keep. */
static void
set_culprits(struct watched *w, const struct culprit culprits[HOLD_COUNT])
{
	bool any = false;

	for (int i = 0; i < HOLD_COUNT; i++)
		any |= culprits[i].since_ms != 0;
	if (!any) {
		free(w->culprits);
		w->culprits = NULL;
		return;
	}
	if (w->culprits == NULL)
		w->culprits = mem_new(HOLD_COUNT, sizeof *w->culprits);
	memcpy(w->culprits, culprits, HOLD_COUNT * sizeof *culprits);
}

void
lay_free(struct labelled *l)
{
	struct labelled *next;

	for (; l != NULL; l = next) {
		next = l->next;
		free(l->labels);
		free(l);
	}
}

void
lay_batch(const struct slots *sl, struct watched *w, const struct batch *b)
{
	struct labelled *old = wipe_all(sl, w, b);

	set_all(sl, w, b, &old);
	lay_free(old);
	if (!b->unchanged)
		set_culprits(w, b->culprits);
	free(w->down);
	w->down = b->down != NULL ? mem_strdup(b->down) : NULL;
}
