/*
 * lay - a batch laid over what is known of its database.
 *
 * In two steps: what its collectors said before is wiped, then what they say
 * now is set.  So nothing that was not said again is shown as current: the
 * values of a collector that failed go away, and so do the gauges of a database
 * that is down.  Only counters outlast silence.
 */
#ifndef AGENT_STORE_LAY_H
#define AGENT_STORE_LAY_H

struct batch;
struct labelled;
struct slots;
struct watched;

void	lay_batch(const struct slots *, struct watched *, const struct batch *);
void	lay_free(struct labelled *);	/* the whole list */

#endif
