/*
 * All of an alert is in its row, of a plain one there is none, a file of the
 * version before gets the new columns; and numbers with a name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "alerts/alerts.h"
#include "tests/agent/place.h"

static void
list(void *arg, const struct alert_record *a)
{
	buf_addf(arg, "%s %s %d %d%d%d%d %lld %lld %g | %lld %lld %lld %lld |",
	    a->rule, a->db, (int)a->state, a->announced, a->raised,
	    a->flapping, a->muted, (long long)a->since_ms,
	    (long long)a->fired_ms, a->value, (long long)a->good_ms,
	    (long long)a->blind_ms, (long long)a->worse_ms,
	    (long long)a->said_ms);
	for (size_t i = 0; i < ALERT_FIRES; i++)
		buf_addf(arg, " %lld", (long long)a->fires[i]);
	if (a->told != 0)
		buf_addf(arg, " told %u", a->told);
	buf_addf(arg, " | %llx %llx %u | %s %d %g %s\n",
	    (unsigned long long)a->bits, (unsigned long long)a->worse_bits,
	    a->nbits, a->measure, (int)a->severity,
	    isnan(a->threshold) ? -1 : a->threshold, a->heard);
}

static void
assert_alerts(struct state *s, const char *want)
{
	struct buf b;
	struct err e = { "" };

	buf_init(&b, 65536);
	assert_int_equal(state_each_alert(s, list, &b, &e), 0);
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
}

static const struct alert_record full = {
	.rule = "size", .db = "app", .state = ALERT_FIRING, .announced = true,
	.raised = true, .told = 6, .flapping = true, .muted = true,
	.since_ms = 20,
	.fired_ms = 10, .value = 5, .good_ms = 1, .blind_ms = 2,
	.worse_ms = 3, .said_ms = 4, .fires = { 9, 8, 7 },
	.bits = 0xf00000000000000f, .worse_bits = 0x8000000000000001,
	.nbits = 64, .measure = "database_size", .severity = SEVERITY_CRITICAL,
	.threshold = 1e10, .heard = "ops\nnight",
};

static void
test_every_column(void **state)
{
	struct place *p = *state;
	struct state *s = must_open(p);

	assert_int_equal(state_put_alert(s, &full, &p->e), 0);
	state_close(s);
	s = must_open(p);
	assert_alerts(s, "size app 2 1111 20 10 5 | 1 2 3 4 | 9 8 7 0 0 told 6 "
	    "| f00000000000000f 8000000000000001 64 | database_size 2 1e+10 "
	    "ops\nnight\n");
	state_close(s);
}

static void
test_a_plain_one_has_no_row(void **state)
{
	struct place *p = *state;
	struct state *s = must_open(p);
	struct alert_record a = { .rule = "size", .db = "app", .since_ms = 5 };

	assert_int_equal(state_put_alert(s, &full, &p->e), 0);
	a.fires[0] = 4;		/* it may flap yet */
	assert_int_equal(state_put_alert(s, &a, &p->e), 0);
	assert_alerts(s, "size app 0 0000 5 0 0 | 0 0 0 0 | 4 0 0 0 0 | 0 0 0 "
	    "|  0 0 \n");
	a.fires[0] = 0;
	assert_int_equal(state_put_alert(s, &a, &p->e), 0);
	assert_alerts(s, "");
	state_close(s);
}

/* What another hand wrote there is read as far as it goes. */
static void
test_foreign_fires(void **state)
{
	struct place *p = *state;
	struct state *s = must_open(p);
	sqlite3 *db;

	assert_int_equal(state_put_alert(s, &full, &p->e), 0);
	state_close(s);
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE alert SET fires = "
	    "'7 6 x 5', receivers = replace(hex(zeroblob(200)), '00', 'ab, '),"
	    " worse_bits = 0, bits = 0, good_ms = -1", NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	s = must_open(p);
	assert_alerts(s, "size app 2 1111 20 10 5 | -1 2 3 4 | 7 6 0 0 0 told "
	    "6 | 0 0 64 | database_size 2 1e+10 \n");
	state_close(s);
}

/* The file as version 2 made it, with an alert that was firing. */
static const char version_2[] =
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
    "CREATE TABLE drill (db TEXT NOT NULL, replica TEXT NOT NULL,"
    " outcome INTEGER NOT NULL, why TEXT, at_ms INTEGER NOT NULL,"
    " passed_ms INTEGER NOT NULL, told INTEGER NOT NULL,"
    " told_ms INTEGER NOT NULL, took_ms INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, behind_bytes INTEGER NOT NULL,"
    " position TEXT, schema_sha256 TEXT,"
    " PRIMARY KEY (db, replica)) STRICT, WITHOUT ROWID;"
    "INSERT INTO outbox VALUES (1, 'm1', 'ops', '{}', 7);"
    "INSERT INTO alert VALUES ('size', 'app', 2, 1, 20, 10, 5);"
    "PRAGMA application_id = 0x6c676765;"
    "PRAGMA user_version = 2;";

static void
make_version_2(const struct place *p)
{
	char *dir = mem_printf("%s/deep", p->dir);
	sqlite3 *db;

	assert_int_equal(mkdir(dir, 0700), 0);
	free(dir);
	dir = mem_printf("%s/deep/er", p->dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	free(dir);
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, version_2, NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
}

static void
test_migration(void **state)
{
	static const char was[] = "size app 2 1000 20 10 5 | 0 0 0 0 | "
	    "0 0 0 0 0 | 0 0 0 |  1 -1 \n";
	struct place *p = *state;
	struct state *s;
	int64_t note = 7;

	make_version_2(p);
	s = must_open(p);
	assert_outbox(s, "m1 ");
	assert_alerts(s, was);
	assert_int_equal(state_get_note(s, "alive_ms", &note, &p->e), 0);
	assert_int_equal(note, 0);
	assert_int_equal(state_put_note(s, "alive_ms", 1, &p->e), 0);
	state_close(s);
	s = must_open(p);	/* once is enough */
	assert_alerts(s, was);
	assert_int_equal(state_put_alert(s, &full, &p->e), 0);
	state_close(s);
}

static void
test_notes(void **state)
{
	struct place *p = *state;
	struct state *s = must_open(p);
	int64_t value = -1;

	assert_int_equal(state_put_note(s, "one", INT64_MAX, &p->e), 0);
	assert_int_equal(state_put_note(s, "it's", 2, &p->e), 0);
	assert_int_equal(state_put_note(s, "it's", 3, &p->e), 0);
	state_close(s);
	s = must_open(p);
	assert_int_equal(state_get_note(s, "one", &value, &p->e), 0);
	assert_true(value == INT64_MAX);
	assert_int_equal(state_get_note(s, "it's", &value, &p->e), 0);
	assert_int_equal(value, 3);
	assert_int_equal(state_get_note(s, "none", &value, &p->e), 0);
	assert_int_equal(value, 0);
	state_close(s);
}

static void
add_point(void *arg, const char *db, const char *measure, int64_t at_s,
    const float p[3])
{
	buf_addf(arg, "%s %s %lld %g,", db, measure, (long long)at_s,
	    (double)p[0]);
}

static void
test_points_of_one_measure(void **state)
{
	static const float three[3] = { 3, 1, 9 }, four[3] = { 4, 1, 9 };
	struct place *p = *state;
	struct state *s = must_open(p);
	struct buf b;

	assert_int_equal(state_put_history(s, "a", "readers", 300, three,
	    &p->e), 0);
	assert_int_equal(state_put_history(s, "a", "up", 300, three, &p->e),
	    0);
	assert_int_equal(state_put_history(s, "b", "readers", 300, four,
	    &p->e), 0);
	assert_int_equal(state_put_history(s, "b", "readers", 600, three,
	    &p->e), 0);
	buf_init(&b, 4096);
	assert_int_equal(state_each_history_at(s, "readers", 300, add_point,
	    &b, &p->e), 0);
	assert_string_equal(b.data, "a readers 300 3,b readers 300 4,");
	assert_int_equal(state_each_history_at(s, "readers", 900, add_point,
	    &b, &p->e), 0);
	assert_int_equal(state_each_history_at(s, "none", 300, add_point, &b,
	    &p->e), 0);
	assert_string_equal(b.data, "a readers 300 3,b readers 300 4,");
	buf_free(&b);
	state_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_every_column), STORY(test_a_plain_one_has_no_row),
		STORY(test_foreign_fires), STORY(test_migration),
		STORY(test_notes), STORY(test_points_of_one_measure),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
