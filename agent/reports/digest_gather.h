/*
 * digest_gather - what is known of the last week, collected bit by bit.
 *
 * History older than a day lies in state.db and is read by the keeper, an hour
 * at a time, so that other jobs go in between; the last day lies in the rings
 * and is read on the loop, some databases at a time.
 */
#ifndef AGENT_REPORTS_DIGEST_GATHER_H
#define AGENT_REPORTS_DIGEST_GATHER_H

#include <stdint.h>

#include "agent/reports/digest_text.h"

struct agent;
struct gather;

/* Called once, on the loop: the facts, but for what has fired and the span of
 * it.  The gather is freed after. */
typedef void digest_gathered_fn(void *arg, struct digest_facts *);

/* from_ms: wall. */
struct gather	*gather_start(struct agent *, int64_t from_ms,
		    digest_gathered_fn *, void *arg);
/* Nobody is told any more. */
void		 gather_stop(struct gather *);

#endif
