/*
 * How busy the writer's lock is: the share of the looks and its interval, the
 * longest hold, and the ceiling that follows.
 */
#include "tests/collectors/view.h"

#include "collectors/looks.h"

#define RATIO	"sqlite_write_lock_busy_ratio"
#define ERROR	"sqlite_write_lock_busy_error"
#define LONGEST	"sqlite_write_lock_hold_max_seconds"
#define CEILING	"sqlite_write_ceiling_per_second"

extern const struct collector collector_contention;

static int
begin(void **state)
{
	return view_begin(state, &collector_contention);
}

/* n looks, 50 ms apart, of which `held` find the lock taken. */
static void
looks(struct view *v, unsigned n, unsigned held)
{
	for (unsigned i = 0; i < n; i++)
		looks_add(&v->db->looks, clock_ms, 50000, i < held, 0);
}

/* Wilson's interval by the book, e.g. 5 of 20: 0.112 to 0.469. */
static void
test_share(void **state)
{
	static const struct {
		unsigned n, held;
		double	 ratio, error;
	} rows[] = {
		{ 20, 5, 0.25, 0.1785 }, { 20, 0, 0, 0.0806 },
		{ 1000, 500, 0.5, 0.0309 }, { 600, 600, 1, 0.0032 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct looks w = { 0 };
		struct share s;

		for (unsigned j = 0; j < rows[i].n; j++)
			looks_add(&w, 1000, 1, j < rows[i].held, 0);
		looks_share(&w, 1000, &s);
		looks_done(&w);
		if (!(fabs(s.ratio - rows[i].ratio) < 1e-9) ||
		    !(fabs(s.error - rows[i].error) < 1e-3))
			fail_msg("row %zu: %g +- %g", i, s.ratio, s.error);
	}
}

static void
test_enough(void **state)
{
	struct view *v = *state;

	app_begin(&v->app, v->p->db);
	sample(v);
	looks(v, LOOKS_ENOUGH - 1, 5);
	sample(v);
	assert_true(isnan(value(v, RATIO)));
	assert_true(isnan(value(v, ERROR)));
	ASSERT_VALUE(v, LONGEST, 0);
	looks(v, 1, 0);
	sample(v);
	ASSERT_VALUE(v, RATIO, 0.25);
}

/* 100 commits in 40 s of looks, 80 of which found it held. */
static void
test_ceiling(void **state)
{
	struct view *v = *state;

	app_begin(&v->app, v->p->db);
	sample(v);
	app_write(&v->app, 100, 10);
	/* So little says nothing of what a transaction takes. */
	looks(v, 400, 8);
	sample(v);
	assert_true(isnan(value(v, CEILING)));
	looks(v, 400, 72);
	sample(v);
	ASSERT_VALUE(v, RATIO, 0.1);
	assert_true(fabs(value(v, CEILING) - 25) < 1e-6);
}

static void
test_old_looks(void **state)
{
	struct view *v = *state;

	app_begin(&v->app, v->p->db);
	sample(v);
	looks(v, 100, 100);
	looks_add(&v->db->looks, clock_ms, 50000, true, 700);
	sample(v);
	ASSERT_VALUE(v, RATIO, 1);
	ASSERT_VALUE(v, LONGEST, 0.7);
	clock_ms += 90000;
	sample(v);
	assert_true(isnan(value(v, RATIO)));
	ASSERT_VALUE(v, LONGEST, 0.7);
	clock_ms += 240000;
	sample(v);
	ASSERT_VALUE(v, LONGEST, 0);
}

#define LOOK(fn)	cmocka_unit_test_setup_teardown(fn, begin, view_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_share), LOOK(test_enough),
		LOOK(test_ceiling), LOOK(test_old_looks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
