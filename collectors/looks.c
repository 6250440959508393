/*
 * looks - see looks.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collectors/looks.h"

#define Z	1.96	/* standard errors to either side: 95 % */

static int64_t
part_of(int64_t mono_ms)
{
	return mono_ms / LOOKS_PART_MS + 1;
}

/* The index of the part that this moment lies in. */
static unsigned
open_part(struct looks *w, int64_t mono_ms)
{
	int64_t part = part_of(mono_ms);
	unsigned i = (unsigned)(part % LOOKS_PARTS);

	if (w->parts == NULL)
		w->parts = mem_new(LOOKS_PARTS, sizeof *w->parts);
	if (w->parts[i].part != part) {
		memset(&w->parts[i], 0, sizeof w->parts[i]);
		w->parts[i].part = part;
	}
	return i;
}

void
looks_add(struct looks *w, int64_t mono_ms, int64_t dt_us, bool held,
    int64_t hold_ms)
{
	unsigned i = open_part(w, mono_ms);

	w->parts[i].looks++;
	w->parts[i].held += held;
	w->parts[i].looked_us += dt_us;
	if (hold_ms > w->parts[i].hold_ms)
		w->parts[i].hold_ms = hold_ms;
}

void
looks_commits(struct looks *w, int64_t mono_ms, uint64_t n)
{
	unsigned i = open_part(w, mono_ms);

	w->parts[i].commits += n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* Half the width of Wilson's interval. */
static double
half_interval(double p, double n)
{
	return Z / (1 + Z * Z / n) *
	    sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
}

void
looks_share(const struct looks *w, int64_t mono_ms, struct share *ret)
{
	int64_t now = part_of(mono_ms);
	double looks = 0, held = 0, commits = 0;

	*ret = (struct share){ NAN, NAN, 0, 0 };
	for (unsigned i = 0; w->parts != NULL && i < LOOKS_PARTS; i++) {
		if (w->parts[i].part < now - 1 || w->parts[i].part == 0)
			continue;
		looks += w->parts[i].looks;
		held += w->parts[i].held;
		commits += w->parts[i].commits;
		ret->seconds += (double)w->parts[i].looked_us / 1e6;
	}
	if (looks < LOOKS_ENOUGH)
		return;
	ret->ratio = held / looks;
	ret->error = half_interval(ret->ratio, looks);
	ret->commits = commits;
}

int64_t
looks_longest_ms(const struct looks *w, int64_t mono_ms)
{
	int64_t now = part_of(mono_ms), longest = 0;

	for (unsigned i = 0; w->parts != NULL && i < LOOKS_PARTS; i++)
		if (w->parts[i].part > now - LOOKS_PARTS &&
		    w->parts[i].hold_ms > longest)
			longest = w->parts[i].hold_ms;
	return longest;
}

void
looks_done(struct looks *w)
{
	free(w->parts);
	w->parts = NULL;
}
