/*
 * Durations as Go's time.ParseDuration reads them.
 */
#include "tests/litestream/plans.h"

#include "litestream/duration.h"

#define NONE	INT64_MIN

static void
test_duration(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} rows[] = {
		{ "10s", 10000000000 },
		{ "1m30s", 90000000000 },
		{ "1.5h", 5400000000000 },
		{ "500ms", 500000000 },
		{ "0", 0 },
		{ "+5s", 5000000000 },
		{ "-5s", -5000000000 },
		{ "1h0m0.5s", 3600500000000 },
		{ "1us", 1000 },
		{ "1µs", 1000 },
		{ "1μs", 1000 },
		{ "100ns", 100 },
		{ ".5s", 500000000 },
		{ "1.s", 1000000000 },
		{ "", NONE },
		{ "s", NONE },
		{ "1", NONE },
		{ "10 s", NONE },
		{ "1x", NONE },
		{ "-", NONE },
		{ "+", NONE },
		{ ".s", NONE },
		{ "1..s", NONE },
		{ "1d", NONE },
		{ "1e3s", NONE },
		{ "9223372036854775807ns", 9223372036854775807 },
		{ "9223372036854775808ns", NONE },
		{ "2562047h47m16.854775807s", 9223372036854775807 },
		{ "2562048h", NONE },
		{ "0.1s", 100000000 },
		{ "0.000000001s", 1 },
		{ "1m1m", 120000000000 },
		{ "3000000h", NONE },
		{ "-0", 0 },
		{ "1.0000000000000000000001s", 1000000000 },
		{ "0x1s", NONE },
		{ " 1s", NONE },
		{ "1s ", NONE },
		{ "1S", NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t ns = NONE;

		assert_int_equal(duration_parse(rows[i].text, &ns),
		    rows[i].want != NONE);
		if (ns != rows[i].want)
			fail_msg("%s: %lld", rows[i].text, (long long)ns);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_duration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
