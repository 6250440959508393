/*
 * drill_run - one drill of one replica, from beginning to end.
 */
#ifndef AGENT_DRILLS_DRILL_RUN_H
#define AGENT_DRILLS_DRILL_RUN_H

#include <stddef.h>
#include <stdint.h>

struct database;
struct drill;
struct drill_remote;
struct restore_program;
struct setup;

struct drill_settings {
	const char	*dir;		/* below which it is restored */
	int64_t		 timeout_ms;	/* of the restore, and of the look at
					   what it left */
};

/* Never NULL, never fails: inconclusive says what was in the way. */
struct drill	*drill_run(const struct drill_settings *,
		    const struct restore_program *, struct database *,
		    struct setup *, size_t replica, struct drill_remote *);
/* One that could not even begin. */
struct drill	*drill_untried(const char *db, const char *replica,
		    const char *why);

#endif
