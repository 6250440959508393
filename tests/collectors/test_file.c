/*
 * Sizes: what is free inside is what SQLite says, whether page 1 lies in the
 * file or in the log.
 */
#include "tests/collectors/view.h"

#include <sys/statvfs.h>

#define SIZE	"sqlite_database_size_bytes"
#define FREE	"sqlite_database_free_bytes"
#define LOG	"sqlite_wal_size_bytes"
#define INFO	"sqlite_database_info"

extern const struct collector collector_file;

static int
begin(void **state)
{
	return view_begin(state, &collector_file);
}

static void
check_free(struct view *v, bool some)
{
	double pages = (double)app_sql(&v->app, "PRAGMA freelist_count");
	double size = (double)app_sql(&v->app, "PRAGMA page_size");

	sample(v);
	ASSERT_VALUE(v, FREE, pages * size);
	assert_true((pages > 0) == some);
}

static void
test_free_pages(void **state)
{
	struct view *v = *state;

	app_begin(&v->app, v->p->db);
	check_free(v, false);
	app_write(&v->app, 50, 3000);
	check_free(v, false);
	app_sql(&v->app, "DELETE FROM t WHERE n > 10");
	check_free(v, true);
	app_sql(&v->app, "UPDATE t SET v = randomblob(3000)");
	check_free(v, true);		/* the log grew, page 1 did not come */
	app_sql(&v->app, "PRAGMA wal_checkpoint(RESTART)");
	check_free(v, true);
	app_sql(&v->app, "UPDATE t SET v = randomblob(3000)");
	check_free(v, true);		/* a new log without page 1 */
	app_write(&v->app, 10, 3000);
	check_free(v, true);
	app_sql(&v->app, "PRAGMA wal_checkpoint(TRUNCATE)");
	check_free(v, true);
	app_write(&v->app, 50, 3000);
	check_free(v, false);
	app_sql(&v->app, "DELETE FROM t");
	check_free(v, true);
	app_sql(&v->app, "PRAGMA journal_mode = DELETE");
	check_free(v, true);
	app_sql(&v->app, "VACUUM");
	check_free(v, false);
}

/* Since the last look the log began again and is longer than it was. */
static void
test_next_log(void **state)
{
	struct view *v = *state;

	app_begin(&v->app, v->p->db);
	app_write(&v->app, 60, 3000);
	app_sql(&v->app, "PRAGMA wal_checkpoint(RESTART)");
	app_sql(&v->app, "DELETE FROM t WHERE n > 50");
	check_free(v, true);
	app_sql(&v->app, "DELETE FROM t WHERE n > 40");
	app_sql(&v->app, "PRAGMA wal_checkpoint(RESTART)");
	app_sql(&v->app, "UPDATE t SET v = randomblob(3000)");
	check_free(v, true);
}

static void
test_free_pages_after_crash(void **state)
{
	struct view *v = *state;

	app_begin(&v->app, v->p->db);
	app_write(&v->app, 50, 3000);
	app_sql(&v->app, "PRAGMA wal_checkpoint(PASSIVE)");
	app_sql(&v->app, "DELETE FROM t WHERE n > 10");
	check_free(v, true);
	app_sql(&v->app, "DELETE FROM t WHERE n > 5");
	app_kill(&v->app);
	app_open(&v->app, v->p->db);
	app_sql(&v->app, "PRAGMA wal_autocheckpoint = 0");
	check_free(v, true);
	app_quit(&v->app);
	sample(v);
	app_open(&v->app, v->p->db);
	check_free(v, true);
}

static void
test_sizes(void **state)
{
	struct view *v = *state;
	struct stat st;

	app_begin(&v->app, v->p->db);
	app_write(&v->app, 50, 3000);
	sample(v);
	assert_int_equal(stat(v->p->wal, &st), 0);
	ASSERT_VALUE(v, LOG, (double)st.st_size);
	ASSERT_VALUE(v, SIZE, 4096);
	app_sql(&v->app, "PRAGMA wal_checkpoint(TRUNCATE)");
	sample(v);
	ASSERT_VALUE(v, LOG, 0);
	ASSERT_VALUE(v, SIZE,
	    4096 * (double)app_sql(&v->app, "PRAGMA page_count"));
	app_quit(&v->app);
	sample(v);
	ASSERT_VALUE(v, LOG, 0);
}

static void
test_info(void **state)
{
	struct view *v = *state;
	char *path = mem_printf("path=\"%s\"", v->p->db);
	int fd = open(v->p->db, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	close(fd);
	sample(v);
	assert_true(value_of(v, INFO, "journal_mode=\"none\"") == 1);
	ASSERT_VALUE(v, SIZE, 0);
	ASSERT_VALUE(v, FREE, 0);
	app_open(&v->app, v->p->db);
	app_sql(&v->app, "PRAGMA page_size = 8192");
	app_sql(&v->app, "CREATE TABLE t (n)");
	sample(v);
	assert_true(value_of(v, INFO, "journal_mode=\"rollback\"") == 1);
	assert_true(value_of(v, INFO, "page_size=\"8192\"") == 1);
	app_sql(&v->app, "PRAGMA journal_mode = WAL");
	sample(v);
	assert_true(value_of(v, INFO, "journal_mode=\"wal\"") == 1);
	assert_true(value_of(v, INFO, path) == 1);
	assert_true(isnan(value_of(v, INFO, "filesystem=\"unknown\"")));
	free(path);
}

static void
test_space(void **state)
{
	struct view *v = *state;
	double total, avail;
	struct statvfs s;

	app_begin(&v->app, v->p->db);
	sample(v);
	assert_int_equal(statvfs(v->p->dir, &s), 0);
	total = (double)s.f_blocks * (double)s.f_frsize;
	avail = (double)s.f_bavail * (double)s.f_frsize;
	ASSERT_VALUE(v, "sqlite_filesystem_size_bytes", total);
	/* Others use it meanwhile. */
	assert_true(fabs(value(v, "sqlite_filesystem_avail_bytes") - avail) <
	    total / 10);
}

/* A smaller file in its place: nothing of the old one is told. */
static void
test_replaced(void **state)
{
	struct view *v = *state;
	char *aside = mem_printf("%s/aside", v->p->dir);

	app_begin(&v->app, v->p->db);
	app_write(&v->app, 50, 3000);
	app_sql(&v->app, "DELETE FROM t");
	check_free(v, true);
	app_quit(&v->app);
	app_open(&v->app, aside);
	app_sql(&v->app, "PRAGMA page_size = 1024");
	app_sql(&v->app, "CREATE TABLE t (n)");
	app_quit(&v->app);
	assert_int_equal(rename(aside, v->p->db), 0);
	app_open(&v->app, v->p->db);
	sample(v);
	assert_true(v->db->replaced);
	ASSERT_VALUE(v, SIZE, 2048);
	ASSERT_VALUE(v, FREE, 0);
	sample(v);
	assert_false(v->db->replaced);
	free(aside);
}

#define LOOK(fn)	cmocka_unit_test_setup_teardown(fn, begin, view_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOOK(test_free_pages), LOOK(test_next_log),
		LOOK(test_free_pages_after_crash), LOOK(test_sizes),
		LOOK(test_info), LOOK(test_space),
		LOOK(test_replaced),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
