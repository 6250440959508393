/*
 * drills_keep - what a drill came to, to state.db and into the API.
 */
#include <stdlib.h>

#include "agent/agent.h"
#include "agent/drills/drills.h"
#include "agent/state/keep.h"
#include "agent/state/state.h"
#include "base/json.h"
#include "base/mem.h"
#include "litestream/drill.h"

/* Writes a drill down, or removes it. */
struct keeping {
	struct keep	 keep;		/* first */
	struct drill	*drill;		/* owned */
	bool		 gone;
};

static void
discard(struct mail *m)
{
	struct keeping *k = (struct keeping *)(void *)m;

	drill_free(k->drill);
	free(k);
}

static int
work(struct job *j, struct state *s, struct err *e)
{
	const struct keeping *k = (const void *)j;

	return k->gone ? state_drop_drill(s, k->drill, e) :
	    state_put_drill(s, k->drill, e);
}

void
drills_keep(struct agent *a, const struct drill *d, bool gone)
{
	struct keeping *k;

	NEW(k);
	k->keep.job.mail.discard = discard;
	k->keep.job.work = work;
	k->drill = drill_copy(d);
	k->gone = gone;
	keep_put(a, &k->keep);
}

static json_t *
drill(const struct drill *d)
{
	return json_pack("{s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
	    "replica", json_text(d->replica),
	    "outcome", drill_outcome_name(d->outcome),
	    "why", json_text(d->why),
	    "at", json_time(d->at_ms),
	    "passed", json_time(d->passed_ms),
	    "duration", json_number((double)d->took_ms / 1000),
	    "bytes", json_number((double)d->bytes),
	    "behind_bytes", d->behind_bytes < 0 ? json_null() :
	    json_number((double)d->behind_bytes),
	    "position", json_text(d->position),
	    "schema", json_text(d->schema));
}

json_t *
drills_json(const struct drills *ds, const char *db)
{
	json_t *all = json_array();

	for (const struct drill *d = drills_of(ds, db); d != NULL; d = d->next)
		json_array_append_new(all, drill(d));
	return all;
}
