/*
 * test_range - times and stretches of time, as requests write them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/store/range.h"
#include "base/err.h"

#define NOW_S	1700000000

static const struct {
	const char	*text;
	int64_t		 want;		/* -1: not a time */
} times[] = {
	{ "0", 0 },
	{ "1700000000", 1700000000 },
	{ "1700000000.999", 1700000000 },
	{ "253402300799", 253402300799 },
	{ "253402300800", -1 },
	{ "99999999999999999999999999", -1 },
	{ "1700000000.", -1 },
	{ "1e9", -1 },
	{ " 1", -1 },
	{ "", -1 },
	{ "1970-01-01T00:00:00Z", 0 },
	{ "2023-11-14T22:13:20Z", 1700000000 },
	{ "2023-11-14t22:13:20z", 1700000000 },
	{ "2023-11-14 22:13:20Z", 1700000000 },
	{ "2023-11-14T22:13:20.123456789Z", 1700000000 },
	{ "2023-11-14T23:13:20+01:00", 1700000000 },
	{ "2023-11-14T23:13:20 01:00", 1700000000 },
	{ "2023-11-14T16:43:20-05:30", 1700000000 },
	{ "2024-02-29T00:00:00Z", 1709164800 },
	{ "2023-02-29T00:00:00Z", -1 },
	{ "2023-04-31T00:00:00Z", -1 },
	{ "2016-12-31T23:59:60Z", 1483228800 },
	{ "2023-11-14T22:13:20", -1 },
	{ "2023-11-14T22:13Z", -1 },
	{ "2023-11-14", -1 },
	{ "2023-13-14T22:13:20Z", -1 },
	{ "2023-00-14T22:13:20Z", -1 },
	{ "2023-11-14T24:00:00Z", -1 },
	{ "2023-11-14T22:13:20Zulu", -1 },
	{ "2023-11-14T22:13:20.Z", -1 },
	{ "2023-11-14T22:13:20+24:00", -1 },
	{ "2023-11-14T22:13:20+01", -1 },
	{ "1970-01-01T00:00:00+01:00", -1 },
	{ "1969-12-31T23:59:59Z", -1 },
};

static void
times_are_read(void **state)
{
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		int64_t got = -1;

		if (range_time(&got, times[i].text, &e) == -1)
			assert_int_equal(got, -1);
		if (got != times[i].want)
			fail_msg("%s: %lld", times[i].text, (long long)got);
	}
}

static const struct {
	const char	*what, *from, *to, *step;
	struct range	 want;		/* from -1: refused */
} ranges[] = {
	{ "nothing said: the last hour", NULL, NULL, NULL,
	    { NOW_S - 3600, NOW_S, 0 } },
	{ "until then: the hour before", NULL, "1600000000", NULL,
	    { 1600000000 - 3600, 1600000000, 0 } },
	{ "near the beginning of time", NULL, "60", NULL, { 0, 60, 0 } },
	{ "from then until now", "1699999000", NULL, "10s",
	    { 1699999000, NOW_S, 10 } },
	{ "a moment", "1600000000", "1600000000", "5m",
	    { 1600000000, 1600000000, 300 } },
	{ "a step in seconds", NULL, NULL, "120",
	    { NOW_S - 3600, NOW_S, 120 } },
	{ "any step", NULL, NULL, "0", { NOW_S - 3600, NOW_S, 0 } },
	{ "just not too many", "0", "109990", "10", { 0, 109990, 10 } },
	{ "one too many", "0", "110000", "10", { -1, 0, 0 } },
	{ "from the future", "1800000000", NULL, NULL, { -1, 0, 0 } },
	{ "a step that fits nothing", NULL, NULL, "15s", { -1, 0, 0 } },
	{ "a step of a hundred years", NULL, NULL, "99999999999999",
	    { -1, 0, 0 } },
	{ "a step below 0", NULL, NULL, "-10", { -1, 0, 0 } },
};

static void
ranges_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		struct range r = { -1, 0, 0 };
		struct err e;

		(void)range_parse(&r, ranges[i].from, ranges[i].to,
		    ranges[i].step, NOW_S, &e);
		if (r.from_s != ranges[i].want.from_s ||
		    r.to_s != ranges[i].want.to_s ||
		    r.step_s != ranges[i].want.step_s)
			fail_msg("%s", ranges[i].what);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(ranges_are_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
