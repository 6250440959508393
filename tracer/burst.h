/*
 * burst - when locks and fsyncs are traced: in short bursts, with long rests.
 *
 * Tracing them costs an app that writes flat out several percent, so it is done
 * for 10 s in a minute at most, and fsync, which may cost every system call of
 * the machine a little (enum trace_syncs), for 3 of those.  Pure: no clock, no
 * kernel.
 */
#ifndef TRACER_BURST_H
#define TRACER_BURST_H

#include <stdbool.h>
#include <stdint.h>

#define BURST_LOCKS_MS	10000
#define BURST_SYNCS_MS	3000
#define BURST_PERIOD_MS	60000
#define BURST_WISH_MS	5000	/* an older wish is no reason any more */

enum trace_mode {
	TRACE_AUTO,	/* when something is wrong */
	TRACE_ALWAYS,	/* locks all the time, fsync once a minute */
	TRACE_BURSTS,	/* once a minute, whatever happens */
	TRACE_SLEEPS,	/* neither */
	TRACE_NO,
};

struct burst {
	bool	 began;
	int64_t	 began_ms;	/* the last burst */
};

enum { BURST_LOCKS = 1, BURST_SYNCS = 2 };

/* What is to be traced now; wished_ms: when somebody last wished for it. */
unsigned	burst_step(struct burst *, enum trace_mode, int64_t wished_ms,
		    int64_t now_ms);

#endif
