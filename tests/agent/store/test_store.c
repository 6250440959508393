/*
 * test_store - databases by name, and the measures that follow from batches.
 *
 * Has a registry of its own: see rows.h.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/agent/rows.h"

static void
slots_are_numbered_over_all_tables(void **state)
{
	struct store *st = store_new(NULL);

	(void)state;
	assert_int_equal(store_slots(st), 13);
	assert_int_equal(store_slot(st, &file_rows[SIZE]), 0);
	assert_int_equal(store_slot(st, &write_rows[0]), 5);
	assert_int_equal(store_slot(st, &busy_rows[1]), 7);
	assert_int_equal(store_slot(st, &replica_rows[1]), 12);
	for (size_t i = 0; i < store_slots(st); i++)
		assert_int_equal(store_slot(st, store_metric(st, i)), i);
	store_free(st);
}

static void
a_database_is_unknown_until_it_is_seen(void **state)
{
	struct store *st = watching();
	const struct watched *w = store_find(st, "app");

	(void)state;
	assert_false(w->seen);
	assert_true(isnan(value(st, w, &file_rows[SIZE])));
	for (int i = 0; i < MEASURE_COUNT; i++)
		assert_true(isnan(w->measures[i]));
	store_free(st);
}

static void
a_batch_becomes_values_and_measures(void **state)
{
	struct store *st = watching();
	const struct watched *w = apply(st, full(0));

	(void)state;
	assert_true(w->seen);
	assert_true(value(st, w, &file_rows[SIZE]) == 4096);
	assert_true(w->measures[MEASURE_UP] == 1);
	assert_true(w->measures[MEASURE_DATABASE_SIZE] == 4096);
	assert_true(w->measures[MEASURE_LIVE_SIZE] == 3072);
	assert_true(isnan(w->measures[MEASURE_WRITE_RATE]));
	assert_true(isnan(w->measures[MEASURE_WAL_FRAMES]));
	assert_true(w->measures[MEASURE_REPLICATION_LAG] == 90);
	assert_true(w->measures[MEASURE_REPLICA_UP] == 0);
	assert_true(w->fared[0].ran && w->fared[0].ok);
	assert_int_equal(w->fared[3].took_us, 40);
	w = apply(st, full(1));
	assert_true(w->measures[MEASURE_WRITE_RATE] == 50);
	/* Two sources of one family: the better one. */
	assert_true(w->measures[MEASURE_BUSY_RETRIES] == 3);
	store_free(st);
}

/* The sources that counted by then, and which of their speeds (1, 3 and 2 a
 * second) is believed. */
static void
the_best_source_is_believed(void **state)
{
	static const struct {
		int	 sources, probes, traced;
		double	 want;
	} seconds[] = {
		{ 1, 0, 0, (double)NAN },
		{ 1, 0, 0, 1 },
		{ 2, 0, 1, 1 },	/* there, but not known yet */
		{ 2, 0, 1, 3 },
		{ 3, 1, 1, 3 },
		{ 3, 1, 1, 2 },	/* less, and better */
		{ 3, 0, 1, 3 },	/* the app has ended */
		{ 3, 0, 0, 1 },	/* the tracer, too */
		{ 3, 1, 0, 2 },
	};
	static const double speeds[] = { 1, 3, 2 };
	struct store *st = watching();

	(void)state;
	for (int s = 0; s < (int)(sizeof seconds / sizeof *seconds); s++) {
		struct batch *b = at(s);
		double got, want = seconds[s].want;

		for (int i = 0; i < seconds[s].sources; i++)
			batch_add(b, &busy_rows[i], s * speeds[i]);
		batch_add(b, &busy_rows[3], seconds[s].probes);
		batch_add(b, &busy_rows[4], seconds[s].traced);
		batch_report(b, &busy, 1, NULL);
		got = apply(st, b)->measures[MEASURE_BUSY_RETRIES];
		if (!(got == want || (isnan(got) && isnan(want))))
			fail_msg("second %d: %g, not %g", s, got, want);
	}
	store_free(st);
}

static void
ages_and_holds_are_counted_from_the_sample(void **state)
{
	struct store *st = watching();
	struct batch *b = full(0);
	const struct watched *w;

	(void)state;
	batch_add(b, &file_rows[OLDEST], WALL_S - 25);
	b->culprits[HOLD_WRITER] = (struct culprit){
		.pid = 7, .since_ms = WALL_MS - 1500, .command = "app",
	};
	w = apply(st, b);
	assert_true(w->measures[MEASURE_OLDEST_READER_AGE] == 25);
	assert_true(w->measures[MEASURE_WRITER_HOLD] == 1.5);
	b = full(1);
	batch_add(b, &file_rows[OLDEST], 0);
	w = apply(st, b);
	assert_true(w->measures[MEASURE_OLDEST_READER_AGE] == 0);
	assert_true(w->measures[MEASURE_WRITER_HOLD] == 0);
	store_free(st);
}

/* Once a second, as the loop does. */
static void
tick(struct store *st, int64_t from_ms, int64_t to_ms)
{
	for (int64_t at = from_ms; at <= to_ms; at += 1000)
		store_tick(st, at);
}

static void
lateness_grows_between_batches(void **state)
{
	struct store *st = watching();
	const struct watched *w = store_find(st, "app");
	const double *late = &w->measures[MEASURE_SAMPLE_LATE];

	(void)state;
	store_tick(st, 40000);		/* never seen: the wait begins */
	assert_true(*late == 0);
	tick(st, 41000, 46000);
	assert_true(*late == 5);
	tick(st, 47000, 49000);
	apply(st, full(0));		/* it came 10 s after the first tick */
	assert_true(*late == 9);
	apply(st, full(1));
	assert_true(*late == 0);
	tick(st, 49900, 51900);
	assert_true(*late == 0);
	tick(st, 53000, 55000);
	assert_true(*late == 3);
	apply(st, full(6));
	store_tick(st, 56100);
	assert_true(*late == 4);	/* it stays until the next one */
	store_free(st);
}

/* A machine that is frozen makes no database late, whoever comes first after
 * that; a disk that hangs meanwhile goes on to be late. */
static void
time_that_stood_still_is_not_late(void **state)
{
	struct store *st = watching();
	const struct watched *w = store_find(st, "app");
	const double *late = &w->measures[MEASURE_SAMPLE_LATE];

	(void)state;
	tick(st, 47000, 50000);
	apply(st, full(0));			/* of 50000 */
	tick(st, 51000, 52000);
	apply(st, full(60));			/* frozen for 58 s */
	assert_true(*late < 2);
	store_tick(st, 110010);
	assert_true(*late < 2);
	store_tick(st, 170000);			/* and again */
	assert_true(*late < 2);
	tick(st, 171000, 180000);		/* that was all of us */
	assert_true(*late > 8 && *late < 11);
	store_watch(st, "new", "/x", 1000);
	tick(st, 181000, 185000);
	assert_true(store_find(st, "new")->measures[MEASURE_SAMPLE_LATE] == 3);
	store_free(st);
}

static void
many_names_in_any_order(void **state)
{
	struct store *st = store_new(NULL);
	const struct watched *w;
	char name[32];
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof name, "db%03u", i * 389 % 1000);
		store_watch(st, name, "/x", 1000);
		assert_true(store_watch(st, name, "/y", 1) ==
		    store_find(st, name));
	}
	assert_int_equal(store_count(st), 1000);
	for (w = store_first(st); w != NULL; w = w->next) {
		(void)snprintf(name, sizeof name, "db%03zu", n++);
		assert_string_equal(w->name, name);
		assert_true(store_find(st, name) == w);
	}
	for (unsigned i = 0; i < 1000; i += 2) {
		(void)snprintf(name, sizeof name, "db%03u", i);
		store_forget(st, name);
		store_forget(st, name);
		assert_null(store_find(st, name));
	}
	assert_int_equal(store_count(st), 500);
	n = 1;
	for (w = store_first(st); w != NULL; w = w->next, n += 2) {
		(void)snprintf(name, sizeof name, "db%03zu", n);
		assert_string_equal(w->name, name);
		assert_true(store_find(st, name) == w);
	}
	assert_int_equal(n, 1001);
	store_free(st);
}

static void
what_is_not_watched_is_not_taken(void **state)
{
	struct store *st = store_new(NULL);
	struct batch *b = full(0);

	(void)state;
	assert_null(apply(st, full(0)));
	store_watch(st, "app", "/data/app.db", 1000);
	b->gone = true;
	assert_null(apply(st, b));
	assert_null(store_find(st, "app"));
	store_free(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_are_numbered_over_all_tables),
		cmocka_unit_test(a_database_is_unknown_until_it_is_seen),
		cmocka_unit_test(a_batch_becomes_values_and_measures),
		cmocka_unit_test(the_best_source_is_believed),
		cmocka_unit_test(ages_and_holds_are_counted_from_the_sample),
		cmocka_unit_test(lateness_grows_between_batches),
		cmocka_unit_test(time_that_stood_still_is_not_late),
		cmocka_unit_test(many_names_in_any_order),
		cmocka_unit_test(what_is_not_watched_is_not_taken),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
