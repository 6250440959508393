/*
 * silencing - silences, put to work: which alerts they cover, and state.db.
 *
 * A silence is in force from the moment it is added and is written to state.db
 * behind that; a disk that does not answer delays nothing.
 */
#ifndef AGENT_ANNOUNCE_SILENCING_H
#define AGENT_ANNOUNCE_SILENCING_H

#include <stdbool.h>
#include <stdint.h>

#include "alerts/alerts.h"
#include "alerts/silence.h"

struct agent;
struct buf;
struct err;
struct state;

/* When state.db opens: those that it kept are in force again. */
int	silencing_load(struct agent *, struct state *, struct err *);
/* And those that were made while there was none are put into it. */
void	silencing_keep(struct agent *);
/* Once the alerts are there, and after they were made anew. */
void	silencing_mark_all(struct agent *);
/* Once a second: what is over ends. */
void	silencing_tick(struct agent *, int64_t wall_ms);
/* An alert has changed: is it covered now?  Marks it so. */
bool	silencing_covers(struct agent *, const struct alert_set *,
	    struct alert *);

/* match: "db=app rule=write-*"; lasts: "2h".  -1 and a sentence. */
int	silencing_add(struct agent *, const char *match, const char *lasts,
	    const char *why, const char *who, const struct silence **ret,
	    struct err *);
/* How many alerts there are now that it fits. */
size_t	silencing_count(const struct agent *, const struct silence *);
int	silencing_end(struct agent *, const char *id, struct err *);

#endif
