/*
 * taken_out - an alert whose data no longer come, for the configuration has
 * taken out what it looks at: a [replica], [drill], the tracer.
 *
 * On a reload it ends once it is blind, for what was seen before may be on its
 * way; on a restart at once.  Of a replica that has no section it is not known
 * whether it is gone or Litestream is down, so only one that had a section in
 * the life before is taken for taken out: which those were is noted.
 */
#include <stdlib.h>

#include "agent/agent.h"
#include "agent/announce/announce.h"
#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/state/keep.h"
#include "agent/state/state.h"
#include "alerts/alerts.h"
#include "base/mem.h"

/* The wall time at which the last configuration was read; the replicas of a
 * database bear the same if they were in it. */
#define READ_NOTE	"configured_ms"
#define REPLICAS_NOTE	"replicas %s"

static void
mark(struct agent *a, const struct config *old, const char *db,
    struct alert *al)
{
	enum measure_id m = al->rule->measure;

	al->off = !configure_measures(a->config, db, m) &&
	    (al->off || configure_measures(old, db, m));
}

void
taken_out_mark(struct agent *a, const struct config *old)
{
	const struct alert_set *set = alerts_first(a->alerts);

	for (; set != NULL; set = set->next)
		for (size_t i = 0; i < set->nalerts; i++)
			if (set->alerts[i].announced ||
			    set->alerts[i].flapping)
				mark(a, old, set->db, &set->alerts[i]);
}

/* --- between two lives ---------------------------------------------------- */

static bool
had_replicas(struct state *s, const char *db)
{
	char *key = mem_printf(REPLICAS_NOTE, db);
	int64_t read_ms = 0, had_ms = 0;
	struct err e;
	bool known;

	known = state_get_note(s, READ_NOTE, &read_ms, &e) == 0 &&
	    state_get_note(s, key, &had_ms, &e) == 0;
	free(key);
	return known && had_ms != 0 && had_ms == read_ms;
}

bool
taken_out_is(const struct agent *a, struct state *s,
    const struct alert_record *r)
{
	int id = r->measure != NULL ? measure_find(r->measure) : -1;
	enum measure_id m = (enum measure_id)id;

	return id != -1 && !configure_measures(a->config, r->db, m) &&
	    (!configure_is_found(m) || had_replicas(s, r->db));
}

/* Once it is blind. */
void
taken_out_end(struct agent *a, const struct alert_record *r)
{
	struct alert_set *set;
	struct alert *al = alerts_alert(a->alerts, r->rule, r->db, &set);

	if (al != NULL)
		al->off = true;
}

struct noting {
	struct keep	 keep;		/* first */
	int64_t		 read_ms;
	char		**keys;		/* owned, and each of them */
	size_t		 n, cap;
};

static void
discard(struct mail *m)
{
	struct noting *n = (struct noting *)(void *)m;

	for (size_t i = 0; i < n->n; i++)
		free(n->keys[i]);
	free(n->keys);
	free(n);
}

static int
work(struct job *j, struct state *s, struct err *e)
{
	const struct noting *n = (const void *)j;

	for (size_t i = 0; i < n->n; i++)
		if (state_put_note(s, n->keys[i], n->read_ms, e) == -1)
			return -1;
	return state_put_note(s, READ_NOTE, n->read_ms, e);
}

void
taken_out_note(struct agent *a)
{
	const struct section *s = NULL;
	struct noting *n;

	NEW(n);
	n->keep.job.mail.discard = discard;
	n->keep.job.work = work;
	n->read_ms = a->reload_ms;
	while ((s = config_next(a->config, "replica", s)) != NULL) {
		MEM_ROOM(n->keys, n->n, n->cap);
		n->keys[n->n++] = mem_printf(REPLICAS_NOTE,
		    section_text(s, "database"));
	}
	/* Lost: after a restart an alert may stay open that could end. */
	keep_put(a, &n->keep);
}
