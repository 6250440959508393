/*
 * meter - see meter.h.
 */
#include <math.h>

#include "agent/measure.h"
#include "agent/meter.h"

/* Twelve gaps of this and the one in the making always span the window. */
#define GAP_MS	(RATE_WINDOW_MS / (METER_POINTS - 2))

/* The index of the point that is `back` before the newest. */
static uint32_t
index_of(const struct meter *m, uint32_t back)
{
	return (m->newest + METER_POINTS - back) % METER_POINTS;
}

static void
push(struct meter *m, int64_t at_ms, double value)
{
	if (m->n > 0)
		m->newest = (m->newest + 1) % METER_POINTS;
	if (m->n < METER_POINTS)
		m->n++;
	m->at_ms[m->newest] = at_ms;
	m->value[m->newest] = value;
}

/* Can the newest point be moved instead of adding one more? */
static int
may_move(const struct meter *m, double value)
{
	uint32_t last = m->newest, before = index_of(m, 1);

	if (m->n < 2)
		return 0;
	if (m->at_ms[last] - m->at_ms[before] < GAP_MS)
		return 1;
	return value == m->value[last] && value == m->value[before];
}

void
meter_add(struct meter *m, int64_t mono_ms, double value)
{
	if (isnan(value))
		return;
	if (m->n > 0 && value < m->value[m->newest])
		*m = (struct meter){ 0 };
	if (m->n > 0 && mono_ms <= m->at_ms[m->newest]) {
		m->value[m->newest] = value;
	} else if (may_move(m, value)) {
		m->at_ms[m->newest] = mono_ms;
		m->value[m->newest] = value;
	} else {
		push(m, mono_ms, value);
	}
}

/* Where the line from point a to point b stood at at_ms. */
static double
between(const struct meter *m, uint32_t a, uint32_t b, int64_t at_ms)
{
	double whole = (double)(m->at_ms[b] - m->at_ms[a]);
	double part = (double)(at_ms - m->at_ms[a]);

	return m->value[a] + (m->value[b] - m->value[a]) * part / whole;
}

double
meter_rate(const struct meter *m)
{
	int64_t now = m->at_ms[m->newest], start = now - RATE_WINDOW_MS;
	double value = m->value[m->newest], base;
	uint32_t back = 1, i;

	if (m->n < 2)
		return NAN;
	while (back < m->n - 1 && m->at_ms[index_of(m, back)] > start)
		back++;
	i = index_of(m, back);
	if (m->at_ms[i] >= start) {
		start = m->at_ms[i];
		base = m->value[i];
	} else {
		base = between(m, i, index_of(m, back - 1), start);
	}
	return (value - base) * 1000.0 / (double)(now - start);
}
