/*
 * alerts: what a restart and a new configuration carry over, what windows have
 * from history, how silences and severities are counted.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/alerts/keeps.h"

static void
test_muted_is_kept(void **state)
{
	struct heard h = { .mute = true };
	struct alerts *old = make(&h), *as = make(&h);

	(void)state;
	step(old, 11, 0, 1);
	assert_true(h.row.muted);
	assert_int_equal(alerts_restore(as, &h.row, at(100), 0), 0);
	assert_true(alert_is_muted(first(as)));
	step(as, 1, 0, 101);
	assert_string_equal(h.what, "FR");
	h.mute = false;
	step(as, 11, 0, 102);
	assert_false(alert_is_muted(first(as)));
	alerts_free(old);
	alerts_free(as);
}

static void
test_counts(void **state)
{
	struct heard h = { .n = 0 };
	struct alerts *as = make(&h);
	struct alert *a = &alerts_of(as, "app")->alerts[0];

	(void)state;
	step(as, 11, 0, 1);
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_WARNING), 1);
	step(as, 21, 0, 2);
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_WARNING), 0);
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_CRITICAL), 1);
	alerts_silence(as, a, true);
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_CRITICAL), 0);
	assert_int_equal(alerts_count(as, ALERT_SILENCED, SEVERITY_CRITICAL),
	    1);
	assert_int_equal(alert_shown(a), ALERT_SILENCED);
	step(as, 12, 0, 3);
	assert_int_equal(alerts_count(as, ALERT_SILENCED, SEVERITY_WARNING),
	    1);
	step(as, 1, 0, 4);	/* what is ok is shown as ok */
	assert_int_equal(alerts_count(as, ALERT_SILENCED, SEVERITY_WARNING),
	    0);
	assert_int_equal(alerts_count(as, ALERT_OK, SEVERITY_WARNING), 1);
	alerts_silence(as, a, false);
	assert_int_equal(alerts_count(as, ALERT_OK, SEVERITY_WARNING), 1);
	step(as, 25, 0, 5);
	step(as, 1, 0, 6);
	step(as, 1, 0, 7);
	assert_int_equal(alerts_count(as, ALERT_OK, SEVERITY_CRITICAL), 0);
	assert_string_equal(h.what, "FURFR");
	alerts_free(as);
}

/* A value that hovers must not wear out a disk. */
static void
test_progress_is_told_seldom(void **state)
{
	struct rule keeps = readers;
	struct heard h = { .n = 0 };
	struct alerts *as;

	(void)state;
	keeps.keep_ms = 60000;
	as = make_one(&h, &keeps, "crowd");
	step(as, 11, 0, 1);
	for (int i = 2; i < 42; i++)
		step(as, i % 2 ? 11 : 1, 0, i);
	assert_string_equal(h.what, "F....");
	alerts_free(as);
}

static void
test_windows_are_carried_over(void **state)
{
	struct rule shorter = mean, limit = mean;
	struct heard h = { .n = 0 };
	struct alerts *a = make_one(&h, &mean, "busy"), *b, *c;

	(void)state;
	limit.limit = 50;
	limit.of = WINDOW_MAX;
	shorter.over_ms = 60000;
	for (int i = 1; i <= 1900; i += 100)
		step(a, 0, 20, i);
	assert_string_equal(h.what, "F");
	b = make_one(&h, &limit, "busy");
	alerts_move(b, a);
	alerts_free(a);
	step(b, 0, 60, 1901);	/* known enough to go on */
	assert_true(fabs(first(b)->value - 60) < 1e-9);
	assert_true(fabs(first(b)->last - 60) < 1e-9);
	c = make_one(&h, &shorter, "busy");
	alerts_move(c, b);
	alerts_free(b);
	step(c, 0, 2, 1902);	/* another span: it begins empty, and thin */
	assert_true(fabs(first(c)->value - 2) < 1e-9);
	assert_int_equal(first(c)->state, ALERT_FIRING);
	alerts_free(c);
}

/* A value that does not move is held against the new limit all the same. */
static void
test_limit_moves_to_the_value(void **state)
{
	struct rule lower = readers;
	struct heard h = { .n = 0 };
	struct alerts *a = make_one(&h, &readers, "crowd"), *b;

	(void)state;
	lower.limit = lower.clear = 4;
	for (int i = 1; i < 4; i++)
		step(a, 5, 0, i);
	assert_string_equal(h.what, "");
	b = make_one(&h, &lower, "crowd");
	alerts_move(b, a);
	alerts_free(a);
	step(b, 5, 0, 4);
	assert_string_equal(h.what, "F");
	alerts_free(b);
}

static void
test_seeds(void **state)
{
	static const float point[3] = { 20, 1, 99 };
	struct heard h = { .n = 0 };
	struct alerts *as = make(&h);

	(void)state;
	assert_int_equal(alerts_over_ms(as, MEASURE_WRITE_RATE), 3600000);
	assert_int_equal(alerts_over_ms(as, MEASURE_READERS), 0);
	for (int i = 0; i < 7; i++)
		alerts_seed(as, "app", MEASURE_WRITE_RATE,
		    (i - 7) * 300000, (i - 6) * 300000, point);
	alerts_seed(as, "app", MEASURE_READERS, -300000, 0, point);
	step(as, 0, 20, 1);
	assert_string_equal(h.what, "F");
	assert_string_equal(h.rule, "busy");
	alerts_free(as);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_muted_is_kept),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_progress_is_told_seldom),
		cmocka_unit_test(test_windows_are_carried_over),
		cmocka_unit_test(test_limit_moves_to_the_value),
		cmocka_unit_test(test_seeds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
