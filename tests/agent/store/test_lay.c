/*
 * test_lay - batches laid over each other: what stays, what goes.
 *
 * Has a registry of its own: see rows.h.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/agent/rows.h"

static void
unchanged_keeps_all_and_rates_decay(void **state)
{
	struct store *st = watching();
	const struct watched *w = NULL;

	(void)state;
	apply(st, full(0));
	apply(st, full(10));
	for (int s = 11; s <= 20; s++) {
		struct batch *b = at(s);

		b->unchanged = true;
		w = apply(st, b);
	}
	assert_true(value(st, w, &file_rows[SIZE]) == 4096);
	assert_true(value(st, w, &write_rows[0]) == 1500);
	assert_true(w->measures[MEASURE_WRITE_RATE] == 0);
	assert_true(w->measures[MEASURE_REPLICATION_LAG] == 90);
	assert_int_equal(w->at_ms, WALL_MS + 20000);
	assert_true(w->fared[0].ok);
	store_free(st);
}

static void
what_is_not_said_again_goes_away(void **state)
{
	struct store *st = watching();
	struct batch *b = at(1);
	const struct watched *w;

	(void)state;
	apply(st, full(0));
	batch_add(b, &file_rows[SIZE], 8192);
	batch_report(b, &file, 1, NULL);
	batch_report(b, &writes, 1, NULL);
	w = apply(st, b);
	assert_true(value(st, w, &file_rows[SIZE]) == 8192);
	assert_true(isnan(value(st, w, &file_rows[FREE])));
	assert_true(isnan(w->measures[MEASURE_LIVE_SIZE]));
	/* A counter stays; so does what other collectors said. */
	assert_true(value(st, w, &write_rows[0]) == 1000);
	assert_true(w->measures[MEASURE_REPLICATION_LAG] == 90);
	for (struct labelled *l = w->labelled; l != NULL; l = l->next)
		assert_true(l->metric != &file_rows[INFO]);
	store_free(st);
}

static void
a_failed_collector_takes_its_own_along(void **state)
{
	struct store *st = watching();
	struct batch *b = at(1);
	const struct watched *w;

	(void)state;
	apply(st, full(0));
	batch_report(b, &replica, 5, "s3: 403 Forbidden");
	batch_report(b, &writes, 5, "torn");
	w = apply(st, b);
	assert_false(w->fared[3].ok);
	assert_string_equal(w->fared[3].why, "s3: 403 Forbidden");
	assert_true(isnan(w->measures[MEASURE_REPLICATION_LAG]));
	assert_true(isnan(value(st, w, &write_rows[0])));
	assert_true(w->measures[MEASURE_DATABASE_SIZE] == 4096);
	assert_true(w->measures[MEASURE_UP] == 1);
	w = apply(st, full(2));
	assert_true(w->fared[3].ok);
	assert_null(w->fared[3].why);
	assert_true(w->measures[MEASURE_REPLICATION_LAG] == 90);
	store_free(st);
}

static void
down_leaves_only_counters(void **state)
{
	struct store *st = watching();
	struct batch *b = at(1);
	const struct watched *w;

	(void)state;
	apply(st, full(0));
	b->down = mem_strdup("no such file");
	w = apply(st, b);
	assert_string_equal(w->down, "no such file");
	assert_true(w->measures[MEASURE_UP] == 0);
	assert_true(isnan(w->measures[MEASURE_DATABASE_SIZE]));
	assert_true(isnan(w->measures[MEASURE_WRITE_RATE]));
	assert_true(isnan(value(st, w, &file_rows[SIZE])));
	assert_true(value(st, w, &write_rows[0]) == 1000);
	assert_null(w->labelled);
	w = apply(st, full(2));
	assert_null(w->down);
	assert_true(w->measures[MEASURE_UP] == 1);
	assert_true(w->measures[MEASURE_WRITE_RATE] == 50);
	store_free(st);
}

static void
labels_may_come_in_any_order(void **state)
{
	static const char *const names[] = {
		"replica=\"a\"", "replica=\"b\"", "replica=\"c\"",
	};
	struct store *st = watching();

	(void)state;
	for (size_t s = 0; s < 30; s++) {
		struct batch *b = at((int64_t)s);
		const struct watched *w;
		size_t n = 0;

		for (size_t i = 0; i < 1 + s % 3; i++)
			batch_add_labelled(b, &replica_rows[0], (double)(s + i),
			    names[(s + i) % 3]);
		batch_report(b, &replica, 1, NULL);
		w = apply(st, b);
		for (struct labelled *l = w->labelled; l; l = l->next, n++)
			assert_string_equal(l->labels, names[(s + n) % 3]);
		assert_int_equal(n, 1 + s % 3);
		assert_true(w->measures[MEASURE_REPLICATION_LAG] ==
		    (double)(s + n - 1));
	}
	store_free(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unchanged_keeps_all_and_rates_decay),
		cmocka_unit_test(what_is_not_said_again_goes_away),
		cmocka_unit_test(a_failed_collector_takes_its_own_along),
		cmocka_unit_test(down_leaves_only_counters),
		cmocka_unit_test(labels_may_come_in_any_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
