/*
 * trail - see trail.h.
 */
#include <float.h>
#include <string.h>

#include "collectors/trail.h"

/* Of one pair keep the later end at the earlier time: of the one where that
 * makes the smallest difference for its age. */
static void
thin(struct trail *t, int64_t now)
{
	double least = DBL_MAX;
	unsigned at = 0;

	for (unsigned i = 0; i + 1 < t->n; i++) {
		int64_t later = t->steps[i + 1].at_ms;
		double loss = (double)(later - t->steps[i].at_ms) /
		    (double)(now - later + 1);

		if (loss < least) {
			least = loss;
			at = i;
		}
	}
	t->steps[at].end = t->steps[at + 1].end;
	t->commits[at] = t->commits[at + 1];
	t->n--;
	memmove(t->steps + at + 1, t->steps + at + 2,
	    (t->n - at - 1) * sizeof *t->steps);
	memmove(t->commits + at + 1, t->commits + at + 2,
	    (t->n - at - 1) * sizeof *t->commits);
}

void
trail_push(struct trail *t, trail_pos pos, uint64_t commits, int64_t now)
{
	if (t->n > 0 && pos <= t->steps[t->n - 1].end)
		return;
	if (t->n == TRAIL_MAX)
		thin(t, now);
	t->steps[t->n].end = pos;
	t->steps[t->n].at_ms = now;
	t->commits[t->n] = (uint32_t)commits;
	t->n++;
}

void
trail_forget(struct trail *t, trail_pos pos)
{
	unsigned old = 0;

	while (old < t->n && t->steps[old].end <= pos)
		old++;
	if (old == 0)
		return;
	t->n -= old;
	memmove(t->steps, t->steps + old, t->n * sizeof *t->steps);
	memmove(t->commits, t->commits + old, t->n * sizeof *t->commits);
}

int64_t
trail_since(const struct trail *t, trail_pos pos)
{
	for (unsigned i = 0; t != NULL && i < t->n; i++)
		if (t->steps[i].end > pos)
			return t->steps[i].at_ms;
	return 0;
}

int
trail_step(const struct trail *t, trail_pos pos)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->steps[i].end >= pos)
			return (int)i;
	return -1;
}
