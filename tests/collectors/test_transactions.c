/*
 * Write transactions in rollback mode, and when the mode changes: exact, or a
 * lower bound that says so.
 */
#include "tests/collectors/view.h"

#define TOTAL	"sqlite_write_transactions_total"

extern const struct collector collector_transactions;

static int
begin(void **state)
{
	return view_begin(state, &collector_transactions);
}

static void
begin_rollback(struct view *v, const char *mode)
{
	char *sql = mem_printf("PRAGMA journal_mode = %s", mode);

	app_open(&v->app, v->p->db);
	app_sql(&v->app, "PRAGMA synchronous = OFF");
	app_sql(&v->app, sql);
	app_sql(&v->app, "CREATE TABLE t (n INTEGER PRIMARY KEY, v)");
	free(sql);
}

static void
test_modes(void **state)
{
	struct view *v = *state;
	static const char *const modes[] = {
		"DELETE", "TRUNCATE", "PERSIST", "MEMORY",
	};
	double sum = 0;

	begin_rollback(v, "DELETE");
	sample(v);
	ASSERT_VALUE(v, TOTAL, 0);
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		char *sql = mem_printf("PRAGMA journal_mode = %s", modes[i]);

		app_sql(&v->app, sql);
		free(sql);
		app_write(&v->app, 20, 100);
		app_sql(&v->app, "BEGIN");
		app_write(&v->app, 20, 100);
		app_sql(&v->app, "ROLLBACK");
		app_sql(&v->app, "BEGIN IMMEDIATE; COMMIT");
		sum += 20;
		sample(v);
		ASSERT_VALUE(v, TOTAL, sum);
		sample(v);
		ASSERT_VALUE(v, TOTAL, sum);
	}
	assert_int_equal(v->db->wal.gaps, 0);
}

static void
test_two_apps(void **state)
{
	struct view *v = *state;

	begin_rollback(v, "DELETE");
	app_open(&v->other, v->p->db);
	sample(v);
	for (int i = 0; i < 20; i++) {
		app_write(&v->app, 1, 100);
		app_write(&v->other, 1, 100);
	}
	sample(v);
	ASSERT_VALUE(v, TOTAL, 40);
}

/* From no file, and from an empty one, every transaction counts. */
static void
test_new_file(void **state)
{
	struct view *v = *state;
	int fd = open(v->p->db, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	close(fd);
	sample(v);
	ASSERT_VALUE(v, TOTAL, 0);
	begin_rollback(v, "DELETE");
	app_write(&v->app, 4, 100);
	sample(v);
	ASSERT_VALUE(v, TOTAL, 5);
}

/* SQLite itself moves the counter once or twice, and no more. */
static void
test_exclusive(void **state)
{
	struct view *v = *state;

	begin_rollback(v, "DELETE");
	sample(v);
	app_sql(&v->app, "PRAGMA locking_mode = EXCLUSIVE");
	app_write(&v->app, 50, 100);
	sample(v);
	assert_true(value(v, TOTAL) >= 1 && value(v, TOTAL) <= 2);
	app_sql(&v->app, "PRAGMA locking_mode = NORMAL");
	app_sql(&v->app, "SELECT count(*) FROM t");
	app_write(&v->app, 5, 100);
	sample(v);
	assert_true(value(v, TOTAL) >= 5 && value(v, TOTAL) <= 56);
}

static void
test_changes_of_mode(void **state)
{
	struct view *v = *state;
	double counted;
	unsigned done = 0;

	begin_rollback(v, "DELETE");
	sample(v);
	for (int i = 0; i < 4; i++) {
		app_sql(&v->app, "PRAGMA journal_mode = WAL");
		sample(v);
		done++;			/* the change is a transaction */
		app_write(&v->app, 10, 100);
		sample(v);
		done += 10;
		counted = value(v, TOTAL);
		assert_true(counted >= 10 * (i + 1) && counted <= done);
		app_sql(&v->app, "PRAGMA journal_mode = DELETE");
		sample(v);
		done++;
		app_write(&v->app, 10, 100);
		sample(v);
		done += 10;
		assert_true(value(v, TOTAL) >= counted + 10);
		assert_true(value(v, TOTAL) <= done);
	}
	assert_true(value(v, TOTAL) >= 80);
}

/* With work between the change and the look: less may be seen, never more. */
static void
test_unseen_changes(void **state)
{
	struct view *v = *state;
	unsigned done = 0;
	double before = 0;

	begin_rollback(v, "DELETE");
	sample(v);
	for (int i = 0; i < 10; i++) {
		app_write(&v->app, 3, 100);
		app_sql(&v->app, i % 2 == 0 ? "PRAGMA journal_mode = WAL" :
		    "PRAGMA journal_mode = DELETE");
		app_write(&v->app, 4, 100);
		done += 8;
		sample(v);
		assert_true(value(v, TOTAL) >= before);
		before = value(v, TOTAL);
		assert_true(before <= done);
	}
	assert_true(v->db->wal.gaps > 0);
}

static void
set_counter(struct view *v, uint32_t n)
{
	unsigned char b[4] = { (unsigned char)(n >> 24),
	    (unsigned char)(n >> 16), (unsigned char)(n >> 8),
	    (unsigned char)n };
	int fd = open(v->p->db, O_WRONLY | O_CLOEXEC);

	assert_int_equal(pwrite(fd, b, sizeof b, 24), sizeof b);
	close(fd);
}

/* A crash takes the last step back; and 32 bits come round. */
static void
test_counter_back(void **state)
{
	struct view *v = *state;

	begin_rollback(v, "DELETE");
	app_write(&v->app, 10, 100);
	app_quit(&v->app);
	sample(v);
	set_counter(v, 12);
	sample(v);
	ASSERT_VALUE(v, TOTAL, 1);
	set_counter(v, 11);
	sample(v);
	ASSERT_VALUE(v, TOTAL, 1);
	set_counter(v, 14);
	sample(v);
	ASSERT_VALUE(v, TOTAL, 4);
	set_counter(v, 0xfffffffe);
	sample(v);
	ASSERT_VALUE(v, TOTAL, 4);
	set_counter(v, 1);
	sample(v);
	ASSERT_VALUE(v, TOTAL, 7);
}

/* Another file with a counter of its own is not so many transactions. */
static void
test_replaced(void **state)
{
	struct view *v = *state;
	char *aside = mem_printf("%s/aside", v->p->dir);

	begin_rollback(v, "DELETE");
	app_write(&v->app, 5, 100);
	app_quit(&v->app);
	sample(v);
	app_open(&v->app, aside);
	app_sql(&v->app, "CREATE TABLE t (n INTEGER PRIMARY KEY, v)");
	app_write(&v->app, 30, 100);
	app_quit(&v->app);
	assert_int_equal(rename(aside, v->p->db), 0);
	sample(v);
	ASSERT_VALUE(v, TOTAL, 0);
	app_open(&v->app, v->p->db);
	app_write(&v->app, 2, 100);
	sample(v);
	ASSERT_VALUE(v, TOTAL, 2);
	free(aside);
}

#define LOOK(fn)	cmocka_unit_test_setup_teardown(fn, begin, view_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOOK(test_modes), LOOK(test_two_apps), LOOK(test_new_file),
		LOOK(test_exclusive), LOOK(test_changes_of_mode),
		LOOK(test_unseen_changes), LOOK(test_counter_back),
		LOOK(test_replaced),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
