/*
 * Drills in state.db, also in one that an older litegauge wrote.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "litestream/drill.h"
#include "tests/agent/place.h"

#define DAY	INT64_C(86400000)

static void
list(void *arg, struct drill *d)
{
	buf_addf(arg, "%s %s %d %s %lld %lld %d %lld %lld %lld %lld %s %s\n",
	    d->db, d->replica, (int)d->outcome, d->why ? d->why : "-",
	    (long long)d->at_ms, (long long)d->passed_ms, (int)d->told,
	    (long long)d->told_ms, (long long)d->took_ms, (long long)d->bytes,
	    (long long)d->behind_bytes, d->position ? d->position : "-",
	    d->schema ? d->schema : "-");
	drill_free(d);
}

static void
assert_drills(struct state *s, const char *want)
{
	struct err e = { "" };
	struct buf b;

	buf_init(&b, 65536);
	assert_int_equal(state_each_drill(s, list, &b, &e), 0);
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
}

static void
test_drills(void **state)
{
	struct place *p = *state;
	struct state *s = must_open(p);
	char db[] = "x'y", a[] = "a", b[] = "b", why[] = "late", at[] = "0.5 T";
	struct drill d = { .db = db, .replica = a, .outcome = DRILL_FAIL,
		.why = why, .at_ms = 20 * DAY, .passed_ms = 3, .told =
		DRILL_FAIL, .told_ms = 4, .took_ms = 5, .bytes = 6,
		.behind_bytes = -1, .position = at };
	struct drill other = { .db = db, .replica = b, .at_ms = 10 * DAY };

	assert_int_equal(state_put_drill(s, &other, &p->e), 0);
	assert_int_equal(state_put_drill(s, &d, &p->e), 0);
	d.took_ms = 50;
	assert_int_equal(state_put_drill(s, &d, &p->e), 0);
	state_close(s);
	s = must_open(p);
	assert_drills(s, "x'y b 0 - 864000000 0 0 0 0 0 0 - -\n"
	    "x'y a 1 late 1728000000 3 1 4 50 6 -1 0.5 T -\n");
	assert_int_equal(state_prune_drills(s, 15 * 86400 +
	    STATE_DRILL_DAYS * INT64_C(86400), &p->e), 0);
	assert_drills(s, "x'y a 1 late 1728000000 3 1 4 50 6 -1 0.5 T -\n");
	assert_int_equal(state_drop_drill(s, &d, &p->e), 0);
	assert_drills(s, "");
	state_close(s);
}

/* The file as version 1 made it, with an alert and a message in it. */
static const char version_1[] =
    "CREATE TABLE alert (rule TEXT NOT NULL, db TEXT NOT NULL,"
    " state INTEGER NOT NULL, announced INTEGER NOT NULL,"
    " since_ms INTEGER NOT NULL, fired_ms INTEGER NOT NULL, value REAL,"
    " PRIMARY KEY (rule, db)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE outbox (seq INTEGER PRIMARY KEY, id TEXT NOT NULL,"
    " receiver TEXT NOT NULL, json TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    " UNIQUE (id, receiver)) STRICT;"
    "CREATE TABLE series (id INTEGER PRIMARY KEY, db TEXT NOT NULL,"
    " measure TEXT NOT NULL, last_s INTEGER NOT NULL,"
    " UNIQUE (db, measure)) STRICT;"
    "CREATE TABLE history (at_s INTEGER NOT NULL, series INTEGER NOT NULL,"
    " mean REAL, least REAL, greatest REAL,"
    " PRIMARY KEY (at_s, series)) STRICT, WITHOUT ROWID;"
    "INSERT INTO outbox VALUES (1, 'm1', 'ops', '{}', 7);"
    "PRAGMA application_id = 0x6c676765;"
    "PRAGMA user_version = 1;";

static void
make_old(const struct place *p, const char *more)
{
	char *dir = mem_printf("%s/deep", p->dir);
	sqlite3 *db;

	assert_int_equal(mkdir(dir, 0700), 0);
	free(dir);
	dir = mem_printf("%s/deep/er", p->dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	free(dir);
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, version_1, NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, more, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
test_migration(void **state)
{
	struct place *p = *state;
	char db[] = "app", replica[] = "s3";
	const struct drill d = { .db = db, .replica = replica, .at_ms = 1 };
	struct state *s;

	make_old(p, "");
	s = must_open(p);
	assert_outbox(s, "m1 ");
	assert_drills(s, "");
	assert_int_equal(state_put_drill(s, &d, &p->e), 0);
	state_close(s);
	s = must_open(p);	/* once is enough */
	assert_outbox(s, "m1 ");
	assert_drills(s, "app s3 0 - 1 0 0 0 0 0 0 - -\n");
	state_close(s);
}

/* One that cannot be done leaves the file as it was. */
static void
test_failed_migration(void **state)
{
	struct place *p = *state;
	char *note = NULL;
	bool later;

	make_old(p, "CREATE TABLE drill (x)");
	assert_null(state_open(p->path, &note, &later, &p->e));
	assert_non_null(strstr(p->e.text, "already exists"));
	assert_null(note);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_drills), STORY(test_migration),
		STORY(test_failed_migration),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
