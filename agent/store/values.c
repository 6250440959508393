/*
 * values - see values.h.
 *
 * A number stands at the place that its bit has among those that are set.
 */
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store/values.h"
#include "base/mem.h"

/* How many of the slots before this one are known. */
static size_t
count_before(const struct values *v, size_t slot)
{
	uint64_t below = (UINT64_C(1) << slot % 64) - 1;
	int n = __builtin_popcountll(v->known[slot / 64] & below);

	for (size_t i = 0; i < slot / 64; i++)
		n += __builtin_popcountll(v->known[i]);
	return (size_t)n;
}

static bool
is_known(const struct values *v, size_t slot)
{
	assert(slot < VALUES_MAX);
	return v->known[slot / 64] >> slot % 64 & 1;
}

static void
insert(struct values *v, size_t slot, double number)
{
	size_t at = count_before(v, slot);
	size_t n = count_before(v, VALUES_MAX - 1) +
	    is_known(v, VALUES_MAX - 1);

	v->numbers = mem_grow(v->numbers, n + 1, sizeof *v->numbers);
	memmove(&v->numbers[at + 1], &v->numbers[at],
	    (n - at) * sizeof *v->numbers);
	v->numbers[at] = number;
	v->known[slot / 64] |= UINT64_C(1) << slot % 64;
}

void
values_done(struct values *v)
{
	free(v->numbers);
	*v = (struct values){ 0 };
}

double
values_get(const struct values *v, size_t slot)
{
	return is_known(v, slot) ? v->numbers[count_before(v, slot)] :
	    (double)NAN;
}

/* One that is not known any more keeps its room: it mostly comes back. */
void
values_set(struct values *v, size_t slot, double number)
{
	if (is_known(v, slot))
		v->numbers[count_before(v, slot)] = number;
	else if (!isnan(number))
		insert(v, slot, number);
}
