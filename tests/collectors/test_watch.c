/*
 * What the calls of a connection mean: waiting, giving up, a snapshot that is
 * too old.  Truth is what SQLite itself says to the app.
 */
#include "tests/collectors/probed.h"

/* The snapshot is too old, and then not any more. */
static void
test_snapshot(void **state)
{
	struct place *p = *state;
	struct probe_file *f;
	char *path;
	sqlite3 *a, *b;

	NEW(f);
	path = mem_printf("%s/snapshot.db", p->dir);
	install();
	make(path);
	a = open_it(path);
	b = open_it(path);
	must(a, "BEGIN; SELECT * FROM t");
	must(b, "UPDATE t SET v = 1");
	for (int i = 0; i < 3; i++)
		assert_int_equal(sqlite3_exec(a, "UPDATE t SET v = 2", NULL,
		    NULL, NULL), SQLITE_BUSY);
	assert_int_equal(sqlite3_extended_errcode(a), SQLITE_BUSY_SNAPSHOT);
	must(a, "ROLLBACK; UPDATE t SET v = 2");
	read_own(p, getpid(), f);
	assert_int_equal(counted(f, path, PROBE_SNAPSHOTS), 3);
	assert_int_equal(counted(f, path, PROBE_TIMEOUTS), 0);
	assert_int_equal(counted(f, path, PROBE_RETRIES + PROBE_WRITE), 0);
	assert_int_equal(sqlite3_close(a), SQLITE_OK);
	assert_int_equal(sqlite3_close(b), SQLITE_OK);
	free(f);
	free(path);
}

/*
 * One that is refused in its first call, dropped and made anew is another each
 * time, and what the app may ask of it is as it is without a probe, but where
 * SQLite was built without lookaside memory.
 */
static void
test_first_call(void **state)
{
	const int runs = !sqlite3_compileoption_used("OMIT_LOOKASIDE");
	struct place *p = *state;
	struct probe_file *f;
	char *path;
	sqlite3 *holder, *db;
	sqlite3_stmt *st;

	NEW(f);
	path = mem_printf("%s/first_call.db", p->dir);
	install();
	make(path);
	holder = open_it(path);
	db = open_it(path);
	(void)sqlite3_busy_timeout(db, 0);
	must(db, "SELECT * FROM t");
	must(holder, "BEGIN IMMEDIATE");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1,
		    &st, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(st), SQLITE_BUSY);
		assert_int_equal(sqlite3_stmt_status(st, SQLITE_STMTSTATUS_RUN,
		    0), runs);
		assert_int_equal(sqlite3_finalize(st), SQLITE_BUSY);
	}
	must(holder, "ROLLBACK");
	assert_int_equal(sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &st,
	    NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	assert_int_equal(sqlite3_stmt_status(st, SQLITE_STMTSTATUS_RUN, 0), 1);
	assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
	must(db, "COMMIT");
	read_own(p, getpid(), f);
	assert_int_equal(counted(f, path, PROBE_TIMEOUTS), 3);
	assert_int_equal(counted(f, path, PROBE_RETRIES + PROBE_WRITE), 0);
	assert_int_equal(counted(f, path, PROBE_PENDING), 0);
	assert_int_equal(sqlite3_close(holder), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	free(f);
	free(path);
}

static int
count_to_five(void *arg, int tries)
{
	unsigned *calls = arg;

	(void)sqlite3_sleep(1);
	return tries < 5 && ++*calls > 0;
}

/* Only a complete checkpoint waits, for who writes and for who reads; that it
 * gave up is an answer and no error. */
static void
test_checkpoint(void **state)
{
	static const struct {
		const char	*hold, *checkpoint;
		unsigned	 retries;
	} rows[] = {
		{ "BEGIN; SELECT * FROM t", "PRAGMA wal_checkpoint", 0 },
		{ "BEGIN; SELECT * FROM t", "PRAGMA wal_checkpoint(FULL)", 5 },
		{ "BEGIN; SELECT * FROM t", "PRAGMA wal_checkpoint(TRUNCATE)",
		  5 },
		{ "BEGIN IMMEDIATE", "PRAGMA wal_checkpoint(PASSIVE)", 0 },
		{ "BEGIN IMMEDIATE", "PRAGMA wal_checkpoint(RESTART)", 5 },
	};
	struct place *p = *state;
	struct probe_file *f;
	sqlite3 *holder, *db;
	uint64_t sum = 0;
	unsigned calls = 0;
	char *path;

	NEW(f);
	path = mem_printf("%s/checkpoint.db", p->dir);
	install();
	make(path);
	holder = open_it(path);
	db = open_it(path);
	(void)sqlite3_busy_handler(db, count_to_five, &calls);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		must(holder, rows[i].hold);
		if (strstr(rows[i].hold, "SELECT") != NULL)
			must(db, "UPDATE t SET v = v + 1");
		must(db, rows[i].checkpoint);
		must(holder, "ROLLBACK");
		sum += rows[i].retries;
		read_own(p, getpid(), f);
		if (counted(f, path, PROBE_RETRIES + PROBE_CHECKPOINT) != sum ||
		    calls != sum)
			fail_msg("%s: %u calls", rows[i].checkpoint, calls);
	}
	assert_int_equal(counted(f, path, PROBE_TIMEOUTS), 0);
	assert_int_equal(counted(f, path, PROBE_PENDING), 0);
	assert_true(counted(f, path, PROBE_CHECKPOINTS) >= 1);
	assert_int_equal(sqlite3_close(holder), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	free(f);
	free(path);
}

/* Writing again inside one read is no old snapshot: one's own commit. */
static void
test_own_commits(void **state)
{
	struct place *p = *state;
	struct probe_file *f;
	char *path;
	sqlite3_stmt *st;
	uint64_t before;
	sqlite3 *db;

	NEW(f);
	path = mem_printf("%s/own_commits.db", p->dir);
	install();
	make(path);
	db = open_it(path);
	must(db, "INSERT INTO t VALUES (1), (2)");
	read_own(p, getpid(), f);
	before = counted(f, path, PROBE_COMMITS);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT * FROM t", -1, &st,
	    NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	must(db, "CREATE TABLE u (v)");
	must(db, "INSERT INTO u VALUES (1)");
	must(db, "BEGIN IMMEDIATE; ROLLBACK");
	must(db, "INSERT INTO u VALUES (1)");
	assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
	read_own(p, getpid(), f);
	assert_int_equal(counted(f, path, PROBE_COMMITS), before + 3);
	assert_int_equal(counted(f, path, PROBE_SNAPSHOTS), 0);
	assert_int_equal(counted(f, path, PROBE_PENDING), 0);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	free(f);
	free(path);
}

static int misuses;

static void
on_log(void *arg, int code, const char *text)
{
	(void)arg;
	(void)text;
	misuses += code == SQLITE_MISUSE;
}

/* Who is refused and closes: it is known that it gave up, and SQLite is asked
 * nothing about a connection that is not one any more. */
static void
test_refused_and_closed(void **state)
{
	static const struct {
		const char	*mode, *holds, *reads, *asks;
	} rows[] = {
		{ "wal", "BEGIN IMMEDIATE", "SELECT * FROM t",
		  "BEGIN IMMEDIATE" },
		{ "wal", "BEGIN IMMEDIATE", "BEGIN; SELECT * FROM t",
		  "UPDATE t SET v = 2" },
		{ "delete", "BEGIN IMMEDIATE", "BEGIN; SELECT * FROM t",
		  "UPDATE t SET v = 2" },
		{ "delete", "BEGIN EXCLUSIVE", "", "SELECT * FROM t" },
		{ "delete", "BEGIN IMMEDIATE", "", "UPDATE t SET v = 2" },
	};
	struct place *p = *state;
	struct probe_file *f;

	NEW(f);
	install();
	misuses = 0;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *path = mem_printf("%s/closed-%zu.db", p->dir, i);
		char *mode = mem_printf("PRAGMA journal_mode = %s",
		    rows[i].mode);
		sqlite3 *holder, *db;

		make(path);
		holder = open_it(path);
		must(holder, mode);
		must(holder, rows[i].holds);
		assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
		must(db, rows[i].reads);
		assert_int_equal(sqlite3_exec(db, rows[i].asks, NULL, NULL,
		    NULL), SQLITE_BUSY);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
		assert_int_equal(sqlite3_close(holder), SQLITE_OK);
		read_own(p, getpid(), f);
		assert_int_equal(counted(f, path, PROBE_TIMEOUTS), 1);
		assert_int_equal(counted(f, path, PROBE_PENDING), 0);
		free(mode);
		free(path);
	}
	assert_int_equal(misuses, 0);
	free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_snapshot),
		cmocka_unit_test(test_own_commits),
		cmocka_unit_test(test_first_call),
		cmocka_unit_test(test_checkpoint),
		cmocka_unit_test(test_refused_and_closed),
	};

	(void)sqlite3_config(SQLITE_CONFIG_LOG, on_log, NULL);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin, teardown);
}
