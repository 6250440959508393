/*
 * Who writes and who reads: a mark without a lock is nobody, a writer is no
 * reader, and whoever holds an old snapshot is named.
 */
#include "tests/collectors/view.h"

#include "collectors/locktable.h"
#include "collectors/outside.h"

#define HELD	"sqlite_write_lock_held_seconds_total"
#define READERS	"sqlite_readers"
#define OLDEST	"sqlite_oldest_reader_timestamp_seconds"

extern const struct collector collector_locks;

static int
begin(void **state)
{
	return view_begin(state, &collector_locks);
}

static double
now_s(void)
{
	return (double)wall_ms() / 1000;
}

/* An app that has written, and another that has the database open. */
static void
two_apps(struct view *v)
{
	app_begin(&v->app, v->p->db);
	app_open(&v->other, v->p->db);
	app_sql(&v->other, "SELECT count(*) FROM t");
	app_write(&v->app, 3, 100);
	sample(v);
}

static void
start_reading(struct app *a)
{
	app_sql(a, "BEGIN");
	app_sql(a, "SELECT count(*) FROM t");
}

static void
assert_idle(struct view *v)
{
	ASSERT_VALUE(v, READERS, 0);
	ASSERT_VALUE(v, OLDEST, 0);
	for (int i = 0; i < HOLD_COUNT; i++)
		assert_int_equal(v->b->culprits[i].since_ms, 0);
}

static void
test_idle(void **state)
{
	struct view *v = *state;

	two_apps(v);
	for (int i = 0; i < 3; i++) {
		assert_idle(v);
		ASSERT_VALUE(v, HELD, 0);
		assert_false(database_is_locked(v->db));
		sample(v);
	}
}

/* Its snapshot is outdated from the first commit after it. */
static void
test_outdated_reader(void **state)
{
	struct view *v = *state;
	double passed;

	two_apps(v);
	start_reading(&v->other);
	for (int i = 0; i < 5; i++)	/* up to date: not the oldest yet */
		sample(v);
	ASSERT_VALUE(v, READERS, 1);
	ASSERT_VALUE(v, OLDEST, 0);
	app_write(&v->app, 5, 100);
	sample(v);
	passed = value(v, OLDEST);
	assert_true(passed > now_s() - 6 && passed <= now_s());
	assert_int_equal(v->b->culprits[HOLD_READER].pid, v->other.pid);
	assert_non_null(strstr(v->b->culprits[HOLD_READER].command,
	    "test_locks"));
	clock_ms += 600000;
	app_write(&v->app, 5, 100);
	sample(v);
	ASSERT_VALUE(v, OLDEST, passed);
	ASSERT_VALUE(v, READERS, 1);
	assert_int_equal(v->b->culprits[HOLD_READER].since_ms,
	    (int64_t)(passed * 1000));
	/* The mark stays, the lock does not. */
	app_sql(&v->other, "COMMIT");
	sample(v);
	assert_true(v->db->wal.h.marks[1] < v->db->wal.h.max_frame);
	assert_idle(v);
}

/* The log passed its mark before its lock was looked at. */
static void
test_seen_late(void **state)
{
	struct view *v = *state;
	double passed;

	two_apps(v);
	start_reading(&v->other);
	app_write(&v->app, 2, 100);
	assert_int_equal(database_look(v->db, &v->p->e), 0);
	passed = now_s();
	clock_ms += 60000;
	sample(v);
	ASSERT_VALUE(v, OLDEST, passed);
}

/* The one with the older snapshot is named, and then the other. */
static void
test_two_readers(void **state)
{
	struct view *v = *state;
	struct app third = { 0 };
	double first;

	two_apps(v);
	start_reading(&v->other);
	app_write(&v->app, 2, 100);
	sample(v);
	first = value(v, OLDEST);
	assert_true(first > 0);
	app_open(&third, v->p->db);
	start_reading(&third);
	app_write(&v->app, 2, 100);
	sample(v);
	sample(v);
	ASSERT_VALUE(v, READERS, 2);
	ASSERT_VALUE(v, OLDEST, first);
	assert_int_equal(v->b->culprits[HOLD_READER].pid, v->other.pid);
	app_sql(&v->other, "COMMIT");
	sample(v);
	ASSERT_VALUE(v, READERS, 1);
	assert_true(value(v, OLDEST) > first);
	assert_int_equal(v->b->culprits[HOLD_READER].pid, third.pid);
	app_quit(&third);
	sample(v);
	assert_idle(v);
}

/* Read slot 0 has no mark, and blocks every checkpoint. */
static void
test_slot_0(void **state)
{
	struct view *v = *state;

	two_apps(v);
	app_sql(&v->app, "PRAGMA wal_checkpoint(PASSIVE)");
	start_reading(&v->other);
	sample(v);
	assert_true(lock_held(v->db->wal.fd, SHM_READ0, 1, NULL));
	ASSERT_VALUE(v, OLDEST, 0);
	app_write(&v->app, 2, 100);
	sample(v);
	ASSERT_VALUE(v, READERS, 1);
	assert_true(value(v, OLDEST) > 0);
	assert_int_equal(v->b->culprits[HOLD_READER].pid, v->other.pid);
}

/* An up-to-date reader is the oldest when it was there at every look. */
static void
test_lasting_reader(void **state)
{
	struct view *v = *state;
	double since;

	two_apps(v);
	start_reading(&v->other);
	sample(v);
	since = now_s();
	for (int i = 0; i < 18; i++)
		sample(v);
	ASSERT_VALUE(v, OLDEST, 0);
	sample(v);
	ASSERT_VALUE(v, OLDEST, since);
	app_sql(&v->other, "COMMIT");
	sample(v);
	assert_idle(v);
}

static void
test_long_write(void **state)
{
	struct view *v = *state;
	int64_t since;

	two_apps(v);
	app_sql(&v->app, "BEGIN IMMEDIATE");
	app_write(&v->app, 1, 100);
	sample(v);
	since = wall_ms();
	for (int i = 0; i < 30; i++) {
		ASSERT_VALUE(v, READERS, 0);
		ASSERT_VALUE(v, OLDEST, 0);
		assert_int_equal(v->b->culprits[HOLD_WRITER].pid, v->app.pid);
		assert_int_equal(v->b->culprits[HOLD_WRITER].since_ms, since);
		assert_int_equal(v->b->culprits[HOLD_READER].since_ms, 0);
		sample(v);
	}
	ASSERT_VALUE(v, HELD, 30);
	assert_true(database_is_locked(v->db));
	app_sql(&v->app, "COMMIT");
	sample(v);
	ASSERT_VALUE(v, HELD, 30);
	assert_idle(v);
}

/* Each commit ends a hold, also when the next look finds the lock taken. */
static void
test_holds_are_apart(void **state)
{
	struct view *v = *state;

	two_apps(v);
	for (int i = 0; i < 5; i++) {
		app_sql(&v->app, "BEGIN IMMEDIATE");
		app_write(&v->app, 1, 100);
		sample(v);
		assert_int_equal(v->b->culprits[HOLD_WRITER].since_ms,
		    wall_ms());
		app_sql(&v->app, "COMMIT");
	}
}

/* Between two samples: 20 looks of 50 ms, half of them find it taken. */
static void
test_peeks(void **state)
{
	struct view *v = *state;

	two_apps(v);
	for (int i = 0; i < 20; i++) {
		bool write = i % 2 == 0;

		if (write)
			app_sql(&v->app, "BEGIN IMMEDIATE");
		assert_int_equal(collector_locks.peek(v->db, v->state, 50000),
		    write);
		if (write)
			app_sql(&v->app, "COMMIT");
	}
	assert_int_equal(v->db->occupancy.looks, 21);
	assert_int_equal(v->db->occupancy.held, 10);
	sample(v);
	assert_true(fabs(value(v, HELD) - 0.5) < 1e-9);
	assert_true(v->db->occupancy.others == 0);	/* one writer */
	for (int i = 0; i < 2; i++) {
		app_sql(&v->other, "BEGIN IMMEDIATE");
		collector_locks.peek(v->db, v->state, 50000);
		app_sql(&v->other, "COMMIT");
	}
	sample(v);
	assert_true(v->db->occupancy.others > 0.2 &&
	    v->db->occupancy.others < 0.5);
}

/* By design Litestream always reads. */
static void
test_litestream(void **state)
{
	struct view *v = *state;

	two_apps(v);
	assert_int_equal(app_tell(&v->other, "=litestream"), 0);
	start_reading(&v->other);
	app_write(&v->app, 2, 100);
	for (int i = 0; i < 25; i++)
		sample(v);
	ASSERT_VALUE(v, READERS, 1);
	ASSERT_VALUE(v, OLDEST, 0);
	assert_int_equal(v->b->culprits[HOLD_READER].since_ms, 0);
}

/* A child takes the lock raw, as a checkpoint that lasts. */
static void
test_checkpointer(void **state)
{
	struct view *v = *state;
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
	    .l_start = SHM_CKPT, .l_len = 1 };
	char byte = 0;
	int said[2];
	pid_t pid;
	int64_t since;

	two_apps(v);
	assert_int_equal(pipe2(said, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		int fd = open(v->p->shm, O_RDWR | O_CLOEXEC);

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fcntl(fd, F_SETLK, &l) == -1 ||
		    write(said[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(said[1]);
	assert_int_equal(read(said[0], &byte, 1), 1);
	close(said[0]);
	sample(v);
	since = wall_ms();
	sample(v);
	assert_int_equal(v->b->culprits[HOLD_CHECKPOINT].pid, pid);
	assert_int_equal(v->b->culprits[HOLD_CHECKPOINT].since_ms, since);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	sample(v);
	assert_idle(v);
}

static void
test_processes(void **state)
{
	struct view *v = *state;
	struct locktable *t;

	two_apps(v);
	assert_true(isnan(value(v, "sqlite_processes")));
	t = locktable_read("/proc/locks", &v->p->e);
	assert_non_null(t);
	v->db->locks = t;
	sample(v);
	ASSERT_VALUE(v, "sqlite_processes", 2);
	v->db->locks = NULL;
	locktable_free(t);
	/* The last one takes the wal-index with it. */
	app_quit(&v->other);
	app_quit(&v->app);
	sample(v);
	ASSERT_VALUE(v, "sqlite_processes", 0);
}

static void
test_rollback_mode(void **state)
{
	struct view *v = *state;

	app_open(&v->app, v->p->db);
	app_sql(&v->app, "CREATE TABLE t (n INTEGER PRIMARY KEY, v)");
	app_open(&v->other, v->p->db);
	sample(v);
	assert_idle(v);
	start_reading(&v->other);
	for (int i = 0; i < 21; i++)
		sample(v);
	ASSERT_VALUE(v, READERS, 1);
	assert_true(value(v, OLDEST) > 0);
	assert_int_equal(v->b->culprits[HOLD_READER].pid, v->other.pid);
	app_sql(&v->other, "COMMIT");
	sample(v);
	assert_idle(v);
	app_sql(&v->app, "BEGIN IMMEDIATE");
	sample(v);
	assert_int_equal(v->b->culprits[HOLD_WRITER].pid, v->app.pid);
	ASSERT_VALUE(v, READERS, 0);
	app_sql(&v->app, "COMMIT");
	app_sql(&v->app, "BEGIN EXCLUSIVE");
	sample(v);
	assert_int_equal(v->b->culprits[HOLD_WRITER].pid, v->app.pid);
	app_sql(&v->app, "COMMIT");
	sample(v);
	assert_idle(v);
}

#define LOOK(fn)	cmocka_unit_test_setup_teardown(fn, begin, view_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOOK(test_idle), LOOK(test_outdated_reader),
		LOOK(test_seen_late), LOOK(test_two_readers), LOOK(test_slot_0),
		LOOK(test_lasting_reader), LOOK(test_long_write),
		LOOK(test_holds_are_apart), LOOK(test_peeks),
		LOOK(test_litestream), LOOK(test_checkpointer),
		LOOK(test_processes), LOOK(test_rollback_mode),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
