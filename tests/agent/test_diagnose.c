/*
 * Diagnoses: each pattern is recognised, says its figures, and is not taken for
 * another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/diagnose.h"

#define NOW	1700000000000
#define SETS	6
#define AGO(s)	(NOW - (int64_t)((s) * 1000))

struct set {
	enum measure_id	 id;
	double		 value;
};

static const struct {
	const char	*why;
	struct set	 sets[SETS];
	size_t		 n;
	struct culprit	 culprits[HOLD_COUNT];
	const char	*names;		/* with a space behind each */
	const char	*says[4];	/* in the first one's text */
} rows[] = {
	{ .why = "nothing is known", .names = "" },
	{
		.why = "all is well", .n = 5, .names = "",
		.sets = { { MEASURE_WRITE_LOCK_BUSY, 0.02 },
		    { MEASURE_WRITER_HOLD_MAX, 0.04 },
		    { MEASURE_BUSY_UNSLEPT, 0 },
		    { MEASURE_FSYNC_TIME, 0.001 },
		    { MEASURE_BUSY_RETRIES, 2 } },
		.culprits = { [HOLD_WRITER] = { 9, AGO(0.05), "app" } },
	}, {
		.why = "one writer holds on", .names = "long-writer ",
		.culprits = { [HOLD_WRITER] = { 9001, AGO(6.2), "rake import" }
		    },
		.says = { "PID 9001 (rake import)", "6.2", "write lock" },
	}, {
		.why = "it held on a while ago", .n = 1,
		.sets = { { MEASURE_WRITER_HOLD_MAX, 3 } },
		.names = "long-writer ",
		.says = { "for 3s within", "5 minutes" },
	}, {
		.why = "a checkpoint does, behind a reader",
		.names = "checkpoint-blocks-writers ",
		.culprits = {
			[HOLD_WRITER] = { 771, AGO(11), "litestream" },
			[HOLD_CHECKPOINT] = { 771, AGO(11), "litestream" },
			[HOLD_READER] = { 8123, AGO(900), "puma" },
		},
		.says = { "11s", "PID 771 (litestream)", "PID 8123 (puma)" },
	}, {
		.why = "an autocheckpoint beside somebody's writing",
		.names = "long-writer ",
		.culprits = {
			[HOLD_WRITER] = { 9, AGO(2), "app" },
			[HOLD_CHECKPOINT] = { 10, AGO(2), "other" },
		},
		.says = { "PID 9 (app)" },
	}, {
		.why = "in another container", .names = "long-writer ",
		.culprits = { [HOLD_WRITER] = { 0, AGO(2), "" } },
		.says = { "another container" },
	}, {
		.why = "nobody waits", .n = 1,
		.sets = { { MEASURE_BUSY_UNSLEPT, 0.97 } },
		.names = "no-busy-timeout ", .says = { "97", "likely" },
	}, {
		.why = "some wait in other ways", .n = 1,
		.sets = { { MEASURE_BUSY_UNSLEPT, 0.3 } }, .names = "",
	}, {
		.why = "a slow disk", .n = 2,
		.sets = { { MEASURE_FSYNC_TIME, 0.173 },
		    { MEASURE_WRITE_RATE, 9 } },
		.names = "slow-fsync ",
		.says = { "173", "5.78/s", "9.00/s" },
	}, {
		.why = "two at once, the graver first", .n = 1,
		.sets = { { MEASURE_FSYNC_TIME, 0.173 } },
		.culprits = { [HOLD_WRITER] = { 9, AGO(2), "app" } },
		.names = "long-writer slow-fsync ",
	},
};

static void
all_unknown(double values[MEASURE_COUNT])
{
	for (int i = 0; i < MEASURE_COUNT; i++)
		values[i] = (double)NAN;
}

static void
join(char *text, size_t size, const struct diagnosis *found, size_t n)
{
	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		size_t k = strlen(text);

		(void)snprintf(text + k, size - k, "%s ", found[i].name);
	}
}

static void
test_patterns(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct diagnosis found[DIAGNOSES_MAX];
		double values[MEASURE_COUNT];
		char names[256];
		size_t n;

		all_unknown(values);
		for (size_t j = 0; j < rows[i].n; j++)
			values[rows[i].sets[j].id] = rows[i].sets[j].value;
		n = diagnose(values, rows[i].culprits, NOW, found);
		join(names, sizeof names, found, n);
		if (strcmp(names, rows[i].names) != 0)
			fail_msg("%s: \"%s\"", rows[i].why, names);
		for (size_t j = 0; n > 0 && j < 4 && rows[i].says[j]; j++)
			if (strstr(found[0].text, rows[i].says[j]) == NULL)
				fail_msg("%s: not in it: \"%s\": %s",
				    rows[i].why, rows[i].says[j],
				    found[0].text);
	}
}

/* These come from the probe, so their measures may not be there. */
static void
test_snapshot_upgrade(void **state)
{
	static const struct culprit nobody[HOLD_COUNT];
	int refusals = measure_find("snapshot_refusals");
	struct diagnosis found[DIAGNOSES_MAX];
	double values[MEASURE_COUNT];

	(void)state;
	all_unknown(values);
	values[MEASURE_WRITE_LOCK_BUSY] = 0.013;
	values[MEASURE_WRITER_HOLD_MAX] = 0.04;
	if (refusals == -1) {
		assert_int_equal(diagnose(values, nobody, NOW, found), 0);
		return;
	}
	values[refusals] = 0.06;
	assert_int_equal(diagnose(values, nobody, NOW, found), 1);
	assert_string_equal(found[0].name, "snapshot-upgrade");
	assert_non_null(strstr(found[0].text, "98.7%"));
	assert_non_null(strstr(found[0].next_step, "BEGIN IMMEDIATE"));
	/* Nor has the kernel seen it wait for a taken lock. */
	values[MEASURE_BUSY_UNSLEPT] = 0.97;
	assert_int_equal(diagnose(values, nobody, NOW, found), 1);
	assert_string_equal(found[0].name, "snapshot-upgrade");
	values[MEASURE_BUSY_UNSLEPT] = (double)NAN;
	/* Under load it may be that, or not: nothing is said. */
	values[MEASURE_WRITE_LOCK_BUSY] = 0.9;
	assert_int_equal(diagnose(values, nobody, NOW, found), 0);
}

/* The longest sentence has room. */
static void
test_room(void **state)
{
	struct culprit c[HOLD_COUNT];
	struct diagnosis found[DIAGNOSES_MAX];
	double values[MEASURE_COUNT];
	size_t n;

	(void)state;
	for (int i = 0; i < MEASURE_COUNT; i++)
		values[i] = 123456.789;
	for (int i = 0; i < HOLD_COUNT; i++) {
		c[i] = (struct culprit){ INT64_MAX, AGO(1e6), "" };
		memset(c[i].command, 'x', sizeof c[i].command - 1);
	}
	n = diagnose(values, c, NOW, found);
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++)
		assert_true(strlen(found[i].text) < DIAGNOSIS_TEXT_MAX - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_snapshot_upgrade),
		cmocka_unit_test(test_room),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
