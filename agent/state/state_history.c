/*
 * state_history - the points of history in state.db.
 */
#include <sqlite3.h>

#include "agent/state/state.h"
#include "agent/state/state_run.h"

#define DAY_S		86400

int
state_put_history(struct state *s, const char *db, const char *measure,
    int64_t at_s, const float point[3], struct err *e)
{
	const struct value values[] = { T(db), T(measure), I(at_s),
	    R((double)point[0]), R((double)point[1]), R((double)point[2]) };

	if (state_run(s, PUT_SERIES, values, e) == -1)
		return -1;
	return state_run(s, PUT_HISTORY, values, e);
}

int
state_prune(struct state *s, int64_t now_s, struct err *e)
{
	int64_t oldest = now_s - (int64_t)STATE_HISTORY_DAYS * DAY_S;

	if (state_run(s, PRUNE_HISTORY, (const struct value[]){ I(oldest) },
	    e) == -1)
		return -1;
	/* last_s is up to a day late. */
	return state_run(s, PRUNE_SERIES, (const struct value[]){ I(oldest -
	    DAY_S) }, e);
}

struct each_history {
	void	(*fn)(void *, const char *, const char *, int64_t,
		    const float[3]);
	void	*arg;
};

static void
hand_history(sqlite3_stmt *st, void *arg)
{
	const struct each_history *to = arg;
	const float point[3] = { (float)state_real(st, 3),
	    (float)state_real(st, 4), (float)state_real(st, 5) };

	to->fn(to->arg, state_text(st, 0), state_text(st, 1),
	    sqlite3_column_int64(st, 2), point);
}

int
state_each_history(struct state *s, int64_t from_s, void (*fn)(void *,
    const char *, const char *, int64_t, const float[3]), void *arg,
    struct err *e)
{
	return state_run_rows(s, EACH_HISTORY, (const struct value[]){
	    I(from_s) }, hand_history, &(struct each_history){ fn, arg }, e);
}

int
state_each_history_at(struct state *s, const char *measure, int64_t at_s,
    void (*fn)(void *, const char *, const char *, int64_t, const float[3]),
    void *arg, struct err *e)
{
	return state_run_rows(s, EACH_HISTORY_AT, (const struct value[]){
	    T(measure), I(at_s) }, hand_history,
	    &(struct each_history){ fn, arg }, e);
}
