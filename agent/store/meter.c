/*
 * meter - see meter.h.
 */
#include <math.h>
#include <stdlib.h>

#include "agent/store/meter.h"
#include "base/measure.h"
#include "base/mem.h"

#define POINTS_AT_REST	2

/* Twelve gaps of this and the one in the making always span the window. */
#define GAP_MS	(RATE_WINDOW_MS / (METER_POINTS - 2))

/* The index of the point that is `back` before the newest. */
static unsigned
index_of(const struct meter *m, unsigned back)
{
	return (m->newest + m->cap - back) % m->cap;
}

/* Two points lie in order, so room behind them breaks nothing. */
static void
make_room(struct meter *m)
{
	uint8_t cap = m->cap == 0 ? POINTS_AT_REST : METER_POINTS;

	if (cap <= m->cap)
		return;
	m->points = mem_grow(m->points, cap, sizeof *m->points);
	m->cap = cap;
}

void
meter_done(struct meter *m)
{
	free(m->points);
	*m = (struct meter){ 0 };
}

static void
push(struct meter *m, int64_t at_ms, double value)
{
	if (m->n == m->cap)
		make_room(m);
	if (m->n > 0)
		m->newest = (uint8_t)((m->newest + 1) % m->cap);
	if (m->n < m->cap)
		m->n++;
	m->points[m->newest].at_ms = at_ms;
	m->points[m->newest].value = value;
}

/* Can the newest point be moved instead of adding one more? */
static int
may_move(const struct meter *m, double value)
{
	const struct meter_point *last, *before;

	if (m->n < 2)
		return 0;
	last = &m->points[m->newest];
	before = &m->points[index_of(m, 1)];
	if (last->at_ms - before->at_ms < GAP_MS)
		return 1;
	return value == last->value && value == before->value;
}

void
meter_add(struct meter *m, int64_t mono_ms, double value)
{
	if (isnan(value))
		return;
	if (m->n > 0 && value < m->points[m->newest].value)
		m->n = m->newest = 0;
	if (m->n > 0 && mono_ms <= m->points[m->newest].at_ms) {
		m->points[m->newest].value = value;
	} else if (may_move(m, value)) {
		m->points[m->newest].at_ms = mono_ms;
		m->points[m->newest].value = value;
	} else {
		push(m, mono_ms, value);
	}
}

/* Where the line from point a to point b stood at at_ms. */
static double
between(const struct meter_point *a, const struct meter_point *b,
    int64_t at_ms)
{
	double whole = (double)(b->at_ms - a->at_ms);
	double part = (double)(at_ms - a->at_ms);

	return a->value + (b->value - a->value) * part / whole;
}

double
meter_rate(const struct meter *m)
{
	const struct meter_point *last, *p;
	struct meter_point base;
	unsigned back = 1;
	int64_t start;

	if (m->n < 2)
		return NAN;
	last = &m->points[m->newest];
	start = last->at_ms - RATE_WINDOW_MS;
	while (back + 1 < m->n && m->points[index_of(m, back)].at_ms > start)
		back++;
	p = &m->points[index_of(m, back)];
	base = *p;
	if (p->at_ms < start) {
		base.value = between(p, &m->points[index_of(m, back - 1)],
		    start);
		base.at_ms = start;
	}
	return (last->value - base.value) * 1000.0 /
	    (double)(last->at_ms - base.at_ms);
}
