/*
 * drills - restore drills by the clock, one at a time.
 *
 * Keeps what the last drill of every replica came to, has the next one made
 * when it is due, and hands the results to state.db, to the sampler (whose
 * collector makes metrics of them) and to the log.  Owned by the loop.
 */
#ifndef AGENT_DRILLS_DRILLS_H
#define AGENT_DRILLS_DRILLS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct agent;
struct drill;
struct drills;
struct err;
struct state;

#define DRILLS_FIRST_MS		300000	/* after the start; not at once */
#define DRILLS_OVERDUE_MS	60000	/* one that is overdue */
#define DRILLS_AGAIN_MS		3600000	/* one that could not be tried */

/* program: what is run as `PROGRAM ... drill DB`; NULL: ourselves. */
struct drills	*drills_new(struct agent *, const char *program);
void		 drills_free(struct drills *);	/* ends one that is made */
/* What state.db kept, at the start. */
int		 drills_load(struct drills *, struct state *, struct err *);
/* The sampler has this database now. */
void		 drills_meet(struct drills *, const char *db);
/* About once a second: begin the next one when it is due. */
void		 drills_tick(struct drills *);
void		 drills_forget(struct drills *, const char *db);
/* The last drill of each replica, or NULL. */
const struct drill *drills_of(const struct drills *, const char *db);
/* drills_keep.c: to state.db; gone: out of it. */
void		 drills_keep(struct agent *, const struct drill *, bool gone);
/* An array: each replica of the database that was drilled. */
json_t		*drills_json(const struct drills *, const char *db);

/* When the next one is due, by the wall clock. */
struct drills_last {
	int64_t	 at_ms;			/* wall; the last try; 0: none */
	bool	 untried;		/* it came to nothing */
};

int64_t	drills_due_ms(const char *db, const struct drills_last *,
	    int64_t every_ms, int64_t started_ms, int64_t now_ms);

#endif
