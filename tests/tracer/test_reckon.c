/*
 * What the kernel's counts mean: the decomposition of refusals, blindness, and
 * quantiles from powers of two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>

#include <cmocka.h>

#include "tracer/reckon.h"

/*
 * Counted with a lossless trace beside an app's own busy handler: refusals of
 * the writer's byte less the probes of readers are the calls that came from a
 * refusal; the rest of the calls came from snapshots out of date.
 */
static void
test_refusals(void **state)
{
	static const struct {
		uint64_t refused, probes, want;
	} rows[] = {
		{ 0, 0, 0 }, { 70, 1, 69 }, { 370, 2, 368 }, { 688, 5, 683 },
		{ 4412, 33, 4379 },
		/* The probe comes first at the edge of a burst. */
		{ 0, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct trace_slot s = { .refused = rows[i].refused,
		    .probes = rows[i].probes };

		assert_int_equal(reckon_refusals(&s), rows[i].want);
	}
}

static void
test_sight(void **state)
{
	static const struct {
		const char	*why;
		uint64_t	 refusals, sleeps;
		unsigned	 times;
		double		 want;	/* less than 0: nothing to say */
	} rows[] = {
		{ "nothing happened", 0, 0, 10, -1 },
		{ "too little to say", 3, 0, 3, -1 },
		{ "nobody sleeps", 10, 0, 1, 1 },
		{ "everybody does", 100, 100, 3, 0 },
		{ "threads sleep too, without a refusal", 10, 400, 1, 0 },
		{ "one of four does", 100, 25, 1, 0.75 },
		{ "it goes on for hours", 100, 25, 100000, 0.75 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sight s = { 0 };
		double got;

		for (unsigned j = 0; j < rows[i].times; j++)
			sight_add(&s, rows[i].refusals, rows[i].sleeps);
		got = sight_unslept(&s);
		if (rows[i].want < 0 ? !isnan(got) :
		    !(fabs(got - rows[i].want) < 0.01))
			fail_msg("%s: %g", rows[i].why, got);
	}
}

/* Who begins to sleep is believed after a while. */
static void
test_sight_fades(void **state)
{
	struct sight s = { 0 };

	(void)state;
	sight_add(&s, 100000, 0);
	assert_true(sight_unslept(&s) > 0.99);
	for (int i = 0; i < 1000; i++)
		sight_add(&s, 500, 500);
	assert_true(sight_unslept(&s) < 0.01);
}

static void
put(struct trace_hist *h, uint64_t ns, unsigned times)
{
	int bucket = (int)log2((double)ns);

	h->count += times;
	h->total_ns += ns * times;
	h->log2[bucket] += times;
	if (ns > h->max_ns)
		h->max_ns = ns;
}

static void
test_quantiles(void **state)
{
	struct trace_hist now = { 0 }, before;

	(void)state;
	before = now;
	assert_true(isnan(reckon_quantile(&now, &before, 0.5)));
	put(&now, 3000000, 98);		/* 3 ms: in 2.1 to 4.2 */
	put(&now, 900000000, 2);
	assert_true(fabs(reckon_quantile(&now, &before, 0.5) - 0.0042) < 1e-4);
	/* Never above what was really seen. */
	assert_true(fabs(reckon_quantile(&now, &before, 0.99) - 0.9) < 1e-9);
	before = now;
	assert_true(isnan(reckon_quantile(&now, &before, 0.5)));
	put(&now, 1, 1);
	assert_true(reckon_quantile(&now, &before, 0.5) <= 2e-9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals), cmocka_unit_test(test_sight),
		cmocka_unit_test(test_sight_fades),
		cmocka_unit_test(test_quantiles),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
