/*
 * state - see state.h.
 *
 * Opening has two tries: the second one when the first found the file damaged
 * and moved it aside.  After that everything is a row of the table of
 * statements and a list of values.
 */
#include <assert.h>
#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/state/state.h"
#include "agent/state/state_file.h"
#include "agent/state/state_run.h"
#include "agent/state/state_schema.h"
#include "base/err.h"
#include "base/mem.h"

static const char *const statements[STATEMENT_COUNT] = {
	[BEGIN]	= "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[PUT_ALERT] = "INSERT OR REPLACE INTO alert (rule, db, state, "
	    "announced, since_ms, fired_ms, value, raised, flapping, muted, "
	    "good_ms, blind_ms, worse_ms, said_ms, fires, bits, nbits, "
	    "worse_bits, measure, severity, threshold, receivers) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
	    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[DROP_ALERT] = "DELETE FROM alert WHERE rule = ? AND db = ?",
	[EACH_ALERT] = "SELECT rule, db, state, announced, since_ms, fired_ms, "
	    "value, raised, flapping, muted, good_ms, blind_ms, worse_ms, "
	    "said_ms, fires, bits, nbits, worse_bits, measure, severity, "
	    "threshold, receivers FROM alert ORDER BY since_ms",
	[PUT_NOTE] = "INSERT OR REPLACE INTO note (key, value) VALUES (?, ?)",
	[GET_NOTE] = "SELECT value FROM note WHERE key = ?",
	[PUT_OUTBOX] = "INSERT INTO outbox (id, receiver, json, at_ms) "
	    "VALUES (?, ?, ?, ?) ON CONFLICT (id, receiver) "
	    "DO UPDATE SET json = excluded.json, at_ms = excluded.at_ms",
	[DROP_OUTBOX] = "DELETE FROM outbox WHERE id = ? AND receiver = ?",
	[HAND_OUTBOX] = "UPDATE outbox SET handed = 1 WHERE id = ? "
	    "AND receiver IN (?, ?)",
	[EACH_OUTBOX] = "SELECT id, receiver, json, at_ms, handed FROM outbox "
	    "ORDER BY at_ms, seq",
	[PUT_SERIES] = "INSERT INTO series (db, measure, last_s) "
	    "VALUES (?, ?, ?) ON CONFLICT (db, measure) "
	    "DO UPDATE SET last_s = excluded.last_s "
	    "WHERE last_s < excluded.last_s - 86400",
	[PUT_HISTORY] = "INSERT OR REPLACE INTO history "
	    "SELECT ?3, id, ?4, ?5, ?6 FROM series "
	    "WHERE db = ?1 AND measure = ?2",
	[EACH_HISTORY] = "SELECT db, measure, at_s, mean, least, greatest "
	    "FROM history JOIN series ON series.id = history.series "
	    "WHERE at_s >= ? ORDER BY at_s",
	/* One lookup for each series of that measure. */
	[EACH_HISTORY_AT] = "SELECT db, measure, at_s, mean, least, greatest "
	    "FROM history JOIN series ON series.id = history.series "
	    "WHERE at_s = ?2 AND history.series IN "
	    "(SELECT id FROM series WHERE measure = ?1)",
	[PRUNE_HISTORY] = "DELETE FROM history WHERE at_s < ?",
	[PRUNE_SERIES] = "DELETE FROM series WHERE last_s < ?",
	[PUT_DRILL] = "INSERT OR REPLACE INTO drill "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[DROP_DRILL] = "DELETE FROM drill WHERE db = ? AND replica = ?",
	[EACH_DRILL] = "SELECT db, replica, outcome, why, at_ms, passed_ms, "
	    "told, told_ms, took_ms, bytes, behind_bytes, position, "
	    "schema_sha256 FROM drill ORDER BY at_ms",
	[PRUNE_DRILL] = "DELETE FROM drill WHERE at_ms < ?",
	[PUT_SILENCE] = "INSERT OR REPLACE INTO silence "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	[DROP_SILENCE] = "DELETE FROM silence WHERE id = ?",
	[EACH_SILENCE] = "SELECT id, db, rule, severity, why, who, from_ms, "
	    "until_ms FROM silence ORDER BY from_ms",
};

struct state {
	char		*path;		/* owned */
	int		 lock;		/* descriptor of path.lock */
	sqlite3		*db;		/* owned */
	sqlite3_stmt	*st[STATEMENT_COUNT];	/* owned */
};

static int
failed(const struct state *s, struct err *e)
{
	return err_set(e, "%s: %s", s->path, sqlite3_errmsg(s->db));
}

static int
prepare(struct state *s, struct err *e)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		if (sqlite3_prepare_v3(s->db, statements[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &s->st[i], NULL) != SQLITE_OK)
			return failed(s, e);
	return 0;
}

static void
detach(struct state *s)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		sqlite3_finalize(s->st[i]);
		s->st[i] = NULL;
	}
	sqlite3_close(s->db);
	s->db = NULL;
}

static int
attach(struct state *s, enum state_fault *fault, struct err *e)
{
	if (state_schema_open(&s->db, s->path, fault, e) == -1)
		return -1;
	if (prepare(s, e) == 0)
		return 0;
	/* Its tables are not the ones of its version. */
	*fault = STATE_FAULT_DAMAGED;
	detach(s);
	return -1;
}

static int
open_or_make(struct state *s, enum state_fault *fault, struct err *e)
{
	enum state_file kind;

	*fault = STATE_FAULT_DISK;
	if (state_file_look(&kind, s->path, e) == -1)
		return -1;
	switch (kind) {
	case STATE_FILE_FOREIGN:
		*fault = STATE_FAULT_FOREIGN;
		return state_file_refuse(s->path, e);
	case STATE_FILE_DAMAGED:
		*fault = STATE_FAULT_DAMAGED;
		return err_set(e, "%s: not a database", s->path);
	case STATE_FILE_NONE:
		if (state_schema_create(s->path, e) == -1)
			return -1;
		break;
	case STATE_FILE_OURS:
		break;
	}
	return attach(s, fault, e);
}

/* A damaged file is moved aside, so that a new one can be begun. */
static int
open_at_last(struct state *s, char **note, enum state_fault *fault,
    struct err *e)
{
	int status = open_or_make(s, fault, e);

	if (status == 0 || *fault != STATE_FAULT_DAMAGED)
		return status;
	*fault = STATE_FAULT_DISK;
	if (state_file_move_aside(s->path, e->text, note, e) == -1)
		return -1;
	return open_or_make(s, fault, e);
}

struct state *
state_open(const char *path, char **note, bool *later, struct err *e)
{
	enum state_fault fault;
	struct state *s;

	NEW(s);
	s->path = mem_strdup(path);
	*note = NULL;
	s->lock = state_file_lock(path, &fault, e);
	if (s->lock != -1 && open_at_last(s, note, &fault, e) == 0)
		return s;
	*later = fault != STATE_FAULT_FOREIGN;
	state_close(s);
	return NULL;
}

void
state_close(struct state *s)
{
	if (s == NULL)
		return;
	detach(s);
	if (s->lock != -1)
		close(s->lock);		/* last: others may come now */
	free(s->path);
	free(s);
}

static int
bind(sqlite3_stmt *st, int i, const struct value *v)
{
	switch (v->type) {
	case VALUE_TEXT:
		return sqlite3_bind_text(st, i, v->text, -1, SQLITE_STATIC);
	case VALUE_INTEGER:
		return sqlite3_bind_int64(st, i, v->integer);
	case VALUE_REAL:
		return sqlite3_bind_double(st, i, v->real);
	}
	abort();
}

/* The statement with as many values as it has parameters; rows may be NULL. */
int
state_run_rows(struct state *s, enum statement which,
    const struct value *values, row_fn *row, void *arg, struct err *e)
{
	sqlite3_stmt *st = s->st[which];
	int n = sqlite3_bind_parameter_count(st);
	int rc = SQLITE_OK, status = 0;

	assert(n == 0 || values != NULL);
	for (int i = 0; i < n && rc == SQLITE_OK; i++)
		rc = bind(st, i + 1, &values[i]);
	if (rc == SQLITE_OK)
		while ((rc = sqlite3_step(st)) == SQLITE_ROW)
			if (row != NULL)
				row(st, arg);
	if (rc != SQLITE_DONE)
		status = failed(s, e);
	(void)sqlite3_reset(st);	/* says again what step said */
	(void)sqlite3_clear_bindings(st);
	return status;
}

int
state_run(struct state *s, enum statement which, const struct value *values,
    struct err *e)
{
	return state_run_rows(s, which, values, NULL, NULL, e);
}

const char *
state_text(sqlite3_stmt *st, int column)
{
	const unsigned char *t = sqlite3_column_text(st, column);

	return t != NULL ? (const char *)t : "";
}

double
state_real(sqlite3_stmt *st, int column)
{
	return sqlite3_column_type(st, column) == SQLITE_NULL ? (double)NAN :
	    sqlite3_column_double(st, column);
}

int
state_begin(struct state *s, struct err *e)
{
	return state_run(s, BEGIN, NULL, e);
}

int
state_commit(struct state *s, struct err *e)
{
	return state_run(s, COMMIT, NULL, e);
}

void
state_rollback(struct state *s)
{
	struct err e;

	/* A full disk makes SQLite roll back by itself. */
	if (!sqlite3_get_autocommit(s->db))
		(void)state_run(s, ROLLBACK, NULL, &e);
}

int
state_put_outbox(struct state *s, const char *id, const char *receiver,
    const char *json, int64_t at_ms, struct err *e)
{
	return state_run(s, PUT_OUTBOX, (const struct value[]){ T(id),
	    T(receiver), T(json), I(at_ms) }, e);
}

int
state_drop_outbox(struct state *s, const char *id, const char *receiver,
    struct err *e)
{
	return state_run(s, DROP_OUTBOX, (const struct value[]){ T(id),
	    T(receiver) }, e);
}

int
state_hand_outbox(struct state *s, const char *id, const char *from,
    const char *to, struct err *e)
{
	return state_run(s, HAND_OUTBOX, (const struct value[]){ T(id),
	    T(from), T(to) }, e);
}

struct each_outbox {
	void	(*fn)(void *, const char *, const char *, const char *,
		    int64_t, bool);
	void	*arg;
};

static void
hand_outbox(sqlite3_stmt *st, void *arg)
{
	const struct each_outbox *to = arg;

	to->fn(to->arg, state_text(st, 0), state_text(st, 1), state_text(st, 2),
	    sqlite3_column_int64(st, 3), sqlite3_column_int(st, 4) != 0);
}

int
state_each_outbox(struct state *s, void (*fn)(void *, const char *,
    const char *, const char *, int64_t, bool), void *arg, struct err *e)
{
	return state_run_rows(s, EACH_OUTBOX, NULL, hand_outbox,
	    &(struct each_outbox){ fn, arg }, e);
}
