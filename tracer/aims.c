/*
 * aims - see aims.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tracer/aims.h"

void
aims_done(struct aims *a)
{
	for (size_t i = 0; i < TRACE_SLOTS; i++)
		free(a->of[i].procs);
}

void
aims_set(struct aims *a, unsigned slot, const struct aim_proc *procs, size_t n)
{
	if (n > AIMS_MAX)
		n = AIMS_MAX;
	free(a->of[slot].procs);
	a->of[slot].procs = NULL;
	a->of[slot].n = n;
	if (n == 0)
		return;
	a->of[slot].procs = mem_new(n, sizeof *procs);
	memcpy(a->of[slot].procs, procs, n * sizeof *procs);
}

static int
by_tgid(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return (x->tgid > y->tgid) - (x->tgid < y->tgid);
}

/* One of each; who is there more than once is nobody's. */
static size_t
merge(struct named *all, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && all[kept - 1].tgid == all[i].tgid) {
			if (all[kept - 1].slot != all[i].slot)
				all[kept - 1].slot = TRACE_NOBODY;
		} else {
			all[kept++] = all[i];
		}
	}
	return kept < TRACE_PROCS ? kept : TRACE_PROCS;
}

struct named *
aims_resolve(const struct aims *a, size_t *n)
{
	struct named *all;
	size_t total = 0, k = 0;

	for (size_t i = 0; i < TRACE_SLOTS; i++)
		total += a->of[i].n;
	all = mem_new(total + 1, sizeof *all);
	for (size_t i = 0; i < TRACE_SLOTS; i++)
		for (size_t j = 0; j < a->of[i].n; j++) {
			const struct aim_proc *p = &a->of[i].procs[j];

			all[k++] = (struct named){ p->tgid,
			    p->elsewhere ? TRACE_NOBODY : (uint32_t)i };
		}
	qsort(all, k, sizeof *all, by_tgid);
	*n = merge(all, k);
	return all;
}

bool
aims_is_mixed(const struct aims *a, const struct named *all, size_t n,
    unsigned slot)
{
	for (size_t i = 0; i < a->of[slot].n; i++) {
		struct named key = { a->of[slot].procs[i].tgid, 0 };
		const struct named *found = bsearch(&key, all, n, sizeof *all,
		    by_tgid);

		if (found == NULL || found->slot != slot)
			return true;
	}
	return false;
}
