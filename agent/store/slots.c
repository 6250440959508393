/*
 * slots - see slots.h.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "agent/store/slots.h"
#include "agent/store/values.h"
#include "base/mem.h"
#include "collectors/collector.h"

void
slots_init(struct slots *sl)
{
	size_t cap = 0;

	*sl = (struct slots){ 0 };
	sl->first = mem_new(collectors_count + 1, sizeof *sl->first);
	for (size_t i = 0; i < collectors_count; i++) {
		sl->first[i] = sl->n;
		for (size_t j = 0; j < collectors[i]->nmetrics; j++) {
			MEM_ROOM(sl->rows, sl->n, cap);
			sl->rows[sl->n++] = &collectors[i]->metrics[j];
		}
	}
	sl->first[collectors_count] = sl->n;
	assert(sl->n <= VALUES_MAX);
}

void
slots_done(struct slots *sl)
{
	free(sl->rows);
	free(sl->first);
}

size_t
slots_collector(const struct collector *c)
{
	size_t i = 0;

	while (i < collectors_count && collectors[i] != c)
		i++;
	assert(i < collectors_count);
	return i;
}

size_t
slots_owner(const struct metric *m)
{
	uintptr_t at = (uintptr_t)m;
	size_t i;

	for (i = 0; i < collectors_count; i++) {
		const struct collector *c = collectors[i];

		if (at >= (uintptr_t)c->metrics &&
		    at < (uintptr_t)(c->metrics + c->nmetrics))
			break;
	}
	/* A sample of a row that no table has is a fault of the collector. */
	assert(i < collectors_count);
	return i;
}

size_t
slots_find(const struct slots *sl, const struct metric *m)
{
	size_t i = slots_owner(m);

	return sl->first[i] + (size_t)(m - collectors[i]->metrics);
}
