/*
 * measure: the table is whole, and says nothing that could hurt.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/measure.h"

static void
test_names(void **state)
{
	(void)state;
	for (int i = 0; i < MEASURE_COUNT; i++) {
		const char *name = measures[i].name;

		assert_non_null(name);
		assert_true(strspn(name, "abcdefghijklmnopqrstuvwxyz_") ==
		    strlen(name));
		assert_int_equal(measure_find(name), i);
	}
	assert_int_equal(measure_find("wrte_rate"), -1);
	assert_int_equal(measure_find(""), -1);
}

static void
check_sentence(const char *text)
{
	size_t n;

	assert_non_null(text);
	n = strlen(text);
	assert_true(n > 10 && n < 300);
	assert_int_equal(text[n - 1], '.');
	assert_true(isupper((unsigned char)text[0]) ||
	    isdigit((unsigned char)text[0]) ||
	    strncmp(text, "VACUUM", 6) == 0);
	assert_null(strstr(text, ". "));
	assert_null(strstr(text, "kill"));
	assert_null(strstr(text, "rm "));
	assert_null(strstr(text, "elete the"));
	assert_null(strstr(text, "delete -wal"));
}

static void
test_texts(void **state)
{
	(void)state;
	for (int i = 0; i < MEASURE_COUNT; i++) {
		check_sentence(measures[i].help);
		check_sentence(measures[i].cause);
		check_sentence(measures[i].next_step);
	}
}

/* What each way of making a measure needs. */
static const struct {
	enum measure_how	 how;
	int			 metric, other;
} needs[] = {
	{ HOW_VALUE,		1, 0 },
	{ HOW_LEAST,		1, 0 },
	{ HOW_RATE,		1, 0 },
	{ HOW_DIFFERENCE,	1, 1 },
	{ HOW_RATIO,		1, 1 },
	{ HOW_AGE,		1, 0 },
	{ HOW_HOLD,		0, 0 },
	{ HOW_LATE,		0, 0 },
};

static void
test_how(void **state)
{
	(void)state;
	for (int i = 0; i < MEASURE_COUNT; i++) {
		const struct measure *m = &measures[i];

		assert_int_equal(needs[m->how].how, m->how);
		assert_int_equal(m->metric != NULL, needs[m->how].metric);
		assert_int_equal(m->other != NULL, needs[m->how].other);
		assert_true(m->culprit <= HOLD_COUNT);
		if (m->how == HOW_HOLD)
			assert_true(m->culprit < HOLD_COUNT);
		if (m->how == HOW_RATE)
			assert_non_null(strstr(m->metric, "_total"));
	}
}

/* The family says its unit at its end: the measure must agree. */
static const struct {
	const char	*end;
	enum unit	 unit;
} units[] = {
	{ "_bytes_total",	UNIT_BYTES_PER_SECOND },
	{ "_seconds_total",	UNIT_RATIO },
	{ "_total",		UNIT_PER_SECOND },
	{ "_per_second",	UNIT_PER_SECOND },
	{ "_ratio",		UNIT_RATIO },
	{ "_busy_error",	UNIT_RATIO },
	{ "_seconds",		UNIT_SECONDS },
	{ "_bytes",		UNIT_BYTES },
	{ "",			UNIT_NONE },
};

static void
test_units(void **state)
{
	(void)state;
	for (int i = 0; i < MEASURE_COUNT; i++) {
		const struct measure *m = &measures[i];
		size_t k = 0, n;

		if (m->metric == NULL || m->how == HOW_RATIO)
			continue;
		n = strlen(m->metric);
		while (n < strlen(units[k].end) ||
		    strcmp(m->metric + n - strlen(units[k].end),
		    units[k].end) != 0)
			k++;
		assert_int_equal(m->unit, units[k].unit);
	}
	assert_int_equal(measures[MEASURE_DISK_FREE_RATIO].unit, UNIT_RATIO);
	assert_int_equal(measures[MEASURE_WRITER_HOLD].unit, UNIT_SECONDS);
	assert_int_equal(measures[MEASURE_SAMPLE_LATE].unit, UNIT_SECONDS);
}

/* What people are told of a measure, and what rules believe of it. */
static void
test_ranges(void **state)
{
	(void)state;
	for (int i = 0; i < MEASURE_COUNT; i++) {
		const struct measure *m = &measures[i];
		enum measure_range range = measure_range((enum measure_id)i);

		print_message("# %s\n", m->name);
		assert_int_equal(range == RANGE_FLAG,
		    strncmp(m->help, "1 when ", 7) == 0);
		if (range == RANGE_FLAG)
			assert_int_equal(m->unit, UNIT_NONE);
		else
			assert_int_equal(range == RANGE_SHARE,
			    m->unit == UNIT_RATIO &&
			    strstr(m->help, "above 100%") == NULL);
	}
}

static void
test_advice_is_not_a_limit(void **state)
{
	(void)state;
	assert_non_null(strstr(measures[MEASURE_WRITE_RATE].cause,
	    "not a limit of SQLite"));
	assert_non_null(strstr(measures[MEASURE_DATABASE_SIZE].cause,
	    "not a limit of SQLite"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_how),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_advice_is_not_a_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
