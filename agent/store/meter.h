/*
 * meter - how fast a counter rises: its increase over the last RATE_WINDOW.
 *
 * A few points of the counter's line, newest last.  A stretch without change is
 * kept as its two ends, so a counter that rests is one number to move.  Where
 * the window begins between two points, the line between them is believed.
 */
#ifndef AGENT_STORE_METER_H
#define AGENT_STORE_METER_H

#include <stdint.h>

#define METER_POINTS	14	/* more than fit into the window, see meter.c */

struct meter_point {
	int64_t	 at_ms;
	double	 value;
};

struct meter {
	uint8_t		 n, newest;		/* newest: index of the last */
	uint8_t		 cap;			/* two for one that rests */
	struct meter_point *points;		/* owned */
};

/* All zero is an empty meter.  A value below the last begins anew. */
void	meter_done(struct meter *);
void	meter_add(struct meter *, int64_t mono_ms, double value);
/* Per second, up to the last point; NAN until there are two. */
double	meter_rate(const struct meter *);

#endif
