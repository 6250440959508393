/*
 * front_parts - what the tables of the page have in common.
 */
#ifndef AGENT_PAGES_FRONT_PARTS_H
#define AGENT_PAGES_FRONT_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/measure.h"

struct buf;

#define FRONT_ROWS_MAX	1000	/* of each table; the rest are counted */

void	front_time(struct buf *, int64_t wall_ms);
void	front_quantity(struct buf *, enum measure_id, double);
/* What is past FRONT_ROWS_MAX is counted, not shown. */
void	front_rest(struct buf *, size_t n);

#endif
