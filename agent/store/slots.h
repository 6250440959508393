/*
 * slots - the rows of all collectors' tables, numbered in one line.
 *
 * A slot is where a database keeps the value of a row.  A sample points at its
 * row, so its slot is found by comparing addresses, never names.
 */
#ifndef AGENT_STORE_SLOTS_H
#define AGENT_STORE_SLOTS_H

#include <stddef.h>

struct collector;
struct metric;

struct slots {
	const struct metric	**rows;	/* owned; by slot */
	size_t			 n;
	size_t			*first;	/* owned; by collector, and the end */
};

void	slots_init(struct slots *);
void	slots_done(struct slots *);
size_t	slots_collector(const struct collector *); /* index in collectors[] */
size_t	slots_owner(const struct metric *);	/* the same, of its table */
size_t	slots_find(const struct slots *, const struct metric *);

#endif
