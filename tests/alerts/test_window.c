/*
 * Windows: what each kind takes of them, what time lets go, when they are thin.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alerts/window.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define SPAN_MS		60000		/* a slot is a second */

static void
assert_near(double got, double want)
{
	if (!(fabs(got - want) < 1e-6))
		fail_msg("got %.9g, want %.9g", got, want);
}

/* A value a second, from second from_s on. */
static struct window *
with(int64_t from_s, const double *values, size_t n)
{
	struct window *w = window_new(SPAN_MS);

	for (size_t i = 0; i < n; i++)
		window_add(w, (from_s + (int64_t)i) * 1000, values[i]);
	return w;
}

static const double few[] = { 4, 1, 9, 2, 4 };

static const struct row {
	const char	*story;
	enum window_of	 of;
	double		 want;
} rows[] = {
	{ "the mean",			WINDOW_AVG, 4 },
	{ "the greatest",		WINDOW_MAX, 9 },
	{ "the least",			WINDOW_MIN, 1 },
	{ "the one in the middle",	WINDOW_MEDIAN, 4 },
	{ "the nearest rank",		WINDOW_P95, 9 },
};

static void
test_kinds(void **state)
{
	struct window *w = with(100, few, COUNT(few));

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		double v = window_value(w, rows[i].of, 104500, 0);

		if (!(fabs(v - rows[i].want) < 1e-6))
			fail_msg("%s: %g", rows[i].story, v);
	}
	window_free(w);
}

static void
test_median_of_an_even_number(void **state)
{
	struct window *w = with(0, few, 4);

	(void)state;
	assert_near(window_value(w, WINDOW_MEDIAN, 3000, 0), 3);
	window_free(w);
}

static void
test_p95_leaves_out_a_burst(void **state)
{
	struct window *w = window_new(SPAN_MS);

	(void)state;
	for (int i = 0; i < 60; i++)
		window_add(w, i * 1000, i < 57 ? i : 1e6);
	assert_near(window_value(w, WINDOW_P95, 59999, 0), 56);
	window_free(w);
}

/* However many values a slot has, it is one slot. */
static void
test_a_burst_is_one_slot(void **state)
{
	struct window *w = window_new(SPAN_MS);

	(void)state;
	window_add(w, 0, 10);
	for (int i = 0; i < 1000; i++)
		window_add(w, 1000 + i / 2, i % 2 ? 40 : 20);
	assert_near(window_value(w, WINDOW_AVG, 1500, 0), 20);
	assert_near(window_value(w, WINDOW_MAX, 1500, 0), 40);
	assert_near(window_value(w, WINDOW_MIN, 1500, 0), 10);
	window_free(w);
}

static void
test_trend(void **state)
{
	struct window *w = window_new(SPAN_MS);

	(void)state;
	window_add(w, 500, 7);
	assert_true(isnan(window_value(w, WINDOW_TREND, 500, 10000)));
	for (int i = 1; i < 60; i++)
		window_add(w, i * 1000 + 500, 7 + 2 * i);
	assert_near(window_value(w, WINDOW_TREND, 59500, 0), 125);
	assert_near(window_value(w, WINDOW_TREND, 59500, 10000), 145);
	/* A minute later nothing is left to draw a line through. */
	assert_true(isnan(window_value(w, WINDOW_TREND, 119500, 0)));
	window_free(w);
}

/* What goes up and down by much still shows where it goes. */
static void
test_trend_through_noise(void **state)
{
	struct window *w = window_new(SPAN_MS);

	(void)state;
	for (int i = 0; i < 60; i++)
		window_add(w, i * 1000 + 500, i + (i % 4 < 2 ? 30 : -30));
	assert_in_range((uintmax_t)window_value(w, WINDOW_TREND, 59500, 60000),
	    90, 145);
	window_free(w);
}

static void
test_what_is_too_old_goes(void **state)
{
	struct window *w = with(0, few, COUNT(few));

	(void)state;
	assert_near(window_value(w, WINDOW_MAX, 61999, 0), 9);
	assert_near(window_value(w, WINDOW_MAX, 62000, 0), 4);
	assert_near(window_value(w, WINDOW_AVG, 63000, 0), 4);
	assert_true(isnan(window_value(w, WINDOW_AVG, 64000, 0)));
	window_free(w);
}

static void
test_a_jump_forward_empties_it(void **state)
{
	struct window *w = with(0, few, COUNT(few));

	(void)state;
	window_add(w, 86400000, 3);
	assert_near(window_value(w, WINDOW_MAX, 86400000, 0), 3);
	assert_true(window_is_thin(w, 86400000));
	/* And what is older than the last is not taken. */
	window_add(w, 5000, 99);
	assert_near(window_value(w, WINDOW_MAX, 86400000, 0), 3);
	window_free(w);
}

static void
test_before_the_boot(void **state)
{
	struct window *w = with(-40, few, COUNT(few));

	(void)state;
	window_add(w, -500, 4);
	window_add(w, 500, 40);
	assert_near(window_value(w, WINDOW_AVG, 900, 0), 200.0 / 41);
	assert_near(window_value(w, WINDOW_AVG, 22500, 0), 186.0 / 38);
	window_free(w);
}

static void
test_no_number_is_kept(void **state)
{
	struct window *w = window_new(SPAN_MS);

	(void)state;
	assert_true(isnan(window_value(w, WINDOW_AVG, 0, 0)));
	window_add(w, 1000, NAN);
	window_add(w, 1000, INFINITY);
	assert_true(isnan(window_value(w, WINDOW_AVG, 1000, 0)));
	window_add(w, 2000, 5);
	window_add(w, 3000, NAN);
	assert_near(window_value(w, WINDOW_AVG, 3000, 0), 5);
	window_free(w);
}

/* The value at a limit must not be told as one beyond it. */
static void
test_no_value_is_made_greater(void **state)
{
	static const double values[] = { 0.1, 0.8, -0.8, 10e9 + 1, 1e-9 };

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		struct window *w = with(0, &values[i], 1);
		double max = window_value(w, WINDOW_MAX, 0, 0);
		double min = window_value(w, WINDOW_MIN, 0, 0);

		assert_true(max <= values[i] && min >= values[i]);
		assert_true(min - max <= 2e-7 * fabs(values[i]));
		window_free(w);
	}
}

static void
test_thin(void **state)
{
	struct window *w = window_new(SPAN_MS);

	(void)state;
	assert_true(window_is_thin(w, 0));
	for (int i = 0; i < 30; i++)
		window_add(w, i * 1000, 1);
	assert_true(window_is_thin(w, 29000));
	window_add(w, 30000, 1);
	assert_false(window_is_thin(w, 30000));
	assert_false(window_is_thin(w, 59000));
	assert_true(window_is_thin(w, 62000));
	window_free(w);
}

/* A quiet database is sampled seldom: what lies between is known all the
 * same; after a gap it is not. */
static void
test_seldom_is_not_thin(void **state)
{
	struct window *w = window_new(600000);

	(void)state;
	for (int i = 0; i <= 5; i++)
		window_add(w, i * 60000, 1);
	assert_false(window_is_thin(w, 300000));
	window_add(w, 300000 + WINDOW_GAP_MS + 1, 1);
	assert_false(window_is_thin(w, 420000));
	assert_true(window_is_thin(w, 700000));
	window_free(w);
}

/* Between two values lies a straight line, unless they are far apart. */
static void
test_between_two_values(void **state)
{
	struct window *w = window_new(SPAN_MS);

	(void)state;
	window_add(w, 0, 10);
	window_add(w, 20000, 50);
	assert_near(window_value(w, WINDOW_AVG, 20000, 0), 30);
	assert_near(window_value(w, WINDOW_MEDIAN, 20000, 0), 30);
	assert_near(window_value(w, WINDOW_TREND, 20500, 10000), 70);
	window_add(w, 20000 + WINDOW_GAP_MS + 1000, 7);
	assert_near(window_value(w, WINDOW_MAX, 141000, 0), 7);
	window_free(w);
}

/* One value for long, then others, then one again: as if it had been kept
 * slot by slot all the time. */
static void
test_still_and_stirred(void **state)
{
	struct window *w = window_new(SPAN_MS);

	(void)state;
	for (int i = 0; i < 100; i += 10)
		window_add(w, i * 1000, 3);
	for (int of = WINDOW_AVG; of <= WINDOW_TREND; of++)
		assert_near(window_value(w, (enum window_of)of, 90000, 0), 3);
	assert_false(window_is_thin(w, 90000));
	assert_false(window_is_thin(w, 120000));
	assert_true(window_is_thin(w, 120001));
	assert_near(window_value(w, WINDOW_MIN, 149999, 0), 3);
	assert_true(isnan(window_value(w, WINDOW_MIN, 150000, 0)));
	window_add(w, 91000, 63);
	assert_near(window_value(w, WINDOW_AVG, 91000, 0), 4);
	assert_near(window_value(w, WINDOW_MAX, 91000, 0), 63);
	assert_near(window_value(w, WINDOW_P95, 91000, 0), 3);
	for (int i = 92; i < 160; i++)
		window_add(w, i * 1000, 3);
	assert_near(window_value(w, WINDOW_MAX, 159000, 0), 3);
	assert_false(window_is_thin(w, 159000));
	window_add(w, 160000, 63);
	assert_near(window_value(w, WINDOW_AVG, 160000, 0), 4);
	window_free(w);
}

/* The same value behind a gap: what was known before it still is. */
static void
test_still_behind_a_gap(void **state)
{
	struct window *w = window_new(600000);

	(void)state;
	window_add(w, 0, 3);
	window_add(w, 100000, 3);
	window_add(w, 100000 + WINDOW_GAP_MS + 1, 3);
	assert_true(window_is_thin(w, 230000));
	window_add(w, 420000 - 80000, 3);
	assert_true(window_is_thin(w, 420000));
	window_add(w, 421000, 3);
	assert_false(window_is_thin(w, 421000));
	window_free(w);
}

/* Points of five minutes, as history has them. */
static void
test_fill(void **state)
{
	struct window *w = window_new(3600000);

	(void)state;
	for (int i = 0; i < 7; i++)
		window_fill(w, i * 300000, (i + 1) * 300000, i);
	assert_false(window_is_thin(w, 2100000));
	assert_near(window_value(w, WINDOW_AVG, 2099000, 0), 3);
	window_free(w);
	w = window_new(SPAN_MS);
	window_fill(w, 0, 300000, 5);
	assert_false(window_is_thin(w, 300000));
	assert_near(window_value(w, WINDOW_AVG, 300000, 0), 5);
	window_free(w);
}

static void
test_the_shortest(void **state)
{
	struct window *w = window_new(1);

	(void)state;
	window_add(w, 7, 3);
	assert_near(window_value(w, WINDOW_AVG, 7, 0), 3);
	window_free(w);
	window_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_median_of_an_even_number),
		cmocka_unit_test(test_p95_leaves_out_a_burst),
		cmocka_unit_test(test_a_burst_is_one_slot),
		cmocka_unit_test(test_trend),
		cmocka_unit_test(test_trend_through_noise),
		cmocka_unit_test(test_what_is_too_old_goes),
		cmocka_unit_test(test_a_jump_forward_empties_it),
		cmocka_unit_test(test_before_the_boot),
		cmocka_unit_test(test_no_number_is_kept),
		cmocka_unit_test(test_no_value_is_made_greater),
		cmocka_unit_test(test_thin),
		cmocka_unit_test(test_seldom_is_not_thin),
		cmocka_unit_test(test_between_two_values),
		cmocka_unit_test(test_still_and_stirred),
		cmocka_unit_test(test_still_behind_a_gap),
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_the_shortest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
