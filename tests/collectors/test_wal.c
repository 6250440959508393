/*
 * Following a log in ordinary life: the count of write transactions is that of
 * the app, across restarts of the log and across last closes.
 */
#include "tests/collectors/log.h"

static void	(*before_stat)(struct app *);
static struct app *stat_app;

/* Between a look at the header and one at the name something may happen. */
int
stat(const char *restrict path, struct stat *restrict st)
{
	void (*hook)(struct app *) = before_stat;

	before_stat = NULL;
	if (hook != NULL)
		hook(stat_app);
	return fstatat(AT_FDCWD, path, st, 0);
}

/* Whoever comes later counts from then on. */
static void
test_attach(void **state)
{
	struct world *x = *state;

	app_begin(&x->app, x->p->db);
	app_write(&x->app, 20, 100);
	assert_true(look(x));
	ASSERT_COUNT(x, 0, 0);
	assert_true(wal_is_live(&x->w) && x->w.held);
	assert_int_equal(x->w.h.change, 21);
	assert_int_equal(x->w.written_bytes, 0);
	assert_false(look(x));
	app_write(&x->app, 3, 100);
	assert_true(look(x));
	ASSERT_COUNT(x, 3, 0);
	assert_true(x->w.written_bytes >= 3 * 4120);
	assert_int_equal(x->w.written_bytes % 4120, 0);
}

static void
test_what_counts(void **state)
{
	struct world *x = *state;
	static const struct {
		const char	*sql;
		unsigned	 n;
	} rows[] = {
		{ "INSERT INTO t (v) VALUES (1)", 1 },
		{ "BEGIN; INSERT INTO t (v) VALUES (2); INSERT INTO t (v) "
		    "VALUES (3); COMMIT", 1 },
		{ "BEGIN IMMEDIATE; COMMIT", 0 },
		{ "BEGIN; DELETE FROM t; ROLLBACK", 0 },
		{ "UPDATE t SET v = 1 WHERE n < 0", 0 },
		{ "SELECT count(*) FROM t", 0 },
		{ "PRAGMA wal_checkpoint(PASSIVE)", 0 },
		{ "PRAGMA wal_checkpoint(RESTART)", 0 },
		{ "PRAGMA wal_checkpoint(TRUNCATE)", 0 },
		{ "PRAGMA user_version = 5", 1 },
		{ "CREATE INDEX i ON t (v)", 1 },
		{ "VACUUM", 1 },
		{ "CREATE TEMP TABLE mine (a)", 0 },
	};
	uint64_t sum = 1;

	watch_from_the_start(x);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		app_sql(&x->app, rows[i].sql);
		look(x);
		sum += rows[i].n;
		if (x->w.transactions != sum)
			fail_msg("%s", rows[i].sql);
	}
	ASSERT_COUNT(x, sum, 0);
}

static void
test_restart(void **state)
{
	struct world *x = *state;
	uint64_t bytes;

	watch_from_the_start(x);
	app_write(&x->app, 10, 100);
	look(x);
	assert_int_equal(wal_backlog_frames(&x->w), x->w.h.max_frame);
	x->now += 60000;
	assert_int_equal(wal_backlog_ms(&x->w, x->now), 61000);
	app_sql(&x->app, "PRAGMA wal_checkpoint(RESTART)");
	look(x);
	assert_int_equal(wal_backlog_frames(&x->w), 0);
	assert_int_equal(wal_backlog_ms(&x->w, x->now), 0);
	assert_int_equal(x->w.complete_ms, x->now + 7000);
	assert_int_equal(x->w.checkpoints, 1);
	assert_int_equal(x->w.resets, 0);
	app_write(&x->app, 5, 100);
	look(x);
	ASSERT_COUNT(x, 16, 0);
	assert_int_equal(x->w.resets, 1);
	bytes = x->w.written_bytes;
	/* Two restarts between two looks: commits are exact all the same. */
	for (int i = 0; i < 2; i++) {
		app_sql(&x->app, "PRAGMA wal_checkpoint(RESTART)");
		app_write(&x->app, 7, 100);
	}
	look(x);
	ASSERT_COUNT(x, 30, 0);
	assert_int_equal(x->w.resets, 3);
	assert_true(x->w.written_bytes > bytes);
}

/* What was appended to the old log unseen is found when one log has begun. */
static void
test_end_of_the_old_log(void **state)
{
	struct world *x = *state;
	uint32_t old_epoch, frames;

	watch_from_the_start(x);
	old_epoch = x->w.epoch;
	app_write(&x->app, 40, 100);
	frames = (uint32_t)app_sql(&x->app,
	    "PRAGMA wal_checkpoint(PASSIVE)");
	assert_int_equal(frames, 0);
	app_sql(&x->app, "PRAGMA wal_checkpoint(RESTART)");
	app_write(&x->app, 1, 100);
	look(x);
	ASSERT_COUNT(x, 42, 0);
	assert_int_equal(x->w.epoch, old_epoch + 1);
	/* One row a frame after the first commit's two, and page 1 never. */
	frames = wal_frames_of(&x->w, old_epoch);
	assert_true(frames >= 42);
	assert_int_equal(x->w.written_bytes,
	    4120ull * (frames + x->w.h.max_frame));
	assert_int_equal(wal_epoch_of(&x->w, x->w.h.salt), x->w.epoch);
}

/* A longer log is not a recovery, although the kernel tells of both. */
static void
test_longer(void **state)
{
	struct world *x = *state;

	watch_from_the_start(x);
	app_sql(&x->app, "BEGIN");
	for (int i = 0; i < 10; i++)
		app_sql(&x->app, "INSERT INTO t (v) VALUES "
		    "(zeroblob(2000000))");
	app_sql(&x->app, "COMMIT");
	wal_modified(&x->w);
	assert_false(x->w.recovering);
	look(x);
	ASSERT_COUNT(x, 2, 0);
	assert_true(x->w.h.max_frame > 4062);
}

static void
test_last_close(void **state)
{
	struct world *x = *state;

	watch_from_the_start(x);
	for (unsigned i = 1; i <= 5; i++) {
		app_write(&x->app, 9, 100);
		app_close(&x->app);
		assert_int_equal(access(x->p->shm, F_OK), -1);
		look(x);		/* the end, from the unlinked file */
		ASSERT_COUNT(x, 1 + 10 * i - 1, 0);
		assert_false(wal_is_live(&x->w));
		assert_int_equal(x->w.fd, -1);
		assert_int_equal(wal_backlog_frames(&x->w), 0);
		assert_int_equal(x->w.complete_ms, x->now + 7000);
		app_open(&x->app, x->p->db);
		app_write(&x->app, 1, 100);
		look(x);
		ASSERT_COUNT(x, 1 + 10 * i, 0);
	}
}

/* Closed and opened between two looks: ext4 gives the same inode number. */
static void
test_reopened_unseen(void **state)
{
	struct world *x = *state;

	watch_from_the_start(x);
	for (unsigned i = 1; i <= 5; i++) {
		app_write(&x->app, 10, 100);
		app_close(&x->app);
		app_open(&x->app, x->p->db);
		app_write(&x->app, 40, 100);
		look(x);
		ASSERT_COUNT(x, 1 + 50 * i, 0);
	}
}

/* A whole run between two looks is at least known to be missing. */
static void
test_run_unseen(void **state)
{
	struct world *x = *state;

	look(x);
	wal_made(&x->w);
	app_begin(&x->app, x->p->db);
	app_write(&x->app, 9, 100);
	app_close(&x->app);
	look(x);
	ASSERT_COUNT(x, 0, 1);
	wal_made(&x->w);
	app_open(&x->app, x->p->db);
	app_write(&x->app, 9, 100);
	look(x);
	ASSERT_COUNT(x, 9, 1);
}

static void
write_and_close(struct app *a)
{
	app_write(a, 6, 100);
	app_close(a);
}

/* The last commits fall between reading the counter and finding it gone. */
static void
test_closed_while_looking(void **state)
{
	struct world *x = *state;

	watch_from_the_start(x);
	app_write(&x->app, 3, 100);
	stat_app = &x->app;
	before_stat = write_and_close;
	look(x);
	ASSERT_COUNT(x, 10, 0);
}

/* An index without a log, found there or seen made, counts from 0. */
static void
test_blank(void **state)
{
	struct world *x = *state;

	app_begin(&x->app, x->p->db);
	app_close(&x->app);
	app_open(&x->app, x->p->db);
	app_sql(&x->app, "SELECT count(*) FROM t");
	look(x);
	assert_false(wal_is_live(&x->w));
	assert_true(x->w.held);
	assert_false(look(x));
	app_write(&x->app, 5, 100);
	look(x);
	ASSERT_COUNT(x, 5, 0);
	assert_int_equal(x->w.written_bytes, 4120 * x->w.h.max_frame);
	app_quit(&x->app);
	app_open(&x->app, x->p->db);
	app_sql(&x->app, "SELECT count(*) FROM t");
	look(x);
	app_write(&x->app, 7, 100);	/* not seen before the crash */
	app_kill(&x->app);
	app_open(&x->app, x->p->db);
	app_write(&x->app, 2, 100);
	wal_modified(&x->w);
	look(x);
	ASSERT_COUNT(x, 14, 0);
}

/* Logs that came and went unseen have numbers, and no frames. */
static void
test_epochs(void **state)
{
	struct world *x = *state;

	watch_from_the_start(x);
	for (unsigned i = 0; i < 2 * WAL_EPOCHS; i++) {
		app_write(&x->app, 3, 100);
		look(x);
		app_sql(&x->app, "PRAGMA wal_checkpoint(RESTART)");
	}
	ASSERT_COUNT(x, 1 + 6 * WAL_EPOCHS, 0);
	assert_int_equal(x->w.resets, 2 * WAL_EPOCHS - 1);
	assert_int_equal(x->w.epoch, 2 * WAL_EPOCHS);
	assert_true(wal_frames_of(&x->w, WAL_EPOCHS + 1) > 0);
	assert_int_equal(wal_frames_of(&x->w, WAL_EPOCHS), 0);
	for (unsigned i = 0; i < 4; i++) {
		app_write(&x->app, 3, 100);
		app_sql(&x->app, "PRAGMA wal_checkpoint(RESTART)");
	}
	app_write(&x->app, 1, 100);
	look(x);
	assert_int_equal(x->w.epoch, 2 * WAL_EPOCHS + 5);
	for (unsigned i = 1; i <= 4; i++)
		assert_int_equal(wal_frames_of(&x->w, 2 * WAL_EPOCHS + i), 0);
	assert_int_equal(x->w.resets, 2 * WAL_EPOCHS + 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOG(test_attach), LOG(test_what_counts), LOG(test_restart),
		LOG(test_end_of_the_old_log), LOG(test_longer),
		LOG(test_last_close), LOG(test_reopened_unseen),
		LOG(test_run_unseen), LOG(test_closed_while_looking),
		LOG(test_blank), LOG(test_epochs),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
