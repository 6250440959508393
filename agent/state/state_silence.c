/*
 * state_silence - silences, in state.db.
 */
#include <sqlite3.h>
#include <stdio.h>

#include "agent/state/state.h"
#include "agent/state/state_run.h"
#include "alerts/silence.h"
#include "base/mem.h"

int
state_put_silence(struct state *s, const struct silence *x, struct err *e)
{
	const struct value values[] = { T(x->id), T(x->db), T(x->rule),
	    T(x->severity), T(x->why), T(x->who), I(x->from_ms),
	    I(x->until_ms) };

	return state_run(s, PUT_SILENCE, values, e);
}

int
state_drop_silence(struct state *s, const char *id, struct err *e)
{
	return state_run(s, DROP_SILENCE, (const struct value[]){ T(id) }, e);
}

struct each_silence {
	void	(*fn)(void *, struct silence *);
	void	*arg;
};

/* NULL stays NULL. */
static char *
copy(sqlite3_stmt *st, int column)
{
	return sqlite3_column_type(st, column) == SQLITE_NULL ? NULL :
	    mem_strdup(state_text(st, column));
}

static void
hand_silence(sqlite3_stmt *st, void *arg)
{
	const struct each_silence *to = arg;
	struct silence x = {
		.db	   = copy(st, 1),
		.rule	   = copy(st, 2),
		.severity  = copy(st, 3),
		.why	   = copy(st, 4),
		.who	   = copy(st, 5),
		.from_ms   = sqlite3_column_int64(st, 6),
		.until_ms  = sqlite3_column_int64(st, 7),
	};

	(void)snprintf(x.id, sizeof x.id, "%s", state_text(st, 0));
	to->fn(to->arg, &x);
}

int
state_each_silence(struct state *s, void (*fn)(void *, struct silence *),
    void *arg, struct err *e)
{
	return state_run_rows(s, EACH_SILENCE, NULL, hand_silence,
	    &(struct each_silence){ fn, arg }, e);
}
