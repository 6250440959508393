/*
 * clean: what strangers may not put into a message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/clean.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define BAD		"\xef\xbf\xbd"

static const struct {
	const char	*from, *to;
} rows[] = {
	{ "", "" },
	{ "app \"one\" & <two>", "app \"one\" & <two>" },
	{ "a\nb\tc\rd\x1b[31m\x7f",
	    "a" BAD "b" BAD "c" BAD "d" BAD "[31m" BAD },
	{ "\xc2\x80\xc2\x9f\xc2\xa0", BAD BAD "\xc2\xa0" },	/* C1 */
	{ "a\xff\xfe", "a" BAD BAD },				/* not UTF-8 */
	{ "\xed\xa0\x80", BAD BAD BAD },			/* surrogate */
	/* U+200D and U+200E, U+200F; U+2027, U+2028 to U+202E, U+202F */
	{ "\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90",
	    "\xe2\x80\x8d" BAD BAD "\xe2\x80\x90" },
	{ "\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xab"
	    "\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae\xe2\x80\xaf",
	    "\xe2\x80\xa7" BAD BAD BAD BAD BAD BAD BAD "\xe2\x80\xaf" },
	/* U+2065, U+2066 to U+2069, U+206A */
	{ "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9"
	    "\xe2\x81\xaa", "\xe2\x81\xa5" BAD BAD BAD BAD "\xe2\x81\xaa" },
	/* U+061C; Arabic letters themselves stay, and so do other words. */
	{ "\xd8\x9c\xd8\xa7 \xd7\xa9 \xe4\xb8\xad \xf0\x9f\x94\xa5",
	    BAD "\xd8\xa7 \xd7\xa9 \xe4\xb8\xad \xf0\x9f\x94\xa5" },
};

static void
test_replaces(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *to = clean_copy(rows[i].from, 1024);

		assert_string_equal(to, rows[i].to);
		assert_true(clean_is(to, 1024));
		assert_int_equal(clean_is(rows[i].from, 1024),
		    strcmp(rows[i].from, rows[i].to) == 0);
		free(to);
	}
}

/* At every length: no more, and no half of a character. */
static void
test_cuts(void **state)
{
	const char text[] = "a\xd8\xa7\xe2\x80\xae\xf0\x9f\x94\xa5z";

	(void)state;
	for (size_t max = 0; max < sizeof text + 2; max++) {
		char *to = clean_copy(text, max);

		assert_true(strlen(to) <= max);
		assert_true(clean_is(to, max));
		assert_int_equal(clean_fit(to, 100), strlen(to));
		free(to);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replaces),
		cmocka_unit_test(test_cuts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
