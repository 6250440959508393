/*
 * alerts: what a restart and a new configuration end.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/alerts/keeps.h"

static void
test_a_rule_is_taken_out(void **state)
{
	struct heard h = { .n = 0 };
	struct alerts *from = make(&h), *to = make_one(&h, &mean, "busy");

	(void)state;
	step(from, 25, 0, 1);
	assert_string_equal(h.what, "F");
	alerts_move(to, from);
	assert_string_equal(h.what, "FD");
	assert_string_equal(h.rule, "crowd");
	assert_string_equal(h.heard, "ops\nthe night shift");
	assert_int_equal(h.state, ALERT_OK);
	assert_int_equal(h.severity, SEVERITY_CRITICAL);
	assert_true(alerts_record_is_plain(&h.row));
	alerts_free(from);
	assert_int_equal(alerts_first(to)->nalerts, 1);
	alerts_free(to);
	assert_string_equal(h.what, "FD");
}

/* What it looks at is taken out: what is still on its way counts, and then it
 * ends, once. */
static void
test_what_it_looks_at_is_taken_out(void **state)
{
	struct heard h = { .n = 0 };
	struct alerts *as = make(&h);

	(void)state;
	step(as, 25, 0, 1);
	assert_string_equal(h.what, "F");
	alerts_of(as, "app")->alerts[0].off = true;
	step(as, 26, 0, 2);
	step(as, NAN, 0, 3);
	step(as, NAN, 0, 122);
	assert_string_equal(h.what, "F");
	step(as, NAN, 0, 123);
	assert_string_equal(h.what, "FD");
	assert_string_equal(h.heard, "ops\nthe night shift");
	assert_true(alerts_record_is_plain(&h.row));
	assert_int_equal(alerts_count(as, ALERT_OK, SEVERITY_CRITICAL), 1);
	step(as, NAN, 0, 9999);
	assert_int_equal(first(as)->state, ALERT_OK);
	assert_string_equal(h.what, "FD");
	step(as, 11, 0, 10000);		/* there is something after all */
	assert_string_equal(h.what, "FDF");
	alerts_free(as);
}

/* It has been blind for long: it ends at once. */
static void
test_what_is_blind_is_taken_out(void **state)
{
	struct heard h = { .n = 0 };
	struct alerts *as = make(&h);

	(void)state;
	step(as, 11, 0, 1);
	step(as, NAN, 0, 2);
	step(as, NAN, 0, 122);
	assert_string_equal(h.what, "FL");
	alerts_of(as, "app")->alerts[0].off = true;
	step(as, NAN, 0, 123);
	assert_string_equal(h.what, "FLD");
	alerts_free(as);
}

/* One that nobody heard of goes without a word, but its row must go too. */
static void
test_an_unheard_one_is_taken_out(void **state)
{
	struct rule waits = readers;
	struct heard h = { .n = 0 };
	struct alerts *from, *to = make_one(&h, &mean, "busy");

	(void)state;
	waits.for_ms = 60000;
	from = make_one(&h, &waits, "crowd");
	step(from, 11, 0, 1);
	alerts_move(to, from);
	assert_string_equal(h.what, "..");
	assert_true(alerts_record_is_plain(&h.row));
	alerts_free(from);
	alerts_free(to);
}

static void
test_a_database_is_taken_out(void **state)
{
	struct heard h = { .n = 0 };
	struct alerts *as = make(&h);

	(void)state;
	alerts_of(as, "first");
	step(as, 11, 0, 1);
	alerts_of(as, "last");
	alerts_forget(as, "app");
	assert_string_equal(h.what, "FD");
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_WARNING), 0);
	assert_int_equal(alerts_count(as, ALERT_OK, SEVERITY_WARNING), 2);
	alerts_forget(as, "app");
	alerts_forget(as, "last");
	assert_string_equal(alerts_first(as)->db, "first");
	assert_null(alerts_first(as)->next);
	alerts_of(as, "again");
	assert_string_equal(alerts_first(as)->next->db, "again");
	assert_string_equal(h.what, "FD");
	alerts_free(as);
}

/* Of another measure, or the other way round: the old one ends by its own rule,
 * and is not said to be well because the new one is. */
static void
test_a_rule_becomes_another(void **state)
{
	struct rule other = readers;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct heard h = { .n = 0 };
		struct alerts *from = make_one(&h, &readers, "crowd"), *to;

		other.measure = i == 0 ? MEASURE_PROCESSES : MEASURE_READERS;
		other.op = i == 0 ? RULE_ABOVE : RULE_BELOW;
		to = make_one(&h, &other, "crowd");
		step(from, 25, 0, 1);
		alerts_move(to, from);
		assert_string_equal(h.what, "FD");
		assert_int_equal(h.measure, MEASURE_READERS);
		assert_int_equal(first(to)->state, ALERT_OK);
		assert_int_equal(alerts_count(to, ALERT_OK, SEVERITY_WARNING),
		    1);
		alerts_free(from);
		alerts_free(to);
	}
}

static void
test_a_row_of_another_measure(void **state)
{
	struct heard h = { .n = 0 };
	struct alerts *old = make_one(&h, &readers, "crowd");
	struct alerts *as = make_one(&h, &mean, "crowd");
	struct alert_record row;

	(void)state;
	step(old, 25, 0, 1);
	row = h.row;
	row.rule = "crowd";
	assert_int_equal(alerts_restore(as, &row, at(100), 0), 1);
	assert_string_equal(h.what, "FD");
	assert_int_equal(h.measure, MEASURE_READERS);
	assert_int_equal(first(as)->state, ALERT_OK);
	alerts_free(old);
	alerts_free(as);
}

/* A restart without the rule: all that is known of it is the row. */
static void
test_a_row_without_its_rule(void **state)
{
	struct heard h = { .n = 0 };
	struct alerts *old = make(&h), *as = make_one(&h, &mean, "busy");
	struct alert_record row;

	(void)state;
	step(old, 25, 0, 1);
	row = h.row;
	row.rule = "crowd";
	alerts_free(old);
	assert_int_equal(alerts_restore(as, &row, at(100), WALL + 50000), 1);
	assert_string_equal(h.what, "FD");
	assert_string_equal(h.rule, "crowd");
	assert_string_equal(h.heard, "ops\nthe night shift");
	assert_int_equal(h.severity, SEVERITY_CRITICAL);
	assert_int_equal(h.measure, MEASURE_READERS);
	assert_true(alerts_record_is_plain(&h.row));
	row.announced = false;
	assert_int_equal(alerts_restore(as, &row, at(100), 0), -1);
	row.flapping = true;	/* of which people know */
	assert_int_equal(alerts_restore(as, &row, at(100), 0), 1);
	row.state = ALERT_SILENCED;	/* nothing that we write */
	assert_int_equal(alerts_restore(as, &row, at(100), 0), -1);
	assert_string_equal(h.what, "FDD");
	alerts_free(as);
}

static void
test_a_row_without_its_database(void **state)
{
	struct heard h = { .n = 0 };
	struct alerts *as = make(&h);
	struct alert_record row = {
		.rule = "crowd", .db = "gone", .state = ALERT_NO_DATA,
		.announced = true, .since_ms = WALL, .fired_ms = WALL,
		.measure = "readers", .severity = SEVERITY_INFO,
	};

	(void)state;
	assert_int_equal(alerts_drop(as, &row, at(100)), 1);
	assert_string_equal(h.what, "D");
	assert_int_equal(h.severity, SEVERITY_INFO);	/* as it was told */
	row.announced = false;
	assert_int_equal(alerts_drop(as, &row, at(100)), -1);
	assert_null(alerts_first(as));
	alerts_free(as);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_rule_is_taken_out),
		cmocka_unit_test(test_what_it_looks_at_is_taken_out),
		cmocka_unit_test(test_what_is_blind_is_taken_out),
		cmocka_unit_test(test_an_unheard_one_is_taken_out),
		cmocka_unit_test(test_a_database_is_taken_out),
		cmocka_unit_test(test_a_rule_becomes_another),
		cmocka_unit_test(test_a_row_of_another_measure),
		cmocka_unit_test(test_a_row_without_its_rule),
		cmocka_unit_test(test_a_row_without_its_database),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
