/*
 * burst - see burst.h.
 */
#include "tracer/burst.h"

static bool
begins(const struct burst *b, enum trace_mode mode, int64_t wished_ms,
    int64_t now_ms)
{
	if (b->began && now_ms - b->began_ms < BURST_PERIOD_MS)
		return false;
	return mode != TRACE_AUTO ||
	    (wished_ms != 0 && now_ms - wished_ms < BURST_WISH_MS);
}

unsigned
burst_step(struct burst *b, enum trace_mode mode, int64_t wished_ms,
    int64_t now_ms)
{
	unsigned what = mode == TRACE_ALWAYS ? BURST_LOCKS : 0;

	if (mode == TRACE_NO || mode == TRACE_SLEEPS)
		return 0;
	if (begins(b, mode, wished_ms, now_ms))
		*b = (struct burst){ true, now_ms };
	if (b->began && now_ms - b->began_ms < BURST_LOCKS_MS)
		what |= BURST_LOCKS;
	if (b->began && now_ms - b->began_ms < BURST_SYNCS_MS)
		what |= BURST_SYNCS;
	return what;
}
