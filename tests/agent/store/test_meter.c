/*
 * test_meter - the rate of a counter, told as stories of (time, value).
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/store/meter.h"
#include "base/measure.h"

#define MAX_STEPS 8

/* Steps: `times` samples every gap_ms, each `by` more than the one before. */
static const struct {
	const char	*what;
	struct { int times; int64_t gap_ms; double by; } steps[MAX_STEPS];
	double		 want;
} stories[] = {
	{ "nothing came: no rate", { { 0, 0, 0 } }, NAN },
	{ "one point: no rate yet", { { 1, 1000, 5 } }, NAN },
	{ "two points: what is between them",
	    { { 1, 1000, 0 }, { 1, 1000, 7 } }, 7 },
	{ "five seconds of 62/s: the mean so far", { { 6, 1000, 62 } }, 62 },
	{ "a minute of 62/s", { { 60, 1000, 62 } }, 62 },
	{ "a burst is spread over the window",
	    { { 60, 1000, 0 }, { 1, 1000, 100 } }, 10 },
	{ "and still is nine seconds later",
	    { { 60, 1000, 0 }, { 1, 1000, 100 }, { 9, 1000, 0 } }, 10 },
	{ "and is over after eleven",
	    { { 60, 1000, 0 }, { 1, 1000, 100 }, { 10, 1000, 0 } }, 0 },
	{ "it ends: half the window later half the rate",
	    { { 60, 1000, 62 }, { 5, 1000, 0 } }, 31 },
	{ "nothing comes any more: it decays to 0",
	    { { 60, 1000, 62 }, { 10, 1000, 0 } }, 0 },
	{ "a long rest, then one write",
	    { { 60, 1000, 5 }, { 600, 1000, 0 }, { 1, 1000, 1 } }, 0.1 },
	{ "ten samples a second", { { 600, 100, 3 } }, 30 },
	{ "a hundred samples a second", { { 3000, 10, 1 } }, 100 },
	{ "a sample every half minute", { { 10, 30000, 300 } }, 10 },
	{ "a hole of a minute is a straight line",
	    { { 20, 1000, 10 }, { 1, 60000, 600 } }, 10 },
	{ "two samples at one time: the later value counts",
	    { { 1, 1000, 0 }, { 1, 1000, 5 }, { 1, 0, 5 } }, 10 },
};

static void
tell(size_t i)
{
	struct meter m = { 0 };
	int64_t at_ms = 5000;
	double value = 1000, got;

	for (size_t s = 0; s < MAX_STEPS; s++)
		for (int t = 0; t < stories[i].steps[s].times; t++) {
			at_ms += stories[i].steps[s].gap_ms;
			value += stories[i].steps[s].by;
			meter_add(&m, at_ms, value);
		}
	got = meter_rate(&m);
	if (isnan(stories[i].want) ? !isnan(got) :
	    !(fabs(got - stories[i].want) <= 1e-9))
		fail_msg("%s: got %g, want %g", stories[i].what, got,
		    stories[i].want);
	meter_done(&m);
}

static void
rates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++)
		tell(i);
}

/* Uneven gaps must not make a steady rate waver. */
static void
jitter_does_not_show(void **state)
{
	struct meter m = { 0 };
	int64_t at_ms = 1;
	uint32_t seed = 7;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		seed = seed * 1664525 + 1013904223;
		at_ms += 20 + seed % 2000;
		meter_add(&m, at_ms, (double)at_ms / 4);
		if (i > 0 && fabs(meter_rate(&m) - 250) > 1e-6)
			fail_msg("step %d: %g", i, meter_rate(&m));
	}
	meter_done(&m);
}

static void
the_window_is_always_spanned(void **state)
{
	(void)state;
	for (int64_t gap = 1; gap < 3000; gap += 7) {
		struct meter m = { 0 };
		int64_t at_ms = 1;

		/* Old and fast, then slow: only the slow part may show. */
		for (int i = 0; i < 50; i++)
			meter_add(&m, at_ms += 1000, i * 1e6);
		for (int64_t t = 0; t < 2 * RATE_WINDOW_MS; t += gap)
			meter_add(&m, at_ms += gap, 5e7 + (double)t);
		if (meter_rate(&m) > 1001)
			fail_msg("gap %d: %g", (int)gap, meter_rate(&m));
		meter_done(&m);
	}
}

static void
a_counter_that_falls_begins_anew(void **state)
{
	struct meter m = { 0 };

	(void)state;
	meter_add(&m, 1000, 500);
	meter_add(&m, 2000, 600);
	meter_add(&m, 3000, 10);
	assert_true(isnan(meter_rate(&m)));
	meter_add(&m, 4000, 15);
	assert_true(meter_rate(&m) == 5);
	meter_done(&m);
}

static void
no_value_changes_nothing(void **state)
{
	struct meter m = { 0 };

	(void)state;
	meter_add(&m, 1000, 500);
	meter_add(&m, 2000, 600);
	meter_add(&m, 3000, NAN);
	assert_true(meter_rate(&m) == 100);
	meter_done(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates),
		cmocka_unit_test(jitter_does_not_show),
		cmocka_unit_test(the_window_is_always_spanned),
		cmocka_unit_test(a_counter_that_falls_begins_anew),
		cmocka_unit_test(no_value_changes_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
