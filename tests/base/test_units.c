/*
 * units: what people write, what they are told, and what they read.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/units.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))

static const struct {
	enum unit	 unit;
	const char	*text;
	double		 value;		/* NAN: it is an error */
} parses[] = {
	{ UNIT_NONE,	"4000",		4000 },
	{ UNIT_NONE,	" 0.5 ",	0.5 },
	{ UNIT_NONE,	"4000 frames",	NAN },
	{ UNIT_NONE,	"1 2",		NAN },
	{ UNIT_BYTES,	"10 GB",	10e9 },
	{ UNIT_BYTES,	"64 MiB",	67108864 },
	{ UNIT_BYTES,	"64MiB",	67108864 },
	{ UNIT_BYTES,	"1.5 TiB",	1649267441664.0 },
	{ UNIT_BYTES,	"512",		512 },
	{ UNIT_BYTES,	"512 B",	512 },
	{ UNIT_BYTES,	"2 kB",		2000 },
	{ UNIT_BYTES,	"2 KB",		2000 },
	{ UNIT_BYTES,	"10 gb",	NAN },
	{ UNIT_BYTES,	"10 GB/s",	NAN },
	{ UNIT_BYTES,	"5m",		NAN },
	{ UNIT_BYTES,	"10 GB 5 MB",	NAN },
	{ UNIT_SECONDS,	"5m",		300 },
	{ UNIT_SECONDS,	"1h30m",	5400 },
	{ UNIT_SECONDS,	"1h 30m",	5400 },
	{ UNIT_SECONDS,	"250ms",	0.25 },
	{ UNIT_SECONDS,	"1.5h",		5400 },
	{ UNIT_SECONDS,	"7d",		604800 },
	{ UNIT_SECONDS,	"2w",		1209600 },
	{ UNIT_SECONDS,	"90",		90 },
	{ UNIT_SECONDS,	"30m1h",	NAN },
	{ UNIT_SECONDS,	"5m5m",		NAN },
	{ UNIT_SECONDS,	"5m 3",		NAN },
	{ UNIT_SECONDS,	"5 3",		NAN },
	{ UNIT_SECONDS,	"5 parsecs",	NAN },
	{ UNIT_PER_SECOND, "50/s",	50 },
	{ UNIT_PER_SECOND, "50 /s",	50 },
	{ UNIT_PER_SECOND, "60/m",	1 },
	{ UNIT_PER_SECOND, "50",	50 },
	{ UNIT_PER_SECOND, "50s",	NAN },
	{ UNIT_BYTES_PER_SECOND, "2 MB/s",	2e6 },
	{ UNIT_BYTES_PER_SECOND, "1 MiB/s",	1048576 },
	{ UNIT_BYTES_PER_SECOND, "2 MB",	NAN },
	{ UNIT_RATIO,	"80%",		0.8 },
	{ UNIT_RATIO,	"80 %",		0.8 },
	{ UNIT_RATIO,	"0.8",		0.8 },
	{ UNIT_RATIO,	"80%%",		NAN },
	{ UNIT_NONE,	"",		NAN },
	{ UNIT_NONE,	"-5",		NAN },
	{ UNIT_NONE,	"+5",		NAN },
	{ UNIT_NONE,	"inf",		NAN },
	{ UNIT_NONE,	"nan",		NAN },
	{ UNIT_NONE,	"0x10",		NAN },
	{ UNIT_NONE,	"1e3",		NAN },
	{ UNIT_NONE,	"1.2.3",	NAN },
	{ UNIT_NONE,	".",		NAN },
	{ UNIT_SECONDS,	"m",		NAN },
};

static void
test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(parses); i++) {
		struct err e = { "" };
		double v = -1;
		int rc = unit_parse(&v, parses[i].unit, parses[i].text, &e);

		if (isnan(parses[i].value)) {
			if (rc != -1)
				fail_msg("\"%s\" is taken", parses[i].text);
			assert_true(v < 0);
			assert_true(strlen(e.text) > 10);
			continue;
		}
		if (rc == -1)
			fail_msg("%s", e.text);
		if (fabs(v - parses[i].value) > 1e-9 * parses[i].value)
			fail_msg("\"%s\" is %f", parses[i].text, v);
	}
}

static void
test_huge_numbers_are_errors(void **state)
{
	char digits[400];
	struct err e;
	double v;

	(void)state;
	memset(digits, '9', sizeof digits - 1);
	digits[sizeof digits - 1] = '\0';
	assert_int_equal(unit_parse(&v, UNIT_BYTES, digits, &e), -1);
	assert_true(strlen(e.text) < 200);
}

static void
test_errors_are_sentences(void **state)
{
	struct err e;
	double v;

	(void)state;
	assert_int_equal(unit_parse(&v, UNIT_SECONDS, "5 parsecs", &e), -1);
	assert_string_equal(e.text, "\"5 parsecs\" is not a duration: write it "
	    "as in \"5m\"; units: ms s m h d w");
	assert_int_equal(unit_parse(&v, UNIT_NONE, "many", &e), -1);
	assert_string_equal(e.text, "\"many\" is not a plain number: write it "
	    "as in \"4000\"");
}

static const struct {
	const char	*text;
	int64_t		 ms;		/* -1: an error */
} durations[] = {
	{ "250ms",	250 },
	{ "5s",		5000 },
	{ "5m",		300000 },
	{ "1h30m",	5400000 },
	{ "7d",		604800000 },
	{ "0",		0 },
	{ "0s",		0 },
	{ "5",		-1 },
	{ "",		-1 },
	{ "5 MB",	-1 },
	{ "200000d",	-1 },
	{ "-5s",	-1 },
};

static void
test_durations(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(durations); i++) {
		struct err e = { "" };
		int64_t ms = -1;
		int rc = unit_parse_ms(&ms, durations[i].text, &e);

		assert_int_equal(ms, durations[i].ms);
		assert_int_equal(rc, durations[i].ms == -1 ? -1 : 0);
		assert_int_equal(rc == -1, e.text[0] != '\0');
	}
}

static const struct {
	enum unit	 unit;
	double		 value;
	const char	*text;
} prints[] = {
	{ UNIT_NONE,	4000,		"4000" },
	{ UNIT_NONE,	0,		"0" },
	{ UNIT_NONE,	1.5,		"1.50" },
	{ UNIT_NONE,	-3,		"-3" },
	{ UNIT_BYTES,	0,		"0 B" },
	{ UNIT_BYTES,	512,		"512 B" },
	{ UNIT_BYTES,	999,		"999 B" },
	{ UNIT_BYTES,	1000,		"1.00 kB" },
	{ UNIT_BYTES,	1.5e9,		"1.50 GB" },
	{ UNIT_BYTES,	999.9e3,	"1.00 MB" },
	{ UNIT_BYTES,	9.996e6,	"10.0 MB" },
	{ UNIT_BYTES,	67108864,	"67.1 MB" },
	{ UNIT_BYTES,	4e15,		"4000 TB" },
	{ UNIT_SECONDS,	0,		"0s" },
	{ UNIT_SECONDS,	0.25,		"250ms" },
	{ UNIT_SECONDS,	0.0004,		"0.4ms" },
	{ UNIT_SECONDS,	6.2,		"6.2s" },
	{ UNIT_SECONDS,	59.97,		"1m" },
	{ UNIT_SECONDS,	250,		"4m 10s" },
	{ UNIT_SECONDS,	300,		"5m" },
	{ UNIT_SECONDS,	3599.8,		"1h" },
	{ UNIT_SECONDS,	3599,		"59m 59s" },
	{ UNIT_SECONDS,	86399,		"23h 59m" },
	{ UNIT_SECONDS,	5400,		"1h 30m" },
	{ UNIT_SECONDS,	183600,		"2d 3h" },
	{ UNIT_SECONDS,	1e300,		"1e+300s" },
	{ UNIT_PER_SECOND, 62,		"62.0/s" },
	{ UNIT_PER_SECOND, 0,		"0/s" },
	{ UNIT_PER_SECOND, 0.05,	"0.05/s" },
	{ UNIT_PER_SECOND, 0.0012,	"0.0012/s" },
	{ UNIT_PER_SECOND, 1250,	"1250/s" },
	{ UNIT_BYTES_PER_SECOND, 2.5e6,	"2.50 MB/s" },
	{ UNIT_BYTES_PER_SECOND, 20,	"20 B/s" },
	{ UNIT_RATIO,	0.8,		"80.0%" },
	{ UNIT_RATIO,	1,		"100%" },
	{ UNIT_RATIO,	0.034,		"3.40%" },
	{ UNIT_RATIO,	0,		"0%" },
	{ UNIT_BYTES,	-1.5e9,		"-1.50 GB" },
	{ UNIT_BYTES,	1e300,		"1e+288 TB" },
	{ UNIT_BYTES,	NAN,		"unknown" },
	{ UNIT_SECONDS,	INFINITY,	"unknown" },
};

static void
test_print(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(prints); i++) {
		char text[UNIT_TEXT_MAX];

		assert_ptr_equal(unit_print(text, prints[i].unit,
		    prints[i].value), text);
		assert_string_equal(text, prints[i].text);
	}
}

/* What is printed can be pasted into a rule. */
static void
test_round_trip(void **state)
{
	static const double values[] = { 0, 1, 12, 300, 4711, 1e6, 86400e1 };

	(void)state;
	for (int u = UNIT_NONE; u <= UNIT_RATIO; u++)
		for (size_t i = 0; i < COUNT(values); i++) {
			char text[UNIT_TEXT_MAX];
			struct err e = { "" };
			double back;

			unit_print(text, (enum unit)u, values[i]);
			if (unit_parse(&back, (enum unit)u, text, &e) == -1)
				fail_msg("%s", e.text);
			assert_true(fabs(back - values[i]) <=
			    values[i] * 0.02);
		}
}

static void
test_flags(void **state)
{
	(void)state;
	assert_int_equal(unit_flag("yes"), 1);
	assert_int_equal(unit_flag("TRUE"), 1);
	assert_int_equal(unit_flag("on"), 1);
	assert_int_equal(unit_flag("0"), 0);
	assert_int_equal(unit_flag("off"), 0);
	assert_int_equal(unit_flag("2"), -1);
	assert_int_equal(unit_flag(""), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_huge_numbers_are_errors),
		cmocka_unit_test(test_errors_are_sentences),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_flags),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
