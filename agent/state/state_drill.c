/*
 * state_drill - what drills came to, in state.db.
 */
#include <sqlite3.h>
#include <string.h>

#include "agent/state/state.h"
#include "agent/state/state_run.h"
#include "base/mem.h"
#include "litestream/drill.h"

#define DAY_MS		INT64_C(86400000)

int
state_put_drill(struct state *s, const struct drill *d, struct err *e)
{
	const struct value values[] = { T(d->db), T(d->replica),
	    I((int)d->outcome), T(d->why), I(d->at_ms), I(d->passed_ms),
	    I((int)d->told), I(d->told_ms), I(d->took_ms), I(d->bytes),
	    I(d->behind_bytes), T(d->position), T(d->schema) };

	return state_run(s, PUT_DRILL, values, e);
}

int
state_drop_drill(struct state *s, const struct drill *d, struct err *e)
{
	return state_run(s, DROP_DRILL, (const struct value[]){ T(d->db),
	    T(d->replica) }, e);
}

int
state_prune_drills(struct state *s, int64_t now_s, struct err *e)
{
	int64_t oldest = now_s * 1000 - STATE_DRILL_DAYS * DAY_MS;

	return state_run(s, PRUNE_DRILL, (const struct value[]){ I(oldest) },
	    e);
}

struct each_drill {
	void	(*fn)(void *, struct drill *);
	void	*arg;
};

/* NULL stays NULL. */
static char *
copy(sqlite3_stmt *st, int column)
{
	return sqlite3_column_type(st, column) == SQLITE_NULL ? NULL :
	    mem_strdup(state_text(st, column));
}

static enum drill_outcome
outcome(sqlite3_stmt *st, int column)
{
	int n = sqlite3_column_int(st, column);

	return n < 0 || n >= DRILL_OUTCOME_COUNT ? DRILL_INCONCLUSIVE :
	    (enum drill_outcome)n;
}

static void
hand_drill(sqlite3_stmt *st, void *arg)
{
	const struct each_drill *to = arg;
	struct drill *d;

	NEW(d);
	*d = (struct drill){
		.db	      = mem_strdup(state_text(st, 0)),
		.replica      = mem_strdup(state_text(st, 1)),
		.outcome      = outcome(st, 2),
		.why	      = copy(st, 3),
		.at_ms	      = sqlite3_column_int64(st, 4),
		.passed_ms    = sqlite3_column_int64(st, 5),
		.told	      = outcome(st, 6),
		.told_ms      = sqlite3_column_int64(st, 7),
		.took_ms      = sqlite3_column_int64(st, 8),
		.bytes	      = sqlite3_column_int64(st, 9),
		.behind_bytes = sqlite3_column_int64(st, 10),
		.position     = copy(st, 11),
		.schema	      = copy(st, 12),
	};
	to->fn(to->arg, d);
}

int
state_each_drill(struct state *s, void (*fn)(void *, struct drill *),
    void *arg, struct err *e)
{
	return state_run_rows(s, EACH_DRILL, NULL, hand_drill,
	    &(struct each_drill){ fn, arg }, e);
}
