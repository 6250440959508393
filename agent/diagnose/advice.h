/*
 * advice - what is known of a database when one of its alerts is told.
 */
#ifndef AGENT_DIAGNOSE_ADVICE_H
#define AGENT_DIAGNOSE_ADVICE_H

#include "agent/diagnose/diagnose.h"

struct scene;
struct watched;

/*
 * Sets in the scene who is in the way, why nothing is seen, and what the
 * gravest diagnosis that speaks about the measure says, which lies in room.
 * w: NULL when the database is not watched any more.
 */
void	advise(struct scene *, const struct watched *w, enum measure_id,
	    struct diagnosis *room);

#endif
