/*
 * The probe, linked into a program: many threads, databases and children, and
 * nothing that a thread checker would find.  What it counted is read from its
 * file, as the agent reads it.
 */
#include "tests/collectors/app.h"

#include <pthread.h>

#include "collectors/probe_file.h"

#define THREADS		8
#define DATABASES	3
#define COMMITS		40

int	litegauge_probe_auto(sqlite3 *, char **, const void *);

struct worker {
	pthread_t	 thread;
	char		*path;		/* owned */
};

static int
begin(void **state)
{
	struct place *p;

	setup(state);
	p = *state;
	return setenv("LITEGAUGE_PROBE_DIR", p->dir, 1);
}

/* The one file of a process in the directory. */
static void
read_own(const struct place *p, pid_t pid, struct probe_file *ret)
{
	char *start = mem_printf("%d-", (int)pid);
	DIR *d = opendir(p->dir);
	const struct dirent *entry;
	struct probe_head h;
	int found = 0;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		int fd;

		if (strncmp(entry->d_name, start, strlen(start)) != 0)
			continue;
		fd = openat(dirfd(d), entry->d_name, O_RDONLY);
		assert_int_equal(read(fd, ret, sizeof *ret), sizeof *ret);
		close(fd);
		found++;
	}
	closedir(d);
	free(start);
	assert_int_equal(found, 1);
	assert_int_equal(probe_file_read(ret, sizeof *ret, &h), PROBE_GOOD);
	assert_int_equal(h.pid, pid);
}

static uint64_t
counted(const struct probe_file *f, const char *path, unsigned counter)
{
	struct stat st;
	int slot;

	assert_int_equal(stat(path, &st), 0);
	slot = probe_file_find(f, sizeof *f, st.st_dev, st.st_ino);
	return slot == -1 ? 0 : f->slots[slot].n[counter];
}

static void
must(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3 *
open_it(const char *path)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, APP_PATIENCE_MS);
	must(db, "PRAGMA synchronous = OFF");
	return db;
}

static void
make(const char *path)
{
	sqlite3 *db = open_it(path);

	must(db, "PRAGMA journal_mode = WAL; CREATE TABLE t (v);"
	    "INSERT INTO t VALUES (0)");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* No assertion fails in a thread: what it did is counted afterwards. */
static void *
work(void *arg)
{
	const struct worker *w = arg;

	for (int n = 0; n < COMMITS; n++) {
		sqlite3 *db;

		if (sqlite3_open(w->path, &db) == SQLITE_OK) {
			(void)sqlite3_busy_timeout(db, APP_PATIENCE_MS);
			(void)sqlite3_exec(db, "PRAGMA synchronous = OFF;"
			    "UPDATE t SET v = v + 1", NULL, NULL, NULL);
		}
		(void)sqlite3_close(db);
	}
	return NULL;
}

/* Registering it again, as every new connection does, changes nothing. */
static void
install(void)
{
	sqlite3 *db;

	(void)sqlite3_auto_extension((void (*)(void))litegauge_probe_auto);
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_string_equal(sqlite3_vfs_find(NULL)->zName, "litegauge");
}

static void
test_threads(void **state)
{
	struct place *p = *state;
	struct worker crew[THREADS];
	char *paths[DATABASES];
	struct probe_file *f;

	NEW(f);
	install();
	for (int i = 0; i < DATABASES; i++) {
		paths[i] = mem_printf("%s/%d.db", p->dir, i);
		make(paths[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		crew[i].path = paths[i % DATABASES];
		assert_int_equal(pthread_create(&crew[i].thread, NULL, work,
		    &crew[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(crew[i].thread, NULL), 0);
	read_own(p, getpid(), f);
	for (int i = 0; i < DATABASES; i++) {
		uint64_t want = (THREADS + DATABASES - 1 - (uint64_t)i) /
		    DATABASES * COMMITS + 2;	/* and what make() did */

		/* the switch to WAL is one more, of the rollback kind */
		assert_in_range(counted(f, paths[i], PROBE_COMMITS), want,
		    want + 1);
		assert_int_equal(counted(f, paths[i], PROBE_PENDING), 0);
		assert_int_equal(counted(f, paths[i], PROBE_TIMEOUTS), 0);
		assert_true(counted(f, paths[i], PROBE_HOLD_NS) >=
		    counted(f, paths[i], PROBE_HOLD_MAX_NS));
		free(paths[i]);
	}
	free(f);
}

/* A child that opened nothing before, and one that uses what it inherited: the
 * parent's file has neither's commits. */
static void
test_fork(void **state)
{
	struct place *p = *state;
	struct probe_file *f;
	char *path;
	uint64_t before;
	sqlite3 *db;
	int status;
	pid_t pid;

	NEW(f);
	path = mem_printf("%s/fork.db", p->dir);
	install();
	make(path);
	db = open_it(path);
	read_own(p, getpid(), f);
	before = counted(f, path, PROBE_COMMITS);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)sqlite3_exec(db, "UPDATE t SET v = v + 1", NULL, NULL,
		    NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	read_own(p, getpid(), f);
	assert_int_equal(counted(f, path, PROBE_COMMITS), before);
	read_own(p, pid, f);
	assert_int_equal(counted(f, path, PROBE_COMMITS), 1);
	must(db, "UPDATE t SET v = v + 1");
	read_own(p, getpid(), f);
	assert_int_equal(counted(f, path, PROBE_COMMITS), before + 1);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	free(f);
	free(path);
}

/* More databases than there are slots: counted as such, and all work. */
static void
test_overflow(void **state)
{
	struct place *p = *state;
	struct probe_file *f;

	NEW(f);
	install();
	for (int i = 0; i < PROBE_SLOTS + 5; i++) {
		char *path = mem_printf("%s/many-%d.db", p->dir, i);
		sqlite3 *db = open_it(path);

		must(db, "CREATE TABLE t (v)");
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
		free(path);
	}
	read_own(p, getpid(), f);
	assert_true(f->head.overflow >= 5);
	free(f);
}

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

/* One directory for all: a process has one file for as long as it runs.  The
 * last of them leaves no slot. */
int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads), cmocka_unit_test(test_fork),
		cmocka_unit_test(test_snapshot),
		cmocka_unit_test(test_own_commits),
		cmocka_unit_test(test_checkpoint),
		cmocka_unit_test(test_overflow),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin, teardown);
}
