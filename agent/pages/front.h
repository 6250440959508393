/*
 * front - the page that a person opens first.
 *
 * Plain HTML without a script: what is wrong, then every database, then what
 * could not be read.  It asks to be loaded again every few seconds.
 */
#ifndef AGENT_PAGES_FRONT_H
#define AGENT_PAGES_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/measure.h"

struct agent;
struct alert_set;
struct buf;
struct query;

#define FRONT_ROWS_MAX	1000	/* of each table; the rest are counted */

/* A row of the table in pages.c; see struct page. */
unsigned	front_page(struct agent *, const struct query *, struct buf *,
		    const char **type);
/* front_alerts.c: the table of them. */
void		front_alerts(struct buf *, const struct agent *);
bool		front_has_alerts(const struct alert_set *);	/* or NULL */
void		front_time(struct buf *, int64_t wall_ms);
void		front_quantity(struct buf *, enum measure_id, double);
void		front_outbox(struct buf *, const struct agent *);
/* front_waits.c: who waits for locks; nothing where nobody does. */
void		front_waits(struct buf *, const struct agent *);
/* What is past FRONT_ROWS_MAX is counted, not shown. */
void		front_rest(struct buf *, size_t n);

#endif
