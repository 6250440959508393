/*
 * When the log first reached so far: exact while it is short, coarse and never
 * too young when it is long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "collectors/trail.h"

static void
test_since(void **state)
{
	struct trail t = { 0 };

	(void)state;
	assert_int_equal(trail_since(&t, 0), 0);
	trail_push(&t, TRAIL_POS(1, 10), 0, 1000);
	trail_push(&t, TRAIL_POS(1, 20), 0, 2000);
	trail_push(&t, TRAIL_POS(1, 20), 0, 3000);	/* no news */
	trail_push(&t, TRAIL_POS(1, 15), 0, 4000);
	trail_push(&t, TRAIL_POS(2, 3), 0, 5000);	/* another log */
	assert_int_equal(t.n, 3);
	assert_int_equal(trail_since(&t, 0), 1000);
	assert_int_equal(trail_since(&t, TRAIL_POS(1, 9)), 1000);
	assert_int_equal(trail_since(&t, TRAIL_POS(1, 10)), 2000);
	assert_int_equal(trail_since(&t, TRAIL_POS(1, 20)), 5000);
	assert_int_equal(trail_since(&t, TRAIL_POS(2, 2)), 5000);
	assert_int_equal(trail_since(&t, TRAIL_POS(2, 3)), 0);
	assert_int_equal(trail_since(&t, UINT64_MAX), 0);
}

static void
test_forget(void **state)
{
	struct trail t = { 0 };

	(void)state;
	trail_forget(&t, 5);
	for (uint32_t i = 1; i <= 10; i++)
		trail_push(&t, i * 10, 0, i * 1000);
	trail_forget(&t, 5);
	assert_int_equal(t.n, 10);
	trail_forget(&t, 30);
	assert_int_equal(t.n, 7);
	assert_int_equal(trail_since(&t, 0), 4000);
	assert_int_equal(trail_since(&t, 45), 5000);
	trail_forget(&t, 100);
	assert_int_equal(t.n, 0);
	assert_int_equal(trail_since(&t, 0), 0);
	trail_push(&t, 110, 0, 11000);
	assert_int_equal(trail_since(&t, 100), 11000);
}

/* One step a second: position n was reached at n seconds. */
static void
test_long(void **state)
{
	struct trail t = { 0 };
	int64_t now = 0;

	(void)state;
	for (unsigned i = 1; i <= 100000; i++) {
		now += 1000;
		trail_push(&t, i, 0, now);
		assert_true(t.n <= TRAIL_MAX);
		if (i % 97 != 0 && i > 300)
			continue;
		for (unsigned pos = 0; pos < i; pos += 1 + i / 200) {
			int64_t truth = (pos + 1) * 1000ll;
			int64_t since = trail_since(&t, pos);

			assert_true(since > 0 && since <= truth);
			assert_true((truth - since) * 7 <=
			    now - truth + 1000);
		}
		assert_int_equal(trail_since(&t, i), 0);
		assert_int_equal(trail_since(&t, 0), 1000);
	}
}

/* The first to be merged are those whose difference matters least. */
static void
test_full(void **state)
{
	struct trail t = { 0 };

	(void)state;
	for (unsigned i = 1; i <= TRAIL_MAX; i++)
		trail_push(&t, i, 0, i * 1000);
	assert_int_equal(t.n, TRAIL_MAX);
	for (unsigned i = 0; i < TRAIL_MAX; i++)
		assert_int_equal(trail_since(&t, i), (i + 1) * 1000);
	trail_push(&t, TRAIL_MAX + 1, 0, (TRAIL_MAX + 1) * 1000);
	assert_int_equal(t.n, TRAIL_MAX);
	assert_int_equal(trail_since(&t, 0), 1000);
	assert_int_equal(trail_since(&t, 1), 1000);
	for (unsigned i = 2; i <= TRAIL_MAX; i++)
		assert_int_equal(trail_since(&t, i), (i + 1) * 1000);
}

/* All at once, and then no more for a day. */
static void
test_burst(void **state)
{
	struct trail t = { 0 };

	(void)state;
	trail_push(&t, 1, 0, 1000);
	for (unsigned i = 2; i <= 10 * TRAIL_MAX; i++)
		trail_push(&t, i, 0, 5000);
	trail_push(&t, 5000, 0, 86400000);
	assert_int_equal(trail_since(&t, 0), 1000);
	assert_int_equal(trail_since(&t, 1), 5000);
	assert_int_equal(trail_since(&t, 1280), 86400000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_since), cmocka_unit_test(test_forget),
		cmocka_unit_test(test_long), cmocka_unit_test(test_full),
		cmocka_unit_test(test_burst),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
