/*
 * Rings: what goes in comes out as mean, least and greatest, gaps stay gaps,
 * and what never changes has no ring.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/store/history.h"
#include "agent/store/history_disk.h"
#include "base/buf.h"
#include "base/measure.h"
#include "base/mem.h"

#define T0	1700000100	/* a multiple of 300 */
#define M	MEASURE_WRITE_RATE
#define MAX	400

struct shelf {
	struct history_pool *pool;
	struct history	*h;
	struct buf	 finished;
	struct point	 points[MAX];
	int64_t		 step, first;
	size_t		 n;
};

static void
on_finished(void *arg, const char *db, int measure, int64_t at_s,
    const struct point *p)
{
	buf_addf(arg, "%s %d %lld %g/%g/%g\n", db, measure,
	    (long long)(at_s - T0), (double)p->mean, (double)p->least,
	    (double)p->greatest);
}

static int
setup(void **state)
{
	struct shelf *s;

	NEW(s);
	buf_init(&s->finished, 1 << 20);
	s->pool = history_pool_new(on_finished, &s->finished);
	s->h = history_new(s->pool, "app");
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct shelf *s = *state;

	history_free(s->h);
	history_pool_free(s->pool);
	buf_free(&s->finished);
	free(s);
	return 0;
}

static void
add(struct shelf *s, int64_t at, double value)
{
	history_add(s->h, M, T0 + at, value);
}

static void
ask(struct shelf *s, int64_t from, int64_t to, int64_t step, size_t max)
{
	s->n = history_read(s->h, M, T0 + from, T0 + to, step, s->points, max,
	    &s->step, &s->first);
	s->first -= T0;
}

/* The means of what was read, "-" for none. */
static void
assert_means(const struct shelf *s, const char *want)
{
	struct buf b;

	buf_init(&b, 65536);
	for (size_t i = 0; i < s->n; i++)
		if (isnan(s->points[i].mean))
			buf_adds(&b, "- ");
		else
			buf_addf(&b, "%g ", (double)s->points[i].mean);
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
}

static void
test_unseen(void **state)
{
	struct shelf *s = *state;

	ask(s, -1000, 1000, 0, MAX);
	assert_int_equal(s->n, 0);
	add(s, 0, (double)NAN);
	add(s, 0, (double)INFINITY);
	history_add(s->h, M, -5, 1);
	history_add(s->h, M, INT64_MAX, 1);
	ask(s, -1000, 1000, 10, MAX);
	assert_int_equal(s->n, 0);
	assert_int_equal(history_read(s->h, M, INT64_MIN, INT64_MAX, INT64_MAX,
	    s->points, MAX, &s->step, &s->first), 0);
	assert_int_equal(history_read(s->h, M, INT64_MAX, INT64_MIN, INT64_MIN,
	    s->points, 0, &s->step, &s->first), 0);
}

static void
test_points(void **state)
{
	struct shelf *s = *state;

	add(s, 0, 1);
	add(s, 5, 3);
	add(s, 10, 5);
	add(s, 31, 7);
	ask(s, 0, 39, 0, MAX);
	assert_int_equal(s->step, 10);
	assert_int_equal(s->first, 0);
	assert_means(s, "2 5 - 7 ");
	assert_true(s->points[0].least == 1 && s->points[0].greatest == 3);
	ask(s, 5, 25, 20, MAX);		/* begins at its step's beginning */
	assert_int_equal(s->first, 0);
	assert_means(s, "3.5 7 ");
	assert_true(s->points[0].least == 1 && s->points[0].greatest == 5);
	ask(s, 0, 39, 15, MAX);		/* not a multiple: the next one */
	assert_int_equal(s->step, 20);
	ask(s, 0, 39, 0, 2);		/* no more than fit */
	assert_int_equal(s->step, 20);
	assert_means(s, "3.5 7 ");
	ask(s, 20, 1000, 0, MAX);	/* nothing behind the newest */
	assert_means(s, "- 7 ");
	ask(s, 300, 1000, 0, MAX);
	assert_means(s, "");
}

static void
test_tiers(void **state)
{
	struct shelf *s = *state;

	for (int64_t at = 0; at < 2 * 86400; at += 5)
		add(s, at, (double)(at / 300));
	ask(s, 2 * 86400 - 900, 2 * 86400, 0, MAX);
	assert_int_equal(s->step, 10);
	assert_int_equal(s->n, 90);
	assert_true(s->points[89].mean == 575 && s->points[0].mean == 573);
	ask(s, 86400, 2 * 86400, 0, MAX);
	assert_int_equal(s->step, 300);
	assert_int_equal(s->n, 288);
	assert_int_equal(s->first, 86400);
	assert_true(s->points[0].mean == 288 && s->points[287].mean == 575);
	ask(s, 0, 2 * 86400, 0, MAX);	/* only a day is known */
	assert_int_equal(s->n, 288);
	ask(s, 0, 2 * 86400, 0, 100);
	assert_int_equal(s->step, 900);
	assert_true(s->n <= 100);
	assert_true(s->points[0].least == 288);
	ask(s, 2 * 86400 - 600, 2 * 86400, 300, MAX);
	assert_int_equal(s->step, 300);
	assert_means(s, "574 575 ");
}

static void
test_finished(void **state)
{
	struct shelf *s = *state;

	for (int64_t at = 0; at <= 310; at += 10)
		add(s, at, 4);		/* constant: not handed out */
	assert_null(s->finished.data);
	add(s, 320, 10);		/* two of 4 and one of 10 */
	add(s, 600, 1);
	add(s, 899, 3);
	add(s, 1800, 5);		/* a gap is not handed out */
	add(s, 2100, 6);
	assert_string_equal(s->finished.data, "app 1 300 6/4/10\n"
	    "app 1 600 2/1/3\napp 1 1800 5/5/5\n");
	ask(s, 0, 2100, 300, MAX);
	assert_means(s, "4 6 2 - - - 5 6 ");
}

static void
test_constant(void **state)
{
	struct shelf *s = *state;

	for (int64_t at = 0; at <= 7200; at += 10)
		add(s, at, 8);
	ask(s, 7180, 7200, 10, MAX);
	assert_means(s, "8 8 8 ");
	ask(s, -900, 7200, 0, MAX);
	assert_int_equal(s->step, 300);
	assert_int_equal(s->n, 28);
	assert_true(isnan(s->points[2].mean) && s->points[3].mean == 8);
	add(s, 7210, 9);		/* now it has a ring, filled */
	ask(s, -900, 7210, 0, MAX);
	assert_int_equal(s->n, 28);
	assert_true(isnan(s->points[2].mean) && s->points[3].mean == 8);
	ask(s, 7190, 7210, 0, MAX);
	assert_means(s, "8 8 9 ");
	assert_int_equal(history_pool_refused(s->pool), 0);
}

/* Nobody can say that it was the same value while nobody looked. */
static void
test_constant_gap(void **state)
{
	struct shelf *s = *state;

	add(s, 0, 8);
	add(s, 300, 8);
	add(s, 2000, 8);
	ask(s, 0, 3000, 300, MAX);
	assert_means(s, "- - - - - - 8 ");
	add(s, 4000, 9);
	ask(s, 1800, 4000, 300, MAX);
	assert_means(s, "8 - - - - - - 9 ");
}

static void
test_clock_back(void **state)
{
	struct shelf *s = *state;

	add(s, 100, 1);
	add(s, 110, 2);
	add(s, 120, 3);
	add(s, 108, 7);			/* what was later is not true */
	ask(s, 90, 130, 10, MAX);
	assert_means(s, "- 7 ");
	add(s, -86400, 5);
	ask(s, -86400, 200, 10, MAX);
	assert_means(s, "5 ");
	add(s, 10 * 86400, 6);		/* and far ahead */
	ask(s, 10 * 86400 - 20, 10 * 86400, 10, MAX);
	assert_means(s, "- - 6 ");
}

static void
test_clock_back_constant(void **state)
{
	struct shelf *s = *state;

	add(s, 100, 1);
	add(s, 200, 1);
	add(s, 150, 1);			/* known already */
	ask(s, 100, 200, 100, MAX);
	assert_means(s, "1 1 ");
	add(s, 150, 2);
	ask(s, 130, 200, 10, MAX);
	assert_means(s, "1 1 1.5 ");
	history_add(s->h, MEASURE_UP, T0, 1);
	history_add(s->h, MEASURE_UP, T0 - 1000, 1);
	s->n = history_read(s->h, MEASURE_UP, T0 - 2000, T0, 0, s->points, MAX,
	    &s->step, &s->first);
	assert_int_equal(s->first, T0 - 1890);	/* as far as a ring goes */
	assert_int_equal(s->n, HISTORY_FINE_POINTS);
	assert_true(isnan(s->points[88].mean) && s->points[89].mean == 1);
}

static void
test_load(void **state)
{
	struct shelf *s = *state;
	const struct point a = { 2, 1, 3 }, none = { NAN, NAN, NAN };

	history_load(s->h, M, T0, &a);
	history_load(s->h, M, T0 + 300, &none);
	history_load(s->h, M, T0 + 600, &a);
	history_load(s->h, M, T0 + 300, &a);	/* out of order: not taken */
	history_load(s->h, M, -1, &a);
	ask(s, 0, 1000, 0, MAX);
	assert_int_equal(s->step, 300);
	assert_means(s, "2 - 2 ");
	assert_true(s->points[2].least == 1 && s->points[2].greatest == 3);
	add(s, 700, 9);			/* the same bucket again: anew */
	add(s, 1200, 9);
	ask(s, 0, 1200, 300, MAX);
	assert_means(s, "2 - 9 - 9 ");
	assert_string_equal(s->finished.data, "app 1 600 9/9/9\n");
	ask(s, 1190, 1200, 0, MAX);
	assert_means(s, "- 9 ");
}

static void
test_bound(void **state)
{
	struct shelf *s = *state;
	struct history **all = mem_new(HISTORY_MAX_RINGS, sizeof *all);

	for (size_t i = 0; i < HISTORY_MAX_RINGS; i++) {
		all[i] = history_new(s->pool, "x");
		history_add(all[i], M, T0, 1);
		history_add(all[i], M, T0 + 1, 2);
	}
	assert_int_equal(history_pool_refused(s->pool), 0);
	add(s, 0, 1);
	add(s, 10, 2);
	add(s, 20, 3);
	assert_int_equal(history_pool_refused(s->pool), 1);
	ask(s, 0, 20, 10, MAX);
	assert_means(s, "- - 3 ");	/* the last value is all it has */
	history_free(all[0]);
	add(s, 30, 4);			/* room again */
	ask(s, 0, 30, 10, MAX);
	assert_means(s, "- - 3 4 ");
	for (size_t i = 1; i < HISTORY_MAX_RINGS; i++)
		history_free(all[i]);
	free(all);
}

#define STORY(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

/* The room left on a disk is in a few rings, and all on it read them. */
static void
test_databases_of_a_disk(void **state)
{
	struct shelf *s = *state;
	struct history *all[DISK_RINGS + 2];
	const size_t last = DISK_RINGS + 1;	/* that one is elsewhere */

	for (size_t i = 0; i <= last; i++) {
		all[i] = history_new(s->pool, "x");
		history_set_disk(all[i], i == last ? 2 : 1);
		history_set_disk(all[i], i == last ? 2 : 1);
		history_add(all[i], MEASURE_DISK_FREE, T0, 5);
		history_add(all[i], MEASURE_DISK_FREE, T0 + 10, i == last ? 7 :
		    6);
	}
	for (size_t i = 0; i <= last; i++) {
		s->n = history_read(all[i], MEASURE_DISK_FREE, T0, T0 + 19, 0,
		    s->points, MAX, &s->step, &s->first);
		assert_means(s, i == last ? "5 7 " : "5 6 ");
	}
	assert_int_equal(history_pool_refused(s->pool), 0);
	/* When the oldest goes, the next is read, and there is room for one. */
	history_free(all[0]);
	history_add(all[DISK_RINGS], MEASURE_DISK_FREE, T0 + 20, 8);
	s->n = history_read(all[DISK_RINGS], MEASURE_DISK_FREE, T0, T0 + 29,
	    0, s->points, MAX, &s->step, &s->first);
	assert_means(s, "- 6 8 ");
	for (size_t i = 1; i <= last; i++)
		history_free(all[i]);
}

/* A ring that state.db filled is given up where there are enough. */
static void
test_a_disk_has_enough(void **state)
{
	const struct point p = { 3, 3, 3 };
	struct shelf *s = *state;
	struct history *all[DISK_RINGS + 1];

	for (size_t i = 0; i <= DISK_RINGS; i++) {
		all[i] = history_new(s->pool, "x");
		history_load(all[i], MEASURE_DISK_FREE, T0 + (int64_t)i * 300,
		    &p);
	}
	for (size_t i = 0; i <= DISK_RINGS; i++)
		history_set_disk(all[i], 1);
	s->n = history_read(all[DISK_RINGS], MEASURE_DISK_FREE, T0, T0 + 1500,
	    300, s->points, MAX, &s->step, &s->first);
	assert_means(s, "3 ");
	history_set_disk(all[0], 2);
	s->n = history_read(all[DISK_RINGS], MEASURE_DISK_FREE, T0, T0 + 1500,
	    300, s->points, MAX, &s->step, &s->first);
	assert_means(s, "- 3 ");
	for (size_t i = 0; i <= DISK_RINGS; i++)
		history_free(all[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_unseen), STORY(test_points), STORY(test_tiers),
		STORY(test_finished), STORY(test_constant),
		STORY(test_constant_gap), STORY(test_clock_back),
		STORY(test_clock_back_constant), STORY(test_load),
		STORY(test_bound), STORY(test_databases_of_a_disk),
		STORY(test_a_disk_has_enough),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
