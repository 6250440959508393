/*
 * A buf holds what it was given, up to its limit and not a byte more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void
test_appends(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_null(b.data);
	buf_adds(&b, "");
	buf_add(&b, NULL, 0);
	assert_string_equal(b.data, "");
	buf_adds(&b, "one ");
	buf_addf(&b, "%d %s ", 2, "three");
	buf_add(&b, "four and more", 4);
	assert_string_equal(b.data, "one 2 three four");
	assert_int_equal(b.len, strlen(b.data));
	assert_true(buf_ok(&b));
	buf_free(&b);
	assert_null(b.data);
	buf_adds(&b, "again");		/* the limit is still there */
	assert_string_equal(b.data, "again");
	buf_free(&b);
}

static void
test_growth(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 50000; i++)
		buf_addf(&b, "%05d ", i);
	assert_true(buf_ok(&b));
	assert_int_equal(b.len, 300000);
	assert_memory_equal(b.data + 6 * 49999, "49999 ", 7);
	assert_true(b.cap <= 2 * b.len);
	buf_free(&b);
}

static void
test_limit(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	buf_adds(&b, "12345678");	/* as many as the limit */
	assert_true(buf_ok(&b));
	buf_adds(&b, "");
	assert_true(buf_ok(&b));
	buf_adds(&b, "9");
	assert_false(buf_ok(&b));
	assert_string_equal(b.data, "12345678");
	buf_free(&b);
	assert_true(buf_ok(&b));
	buf_adds(&b, "1234");
	buf_addf(&b, "%s", "56789");	/* all or nothing */
	assert_false(buf_ok(&b));
	assert_string_equal(b.data, "1234");
	buf_adds(&b, "5");		/* nothing follows an overflow */
	buf_addf(&b, "5");
	assert_string_equal(b.data, "1234");
	assert_int_equal(b.len, 4);
	buf_free(&b);
	buf_init(&b, 0);
	buf_adds(&b, "x");
	assert_false(buf_ok(&b));
	buf_free(&b);
}

static void
test_bytes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_add(&b, "a\0b", 3);
	buf_addf(&b, "%s", "c");
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, "a\0bc", 5);
	buf_free(&b);
}

static void
test_take(void **state)
{
	struct buf b;
	char *text;

	(void)state;
	buf_init(&b, 100);
	text = buf_take(&b);
	assert_string_equal(text, "");
	free(text);
	buf_adds(&b, "mine");
	text = buf_take(&b);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	buf_adds(&b, "yours");
	assert_string_equal(text, "mine");
	assert_string_equal(b.data, "yours");
	free(text);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appends),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_take),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
