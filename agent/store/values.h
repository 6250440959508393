/*
 * values - the numbers of one database, by slot.
 *
 * There is a slot for every row of every collector, and hardly a database that
 * has a replica, a probe and a tracer: only what was ever known takes room.
 */
#ifndef AGENT_STORE_VALUES_H
#define AGENT_STORE_VALUES_H

#include <stddef.h>
#include <stdint.h>

#define VALUES_MAX	256	/* slots */

/* All zero: nothing is known. */
struct values {
	uint64_t	 known[VALUES_MAX / 64];	/* a bit for each */
	double		*numbers;	/* owned; of these, in order */
};

void	values_done(struct values *);
/* NAN: it is not known. */
double	values_get(const struct values *, size_t slot);
void	values_set(struct values *, size_t slot, double);

#endif
