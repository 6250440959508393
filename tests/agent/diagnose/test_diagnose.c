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

#include "agent/diagnose/diagnose.h"

#define NOW	1700000000000
#define SETS	7
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
		.says = { "another PID namespace" },
	}, {
		.why = "nobody waits", .n = 1,
		.sets = { { MEASURE_BUSY_UNSLEPT, 0.97 } },
		.names = "no-busy-timeout ", .says = { "97", "likely" },
	}, {
		.why = "nor is it a snapshot: two causes", .n = 3,
		.sets = { { MEASURE_BUSY_TIMEOUTS, 2 },
		    { MEASURE_WRITE_LOCK_BUSY, 0.1 },
		    { MEASURE_WRITER_HOLD_MAX, 0.003 } },
		.names = "no-busy-timeout ",
		.says = { "is 0", "had read before" },
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
	}, {
		.why = "a read that stays, and all that waits came after",
		.n = 5, .names = "pinned-reader ",
		.sets = { { MEASURE_CHECKPOINT_LAG_FRAMES, 100586 },
		    { MEASURE_CHECKPOINT_LAG_BYTES, 412e6 },
		    { MEASURE_CHECKPOINT_LAG, 2815 },
		    { MEASURE_WRITTEN_BYTES, 150e3 },
		    { MEASURE_DISK_FREE, 1.71e9 } },
		.culprits = { [HOLD_READER] = { 8123, AGO(2820),
		    "puma: worker 2" } },
		.says = { "412 MB of commits", "PID 8123 (puma: worker 2)",
		    "for 47m", "at 150 kB/s the disk would be full in 3h 10m."
		    },
	}, {
		.why = "and nobody knows how much room there is",
		.n = 3, .names = "pinned-reader ",
		.sets = { { MEASURE_CHECKPOINT_LAG_FRAMES, 1000 },
		    { MEASURE_CHECKPOINT_LAG_BYTES, 4.1e6 },
		    { MEASURE_CHECKPOINT_LAG, 25 } },
		.culprits = { [HOLD_READER] = { 8123, AGO(10), "puma" } },
		.says = { "has held for 10s." },
	}, {
		.why = "what waits is older than the read", .n = 2,
		.sets = { { MEASURE_CHECKPOINT_LAG_FRAMES, 100586 },
		    { MEASURE_CHECKPOINT_LAG, 2815 } },
		.culprits = { [HOLD_READER] = { 8123, AGO(20), "puma" } },
		.names = "",
	}, {
		.why = "hardly anything waits", .n = 2,
		.sets = { { MEASURE_CHECKPOINT_LAG_FRAMES, 999 },
		    { MEASURE_CHECKPOINT_LAG, 60 } },
		.culprits = { [HOLD_READER] = { 8123, AGO(2820), "puma" } },
		.names = "",
	}, {
		.why = "Litestream always reads, but makes no checkpoint",
		.n = 2, .names = "litestream-only-checkpointer ",
		.sets = { { MEASURE_CHECKPOINT_LAG_FRAMES, 5000 },
		    { MEASURE_CHECKPOINT_LAG, 1320 } },
		.culprits = { [HOLD_READER] = { 771, AGO(90000),
		    "/usr/bin/litestream replicate" } },
		.says = { "which is normal", "PID 771", "5000 frames",
		    "waited for 22m" },
	}, {
		.why = "or will make one soon", .n = 2, .names = "",
		.sets = { { MEASURE_CHECKPOINT_LAG_FRAMES, 5000 },
		    { MEASURE_CHECKPOINT_LAG, 50 } },
		.culprits = { [HOLD_READER] = { 771, AGO(90000),
		    "litestream" } },
	}, {
		.why = "one read after the other", .n = 3,
		.sets = { { MEASURE_WAL_FRAMES, 250000 },
		    { MEASURE_CHECKPOINT_LAG_FRAMES, 14 },
		    { MEASURE_READERS, 2 } },
		.culprits = { [HOLD_READER] = { 8123, AGO(2.4), "puma" } },
		.names = "overlapping-readers ",
		.says = { "250000 frames", "all but 14", "reads for 2.4s",
		    "likely" },
	}, {
		.why = "the same, and the file is large: one word about it",
		.n = 4, .names = "overlapping-readers ",
		.sets = { { MEASURE_WAL_FRAMES, 250000 },
		    { MEASURE_CHECKPOINT_LAG_FRAMES, 14 },
		    { MEASURE_WAL_SIZE, 1.03e9 }, { MEASURE_READERS, 2 } },
	}, {
		.why = "a file that was large once", .n = 3,
		.sets = { { MEASURE_WAL_SIZE, 2.1e9 },
		    { MEASURE_CHECKPOINT_LAG_FRAMES, 14 },
		    { MEASURE_WAL_FRAMES, 300 } },
		.names = "wal-big-but-fine ",
		.says = { "2.10 GB", "only 14 frames", "not a fault" },
	}, {
		.why = "a file of which nothing else is known", .n = 1,
		.sets = { { MEASURE_WAL_SIZE, 2.1e9 } }, .names = "",
	}, {
		.why = "a copy that is behind", .n = 4,
		.sets = { { MEASURE_REPLICATION_OVERDUE, 22310 },
		    { MEASURE_REPLICATION_LAG, 22320 },
		    { MEASURE_REPLICATION_LAG_TRANSACTIONS, 18402 },
		    { MEASURE_REPLICA_UP, 1 } },
		.names = "backup-stale ",
		.says = { "6h 12m behind: 18402 commits", "likely" },
	}, {
		.why = "nobody knows by how many commits", .n = 2,
		.sets = { { MEASURE_REPLICATION_OVERDUE, 22310 },
		    { MEASURE_REPLICATION_LAG, 22320 } },
		.names = "backup-stale ", .says = { "is 6h 12m behind.  " },
	}, {
		.why = "one that nobody can look at may be fine", .n = 3,
		.sets = { { MEASURE_REPLICATION_OVERDUE, 22310 },
		    { MEASURE_REPLICATION_LAG, 22320 },
		    { MEASURE_REPLICA_UP, 0 } },
		.names = "",
	}, {
		.why = "a file of empty pages", .n = 2,
		.sets = { { MEASURE_DATABASE_SIZE, 29.7e9 },
		    { MEASURE_FREE_SIZE, 19.3e9 } },
		.names = "freelist ",
		.says = { "65.0% of the file", "29.7 GB", "itself is 10.4 GB"
		    },
	}, {
		.why = "a small one is not worth a word", .n = 2,
		.sets = { { MEASURE_DATABASE_SIZE, 50e6 },
		    { MEASURE_FREE_SIZE, 40e6 } },
		.names = "",
	}, {
		.why = "nor is a small share", .n = 2,
		.sets = { { MEASURE_DATABASE_SIZE, 1e9 },
		    { MEASURE_FREE_SIZE, 200e6 } },
		.names = "",
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
		/* What has other causes too is called likely. */
		for (size_t j = 0; j < n; j++)
			if (found[j].likely)
				assert_non_null(strstr(found[j].text,
				    "likely"));
	}
}

static void
test_snapshot_upgrade(void **state)
{
	static const struct culprit nobody[HOLD_COUNT];
	struct diagnosis found[DIAGNOSES_MAX];
	double values[MEASURE_COUNT];

	(void)state;
	all_unknown(values);
	values[MEASURE_WRITE_LOCK_BUSY] = 0.013;
	values[MEASURE_WRITER_HOLD_MAX] = 0.04;
	values[MEASURE_SNAPSHOT_REFUSALS] = 0.06;
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

/* Of two, each alert hears the gravest one that is about its measure. */
static const struct {
	enum measure_id	 id;
	const char	*name;		/* NULL: none is */
} abouts[] = {
	{ MEASURE_BUSY_RETRIES, "long-writer" },
	{ MEASURE_WRITER_HOLD, "long-writer" },
	{ MEASURE_FSYNC_TIME, "slow-fsync" },
	{ MEASURE_CHECKPOINT_LAG_BYTES, "pinned-reader" },
	{ MEASURE_WAL_SIZE, "pinned-reader" },
	{ MEASURE_OLDEST_READER_AGE, "pinned-reader" },
	{ MEASURE_DATABASE_SIZE, NULL },
	{ MEASURE_REPLICATION_LAG, NULL },
	{ MEASURE_UP, NULL },
	{ MEASURE_SAMPLE_LATE, NULL },
};

static void
test_about(void **state)
{
	const struct culprit c[HOLD_COUNT] = {
		[HOLD_WRITER] = { 9001, AGO(6.2), "rake" },
		[HOLD_READER] = { 8123, AGO(60), "puma" },
	};
	double values[MEASURE_COUNT];

	(void)state;
	all_unknown(values);
	values[MEASURE_FSYNC_TIME] = 0.173;
	values[MEASURE_CHECKPOINT_LAG] = 55;
	values[MEASURE_CHECKPOINT_LAG_FRAMES] = 4001;
	for (size_t i = 0; i < sizeof abouts / sizeof *abouts; i++) {
		struct diagnosis d = { .name = NULL };
		bool any = diagnose_about(abouts[i].id, values, c, NOW, &d);

		assert_int_equal(any, abouts[i].name != NULL);
		if (any)
			assert_string_equal(d.name, abouts[i].name);
	}
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
	values[MEASURE_FREE_SIZE] = values[MEASURE_DATABASE_SIZE] = 123e12;
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
		cmocka_unit_test(test_about),
		cmocka_unit_test(test_room),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
