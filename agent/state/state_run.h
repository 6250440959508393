/*
 * state_run - how the parts of state.c speak to the file.
 *
 * Every statement is prepared once, when the file is opened; a call gives its
 * values, in their order.
 */
#ifndef AGENT_STATE_STATE_RUN_H
#define AGENT_STATE_STATE_RUN_H

#include <stdint.h>

#include <sqlite3.h>

struct err;
struct state;

enum statement {
	BEGIN, COMMIT, ROLLBACK,
	PUT_ALERT, DROP_ALERT, EACH_ALERT,
	PUT_NOTE, GET_NOTE,
	PUT_OUTBOX, DROP_OUTBOX, HAND_OUTBOX,
	EACH_OUTBOX,
	PUT_SERIES, PUT_HISTORY, EACH_HISTORY, EACH_HISTORY_AT,
	PRUNE_HISTORY, PRUNE_SERIES,
	PUT_DRILL, DROP_DRILL, EACH_DRILL, PRUNE_DRILL,
	PUT_SILENCE, DROP_SILENCE, EACH_SILENCE,
	STATEMENT_COUNT
};

/* One parameter of a statement. */
struct value {
	enum { VALUE_TEXT, VALUE_INTEGER, VALUE_REAL } type;
	const char	*text;
	int64_t		 integer;
	double		 real;		/* NAN becomes NULL */
};

#define T(x)	{ .type = VALUE_TEXT, .text = (x) }
#define I(x)	{ .type = VALUE_INTEGER, .integer = (x) }
#define R(x)	{ .type = VALUE_REAL, .real = (x) }

typedef void row_fn(sqlite3_stmt *, void *arg);

int	state_run(struct state *, enum statement, const struct value *,
	    struct err *);
/* Each row is handed to the function; NULL: none is wanted. */
int	state_run_rows(struct state *, enum statement, const struct value *,
	    row_fn *, void *, struct err *);
const char *state_text(sqlite3_stmt *, int column);	/* NULL: "" */
double	state_real(sqlite3_stmt *, int column);		/* NULL: NAN */

#endif
