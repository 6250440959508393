/*
 * state_note - numbers with a name in state.db.
 */
#include <sqlite3.h>

#include "agent/state/state.h"
#include "agent/state/state_run.h"

int
state_put_note(struct state *s, const char *key, int64_t value, struct err *e)
{
	return state_run(s, PUT_NOTE, (const struct value[]){ T(key),
	    I(value) }, e);
}

static void
hand_note(sqlite3_stmt *st, void *arg)
{
	int64_t *value = arg;

	*value = sqlite3_column_int64(st, 0);
}

int
state_get_note(struct state *s, const char *key, int64_t *ret, struct err *e)
{
	int64_t value = 0;

	if (state_run_rows(s, GET_NOTE, (const struct value[]){ T(key) },
	    hand_note, &value, e) == -1)
		return -1;
	*ret = value;
	return 0;
}
