/*
 * Following a log through crashes, junk and moved files: what recovery hid is
 * found in the log, or a gap says that the count is a lower bound; it is never
 * too high.
 */
#include "tests/collectors/log.h"

/* kill -9, recovery with the same salts: the log knows what was hidden. */
static void
test_recovery(void **state)
{
	struct world *x = *state;

	watch_from_the_start(x);
	app_write(&x->app, 5, 100);
	look(x);
	ASSERT_COUNT(x, 6, 0);
	app_write(&x->app, 20, 100);	/* not seen before the crash */
	app_kill(&x->app);
	app_open(&x->app, x->p->db);
	app_write(&x->app, 50, 100);
	wal_modified(&x->w);		/* as inotify tells */
	assert_true(x->w.recovering);
	look(x);
	ASSERT_COUNT(x, 76, 0);
	assert_false(x->w.recovering);
	app_write(&x->app, 4, 100);
	look(x);
	ASSERT_COUNT(x, 80, 0);
}

/* Without inotify a counter that went back is sign enough. */
static void
test_recovery_unheard(void **state)
{
	struct world *x = *state;

	watch_from_the_start(x);
	app_write(&x->app, 30, 100);
	look(x);
	app_write(&x->app, 20, 100);
	app_kill(&x->app);
	app_open(&x->app, x->p->db);
	app_write(&x->app, 5, 100);
	look(x);
	ASSERT_COUNT(x, 56, 0);
}

/* A look that finds -shm cut short knows it as well as the kernel does. */
static void
test_seen_cut(void **state)
{
	struct world *x = *state;

	watch_from_the_start(x);
	app_write(&x->app, 5, 100);
	look(x);
	app_write(&x->app, 20, 100);
	app_kill(&x->app);
	assert_int_equal(truncate(x->p->shm, 3), 0);
	look(x);
	assert_false(x->w.held);
	app_open(&x->app, x->p->db);
	app_write(&x->app, 50, 100);
	look(x);
	ASSERT_COUNT(x, 76, 0);
}

/* The log that knew is overwritten: a lower bound, and it says so. */
static void
test_recovery_and_restart(void **state)
{
	struct world *x = *state;

	watch_from_the_start(x);
	app_write(&x->app, 5, 100);
	look(x);
	app_write(&x->app, 20, 100);
	app_kill(&x->app);
	app_open(&x->app, x->p->db);
	app_sql(&x->app, "PRAGMA wal_checkpoint(RESTART)");
	app_write(&x->app, 3, 100);
	look(x);
	assert_true(x->w.gaps > 0);
	assert_true(x->w.transactions >= 9 && x->w.transactions <= 29);
}

static void
overwrite(const char *path, off_t at, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	close(fd);
}

/* What is not valid changes nothing; what is whole again goes on. */
static void
test_garbage(void **state)
{
	struct world *x = *state;
	unsigned char good[SHM_HEADER_SIZE], bad[SHM_HEADER_SIZE];
	int fd;

	watch_from_the_start(x);
	app_write(&x->app, 5, 100);
	look(x);
	fd = open(x->p->shm, O_RDONLY | O_CLOEXEC);
	assert_int_equal(pread(fd, good, sizeof good, 0), sizeof good);
	close(fd);
	for (unsigned i = 0; i < 256; i++) {
		memset(bad, (int)i, sizeof bad);
		overwrite(x->p->shm, 0, bad, sizeof bad);
		look(x);
		ASSERT_COUNT(x, 6, 0);
	}
	overwrite(x->p->shm, 0, good, sizeof good);
	assert_false(look(x));
	app_write(&x->app, 2, 100);
	look(x);
	ASSERT_COUNT(x, 8, 0);
}

static void
test_no_index_at_all(void **state)
{
	struct world *x = *state;
	static const off_t sizes[] = { 0, 3, 48, 135, 136, 32768 };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		int fd = open(x->p->shm, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

		assert_int_equal(ftruncate(fd, sizes[i]), 0);
		close(fd);
		look(x);
		ASSERT_COUNT(x, 0, 0);
		assert_false(wal_is_live(&x->w) || x->w.held);
		assert_int_equal(wal_backlog_frames(&x->w), 0);
	}
	assert_int_equal(unlink(x->p->shm), 0);
	assert_int_equal(mkdir(x->p->shm, 0700), 0);
	look(x);
	assert_int_equal(rmdir(x->p->shm), 0);
	assert_int_equal(symlink(x->p->db, x->p->shm), 0);
	look(x);
	assert_int_equal(unlink(x->p->shm), 0);
	app_begin(&x->app, x->p->db);
	look(x);
	ASSERT_COUNT(x, 1, 0);
}

/* Moved away and back: the same file, which was counted already. */
static void
test_away_and_back(void **state)
{
	struct world *x = *state;
	char *aside = mem_printf("%s/aside", x->p->dir);

	watch_from_the_start(x);
	app_write(&x->app, 10, 100);
	look(x);
	assert_int_equal(rename(x->p->shm, aside), 0);
	assert_int_equal(rename(aside, x->p->shm), 0);
	assert_false(look(x));
	assert_int_equal(rename(x->p->shm, aside), 0);
	look(x);
	app_write(&x->app, 4, 100);
	assert_int_equal(rename(aside, x->p->shm), 0);
	wal_made(&x->w);
	look(x);
	ASSERT_COUNT(x, 15, 0);
	free(aside);
}

/* What could not be opened at first was there before us all the same. */
static void
test_refused_at_first(void **state)
{
	struct world *x = *state;
	char *aside = mem_printf("%s/aside", x->p->dir);

	app_begin(&x->app, x->p->db);
	app_write(&x->app, 10, 100);
	assert_int_equal(rename(x->p->shm, aside), 0);
	assert_int_equal(symlink(aside, x->p->shm), 0);
	look(x);
	assert_int_equal(rename(aside, x->p->shm), 0);
	look(x);
	ASSERT_COUNT(x, 0, 0);
	app_write(&x->app, 4, 100);
	look(x);
	ASSERT_COUNT(x, 4, 0);
	free(aside);
}

static void
copy(const char *from, const char *to)
{
	static unsigned char bytes[1 << 20];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n = read(in, bytes, sizeof bytes);

	assert_true(n > 0);
	assert_int_equal(write(out, bytes, (size_t)n), n);
	close(in);
	close(out);
}

/* An index that nobody holds is a leftover: a backup was laid there. */
static void
test_restored(void **state)
{
	struct world *x = *state;
	char *kept = mem_printf("%s/kept", x->p->dir);
	char *log = mem_printf("%s/log", x->p->dir);

	watch_from_the_start(x);
	app_write(&x->app, 30, 100);
	copy(x->p->shm, kept);
	copy(x->p->wal, log);
	app_quit(&x->app);
	look(x);
	ASSERT_COUNT(x, 31, 0);
	copy(log, x->p->wal);
	copy(kept, x->p->shm);
	look(x);
	ASSERT_COUNT(x, 31, 1);
	app_open(&x->app, x->p->db);
	app_write(&x->app, 2, 100);
	wal_modified(&x->w);
	look(x);
	ASSERT_COUNT(x, 33, 1);
	free(kept);
	free(log);
}

/* The app opens its database, and inotify tells what it tells. */
static void
open_heard(struct world *x, bool crashed)
{
	app_open(&x->app, x->p->db);
	app_sql(&x->app, "PRAGMA synchronous = OFF");
	app_sql(&x->app, "PRAGMA wal_autocheckpoint = 0");
	app_sql(&x->app, "SELECT count(*) FROM t");
	if (crashed)
		wal_modified(&x->w);
	else
		wal_made(&x->w);
	look_for(x, crashed ? WAL_EVENT : WAL_MADE);
}

/* Chance decides when to look, to close, to die and (when asked) to restart. */
static unsigned
live(struct world *x, bool restarts)
{
	unsigned rows = 1, seed = 1;
	bool crashed = false;

	watch_from_the_start(x);
	for (unsigned i = 0; i < 300; i++) {
		unsigned n = (seed = seed * 1103515245u + 12345u) >> 16;

		if (x->app.pid == 0)
			open_heard(x, crashed);
		app_write(&x->app, n % 5, 100);
		rows += n % 5;
		crashed = n % 7 == 0;
		if (crashed)
			app_kill(&x->app);
		else if (n % 11 == 0)
			app_quit(&x->app);
		else if (restarts && n % 5 == 0)
			app_sql(&x->app, "PRAGMA wal_checkpoint(RESTART)");
		if (n % 3 == 0)
			look(x);
		assert_true(x->w.transactions <= rows);
	}
	look(x);
	return rows;
}

static void
test_crashes_and_closes(void **state)
{
	struct world *x = *state;
	unsigned rows = live(x, false);

	ASSERT_COUNT(x, rows, 0);
}

/* A restart after a crash can hide commits: less than a crash's worth. */
static void
test_never_above(void **state)
{
	struct world *x = *state;
	unsigned rows = live(x, true);

	assert_true(x->w.transactions <= rows);
	assert_true(x->w.transactions == rows || x->w.gaps > 0);
	assert_true(x->w.transactions > rows * 9 / 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOG(test_recovery), LOG(test_recovery_unheard),
		LOG(test_seen_cut), LOG(test_recovery_and_restart),
		LOG(test_garbage), LOG(test_no_index_at_all),
		LOG(test_away_and_back), LOG(test_refused_at_first),
		LOG(test_restored), LOG(test_crashes_and_closes),
		LOG(test_never_above),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
