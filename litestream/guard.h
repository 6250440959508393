/*
 * guard - a restore under watch: for its time, its room and its words.
 *
 * Waits for the child and looks at the clock, at the room that is left on the
 * disk and at whether we are asked to stop, 20 times a second; a child that
 * goes too far is asked to end and then killed.  Of what it prints the end is
 * kept.  Runs in a process that may wait (`litegauge drill`).
 */
#ifndef LITESTREAM_GUARD_H
#define LITESTREAM_GUARD_H

#include <stdbool.h>
#include <stdint.h>

struct child_plan;
struct err;
struct scratch;

#define GUARD_SAID	16384	/* bytes kept of what it printed last */

struct guard {
	int64_t		 timeout_ms;
	const struct scratch *scratch;	/* whose room is watched; or NULL */
	int64_t		 floor;		/* bytes that must stay free there */
};

enum guard_end { GUARD_ENDED, GUARD_NOT_STARTED, GUARD_TIMEOUT, GUARD_NO_ROOM,
	GUARD_STOPPED };

struct guarded {
	enum guard_end	 end;
	int		 status;	/* as of waitpid(2) */
	int64_t		 took_ms;
	char		 said[GUARD_SAID + 1];	/* no NUL but its end */
};

/* The err is filled when it was not started. */
void	guard_run(struct guarded *, const struct child_plan *,
	    const struct guard *, struct err *);
/* A signal to stop has come; the caller has them blocked (guard_signals). */
bool	guard_is_stopped(void);
/* SIGTERM, SIGINT and SIGHUP wait from now on until they are asked for. */
void	guard_signals(void);
/* Sleep; false: stopped meanwhile. */
bool	guard_rest(int64_t ms);

#endif
