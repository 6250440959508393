/*
 * Busy retries, estimated: from how often the lock was taken by others.
 */
#include "tests/collectors/view.h"

#define RETRIES	"sqlite_busy_retries_total"
#define WAIT	"sqlite_busy_wait_seconds_total"

extern const struct collector collector_busy;

static int
begin(void **state)
{
	return view_begin(state, &collector_busy);
}

static void
looks(struct view *v, unsigned n, unsigned held, double others)
{
	v->db->occupancy.looks = n;
	v->db->occupancy.held = held;
	v->db->occupancy.others = others;
}

static void
test_estimate(void **state)
{
	struct view *v = *state;
	static const struct {
		const char	*why;
		unsigned	 commits, looks, held;
		double		 others, retries, wait_s;
	} rows[] = {
		{ "nobody looked",	10, 0,	0,  0.5, 0,   0 },
		{ "never taken",	10, 20,	0,  0.5, 0,   0 },
		{ "one writer only",	10, 20,	10, 0,	 0,   0 },
		{ "nothing written",	0,  20,	20, 0.5, 0,   0 },
		/* 10 * 1/2 * 1/2; half of 50 ms each */
		{ "two writers",	10, 20,	10, 0.5, 2.5, 0.0625 },
		{ "always taken",	4,  20,	20, 1,	 4,   0.5 },
		/* half a hold is 0.5 ms: the first sleep is 1 ms */
		{ "short holds",	50, 20,	1,  0.4, 1,   0.001 },
	};
	double retries = 0, wait = 0;

	app_begin(&v->app, v->p->db);
	sample(v);
	ASSERT_VALUE(v, RETRIES, 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		app_write(&v->app, rows[i].commits, 10);
		looks(v, rows[i].looks, rows[i].held, rows[i].others);
		sample(v);
		retries += rows[i].retries;
		wait += rows[i].wait_s;
		if (!(fabs(value(v, RETRIES) - retries) < 1e-9) ||
		    !(fabs(value(v, WAIT) - wait) < 1e-9))
			fail_msg("%s: %g, %g", rows[i].why, value(v, RETRIES),
			    value(v, WAIT));
		assert_int_equal(v->db->occupancy.looks, 0);
		assert_int_equal(v->db->occupancy.held, 0);
	}
	assert_true(isnan(value(v, "sqlite_busy_timeouts_total")));
}

static void
test_rollback_mode(void **state)
{
	struct view *v = *state;

	app_open(&v->app, v->p->db);
	app_sql(&v->app, "PRAGMA synchronous = OFF");
	app_sql(&v->app, "CREATE TABLE t (n INTEGER PRIMARY KEY, v)");
	sample(v);
	app_write(&v->app, 10, 100);
	looks(v, 20, 10, 0.5);
	sample(v);
	ASSERT_VALUE(v, RETRIES, 2.5);
}

/* Two counters of two modes have no difference. */
static void
test_change_of_mode(void **state)
{
	struct view *v = *state;

	app_open(&v->app, v->p->db);
	app_sql(&v->app, "PRAGMA synchronous = OFF");
	app_sql(&v->app, "CREATE TABLE t (n INTEGER PRIMARY KEY, v)");
	app_write(&v->app, 300, 100);
	sample(v);
	app_sql(&v->app, "PRAGMA journal_mode = WAL");
	looks(v, 20, 10, 0.5);
	sample(v);
	ASSERT_VALUE(v, RETRIES, 0);
	app_sql(&v->app, "PRAGMA journal_mode = DELETE");
	looks(v, 20, 10, 0.5);
	sample(v);
	ASSERT_VALUE(v, RETRIES, 0);
	app_write(&v->app, 10, 100);
	looks(v, 20, 10, 0.5);
	sample(v);
	ASSERT_VALUE(v, RETRIES, 2.5);
}

#define LOOK(fn)	cmocka_unit_test_setup_teardown(fn, begin, view_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOOK(test_estimate), LOOK(test_rollback_mode),
		LOOK(test_change_of_mode),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
