/*
 * A restored file is looked over: sound, damaged, not a database, too slow, and
 * one that needs what only its app has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "agent/state/state_restored.h"
#include "tests/agent/place.h"

static bool
never(void)
{
	return false;
}

static bool
at_once(void)
{
	return true;
}

static int
compare(void *arg, int n, const void *a, int m, const void *b)
{
	(void)arg;
	(void)n;
	(void)m;
	return *(const char *)b - *(const char *)a;	/* backwards */
}

static void
make(struct place *p, const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	free(p->path);
	p->path = mem_printf("%s/re?st%%#.db", p->dir);
	unlink(p->path);
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_create_collation(db, "BACK", SQLITE_UTF8,
	    NULL, compare), SQLITE_OK);
	if (sqlite3_exec(db, "PRAGMA journal_mode = wal", NULL, NULL, NULL) !=
	    SQLITE_OK || sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	sqlite3_close(db);
}

#define ROWS	"CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT);"	\
		"CREATE INDEX i ON t (x);"				\
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1" \
		" FROM n WHERE i < 5000) INSERT INTO t SELECT i, hex(i) || " \
		"'filler filler filler' FROM n;"

static void
test_sound(void **state)
{
	struct place *p = *state;
	struct restored_look a, b;

	make(p, ROWS);
	restored_look(&a, p->path, 10000, never);
	assert_int_equal(a.state, RESTORED_SOUND);
	assert_null(a.why);
	assert_int_equal(strlen(a.schema), 64);
	assert_int_equal(a.unchecked, 0);
	make(p, ROWS "DELETE FROM t");		/* the same schema */
	restored_look(&b, p->path, 10000, never);
	assert_string_equal(a.schema, b.schema);
	restored_look_done(&b);
	make(p, ROWS "CREATE INDEX j ON t (id, x)");
	restored_look(&b, p->path, 10000, never);
	assert_string_not_equal(a.schema, b.schema);
	restored_look_done(&a);
	restored_look_done(&b);
	free(p->path);
	p->path = mem_printf("%s/re?st%%#.db-shm", p->dir);
	assert_int_equal(access(p->path, F_OK), -1);	/* left nothing */
}

/* Zeros over a stretch of the file, from a page on. */
static void
damage(const struct place *p, off_t at, size_t n)
{
	char zeros[4096] = "";
	int fd = open(p->path, O_WRONLY);

	assert_true(n <= sizeof zeros);
	assert_int_equal(pwrite(fd, zeros, n, at), n);
	close(fd);
}

static void
test_damaged(void **state)
{
	static const off_t places[] = { 0, 4096, 5 * 4096 };
	struct place *p = *state;

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct restored_look look;

		make(p, ROWS);
		damage(p, places[i], 4096);
		restored_look(&look, p->path, 10000, never);
		/* An empty first page is an empty database to SQLite. */
		assert_int_equal(look.state, RESTORED_DAMAGED);
		assert_non_null(look.why);
		restored_look_done(&look);
	}
}

static void
test_stopped(void **state)
{
	struct place *p = *state;
	struct restored_look look;

	make(p, ROWS);
	restored_look(&look, p->path, 10000, at_once);
	assert_int_equal(look.state, RESTORED_UNKNOWN);
	assert_non_null(strstr(look.why, "in the time there was"));
	restored_look_done(&look);
	restored_look(&look, "/nowhere/x.db", 10000, never);
	assert_int_equal(look.state, RESTORED_UNKNOWN);
	restored_look_done(&look);
}

/* A collation of the app: the other tables are checked, and it is no damage. */
static void
test_collation(void **state)
{
	struct place *p = *state;
	struct restored_look look;

	make(p, ROWS "CREATE TABLE u (x TEXT COLLATE BACK);"
	    "CREATE INDEX k ON u (x); INSERT INTO u VALUES ('a'), ('b')");
	restored_look(&look, p->path, 10000, never);
	assert_int_equal(look.state, RESTORED_SOUND);
	assert_int_equal(look.tables, 2);
	assert_int_equal(look.unchecked, 1);
	restored_look_done(&look);
	damage(p, 5 * 4096, 4096);
	restored_look(&look, p->path, 10000, never);
	assert_int_equal(look.state, RESTORED_DAMAGED);
	restored_look_done(&look);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_sound), STORY(test_damaged), STORY(test_stopped),
		STORY(test_collation),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
