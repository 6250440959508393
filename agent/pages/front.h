/*
 * front - the page that a person opens first.
 *
 * Plain HTML without a script: what is wrong, then every database, then what
 * could not be read.  It asks to be loaded again every few seconds.
 */
#ifndef AGENT_PAGES_FRONT_H
#define AGENT_PAGES_FRONT_H

#include <stdbool.h>

struct agent;
struct alert_set;
struct buf;
struct query;

/* A row of the table in pages.c; see struct page. */
unsigned	front_page(struct agent *, const struct query *, struct buf *,
		    const char **type);
/* A file each; nothing where there is nothing of it. */
void		front_alerts(struct buf *, const struct agent *);
bool		front_has_alerts(const struct alert_set *);	/* or NULL */
void		front_outbox(struct buf *, const struct agent *);
void		front_silences(struct buf *, const struct agent *);
void		front_waits(struct buf *, const struct agent *);
void		front_replicas(struct buf *, const struct agent *);

#endif
