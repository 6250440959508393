/*
 * Tests of values: what is set is got, and only what is known takes room.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/store/values.h"

/* In an order in which each finds its place before, between and behind. */
static const size_t slots[] = { 64, 0, 255, 63, 127, 1, 128, 200, 192, 65 };

#define SLOTS	(sizeof slots / sizeof *slots)

static void
test_any_order(void **state)
{
	struct values v = { 0 };

	(void)state;
	for (size_t n = 0; n < SLOTS; n++) {
		assert_true(isnan(values_get(&v, slots[n])));
		values_set(&v, slots[n], (double)slots[n]);
		for (size_t i = 0; i <= n; i++)
			assert_int_equal(values_get(&v, slots[i]), slots[i]);
	}
	values_done(&v);
	assert_true(isnan(values_get(&v, 64)));
}

static void
test_nothing_known_takes_no_room(void **state)
{
	struct values v = { 0 };

	(void)state;
	for (size_t i = 0; i < VALUES_MAX; i++)
		values_set(&v, i, NAN);
	assert_null(v.numbers);
	values_set(&v, 3, 7);
	values_set(&v, 3, NAN);
	assert_true(isnan(values_get(&v, 3)));
	values_set(&v, 3, 8);
	assert_int_equal(values_get(&v, 3), 8);
	values_done(&v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_nothing_known_takes_no_room),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
