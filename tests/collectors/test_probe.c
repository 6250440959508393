/*
 * The probe, linked into a program: many threads, databases and children, and
 * nothing that a thread checker would find.  What it counted is read from its
 * file, as the agent reads it.
 */
#include "tests/collectors/probed.h"

#include <pthread.h>

#define THREADS		8
#define DATABASES	3
#define COMMITS		40

struct worker {
	pthread_t	 thread;
	char		*path;		/* owned */
};

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

/* One directory for all: a process has one file for as long as it runs.  The
 * last of them leaves no slot. */
int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads), cmocka_unit_test(test_fork),
		cmocka_unit_test(test_overflow),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin, teardown);
}
