/*
 * trail - see trail.h.
 */
#include <string.h>

#include "collectors/trail.h"

/* Of each pair keep the later end at the earlier time. */
static void
thin(struct trail *t)
{
	unsigned n = 0;

	for (unsigned i = 0; i + 1 < t->n; i += 2) {
		t->steps[n].at_ms = t->steps[i].at_ms;
		t->steps[n].end = t->steps[i + 1].end;
		n++;
	}
	if (t->n % 2 == 1)
		t->steps[n++] = t->steps[t->n - 1];
	t->n = n;
}

void
trail_push(struct trail *t, trail_pos pos, int64_t now)
{
	if (t->n > 0 && pos <= t->steps[t->n - 1].end)
		return;
	if (t->n == TRAIL_MAX)
		thin(t);
	t->steps[t->n].end = pos;
	t->steps[t->n].at_ms = now;
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
}

int64_t
trail_since(const struct trail *t, trail_pos pos)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->steps[i].end > pos)
			return t->steps[i].at_ms;
	return 0;
}
