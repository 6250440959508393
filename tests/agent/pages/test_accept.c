/*
 * test_accept - lists of what a client would like.
 *
 * Which format of /metrics follows from them is in test_expo.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/pages/accept.h"

static const struct {
	const char *header;
	bool welcome;
} encodings[] = {
	{ NULL, false },
	{ "", false },
	{ "gzip", true },
	{ "gzip;q=0.5, deflate", true },
	{ "deflate, GZIP", true },
	{ "gzip, deflate, br, zstd", true },
	{ "*", true },
	{ "*;q=0", false },
	{ "*, gzip;q=0", false },
	{ "gzip;q=0, *", false },
	{ "gzip;q=0.000", false },
	{ "gzip;q=0.001", true },
	{ "gzip; q=banana", false },
	{ "identity", false },
	{ "x-gzip", false },
	{ "gzipped", false },
};

static void
who_welcomes_gzip(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof encodings / sizeof encodings[0]; i++)
		if (accept_encoding(encodings[i].header, "gzip") !=
		    encodings[i].welcome)
			fail_msg("%s", encodings[i].header);
}

static const struct {
	const char *item;
	int q;
} weights[] = {
	{ "a", 1000 },
	{ "a;q=1", 1000 },
	{ "a;q=1.000", 1000 },
	{ "a;q=1.", 1000 },
	{ "a;q=0", 0 },
	{ "a;q=0.5", 500 },
	{ "a;q=0.05", 50 },
	{ "a;q=0.123", 123 },
	{ "a;q=0.12345", 123 },
	{ "a ; Q = 0.5", 1000 },	/* no blank may stand beside the = */
	{ "a ; Q=0.5 ", 500 },
	{ "a;q=\"0.5\"", 500 },
	{ "a;x=1;q=0.5;y=2", 500 },
	{ "a;xq=0.1;q=0.5", 500 },
	{ "a;q=0.1;q=0.5", 100 },
	{ "a;q=1.001", 0 },
	{ "a;q=2", 0 },
	{ "a;q=-1", 0 },
	{ "a;q=1e0", 0 },
	{ "a;q=", 0 },
	{ "a;q=nan", 0 },
	{ "a;q=0,5", 0 },
};

static void
how_welcome(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof weights / sizeof weights[0]; i++) {
		const char *at = weights[i].item;
		struct accept a;

		assert_true(accept_next(&at, &a));
		assert_true(accept_is(&a, "A"));
		if (a.q != weights[i].q)
			fail_msg("%s: %d", weights[i].item, a.q);
	}
}

static void
items_come_in_order(void **state)
{
	static const char list[] = " one;v=1 ,, two/x;q=0.5,\tthree ";
	const char *at = list;
	struct accept a;

	(void)state;
	assert_true(accept_next(&at, &a) && accept_is(&a, "one"));
	assert_true(accept_next(&at, &a) && accept_is(&a, "two/x"));
	assert_true(accept_next(&at, &a) && accept_is(&a, "three"));
	assert_false(accept_next(&at, &a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_welcomes_gzip),
		cmocka_unit_test(how_welcome),
		cmocka_unit_test(items_come_in_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
