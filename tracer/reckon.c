/*
 * reckon - see reckon.h.
 */
#include <math.h>

#include "tracer/reckon.h"

#define FADE_AT	1000.0	/* refusals; then both are halved */

uint64_t
reckon_refusals(const struct trace_slot *s)
{
	return s->refused > s->probes ? s->refused - s->probes : 0;
}

void
sight_add(struct sight *s, uint64_t refusals, uint64_t sleeps)
{
	s->refusals += (double)refusals;
	s->sleeps += (double)sleeps;
	if (s->refusals > FADE_AT) {
		s->refusals /= 2;
		s->sleeps /= 2;
	}
}

double
sight_unslept(const struct sight *s)
{
	if (s->refusals < RECKON_ENOUGH)
		return NAN;
	return s->sleeps < s->refusals ? 1 - s->sleeps / s->refusals : 0;
}

double
reckon_quantile(const struct trace_hist *now, const struct trace_hist *before,
    double q)
{
	double n = 0, seen = 0, max = (double)now->max_ns / 1e9;

	for (int i = 0; i < TRACE_BUCKETS; i++)
		n += (double)(now->log2[i] - before->log2[i]);
	if (n < 1)
		return NAN;
	for (int i = 0; i < TRACE_BUCKETS; i++) {
		double edge = ldexp(1, i + 1) / 1e9;

		seen += (double)(now->log2[i] - before->log2[i]);
		if (seen >= q * n)
			return edge < max ? edge : max;
	}
	return max;
}
