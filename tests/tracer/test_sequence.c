/*
 * Which sleeps are SQLite's busy handler's: the logic that runs in the kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tracer/shared.h"

#define MS	SEQUENCE_MS
#define SLEEPS	16

/* Sleeps one after the other, in ms, and which of them count. */
static const struct {
	const char	*why;
	unsigned	 gap_ms;	/* between one's end and the next */
	double		 ms[SLEEPS];	/* 0 ends it */
	const char	*counts;	/* y or n, one each */
} rows[] = {
	{ "the first", 0, { 1 }, "y" },
	{ "the whole row", 2, { 1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100,
	    100, 100 }, "yyyyyyyyyyyyyy" },
	{ "busy_timeout = 100 cuts the 25 short", 2, { 1, 2, 5, 10, 15, 20, 25,
	    22 }, "yyyyyyyy" },
	{ "after a cut the row is over", 2, { 1, 2, 5, 10, 15, 17, 20 },
	    "yyyyyyn" },
	{ "a new row each time", 2, { 1, 1, 2, 1, 2, 5, 1 }, "yyyyyyy" },
	{ "an app that sleeps for itself", 0, { 10, 100, 50, 25, 2, 5 },
	    "nnnnnn" },
	{ "longer than what is next", 2, { 1, 5, 10, 100 }, "ynnn" },
	{ "an app that sleeps in its transaction", 2, { 1, 3, 2, 1, 2, 3, 5,
	    1 }, "ynnyynny" },
	{ "no whole ms", 2, { 1, 2, 5, 9.5, 0.02, 10 }, "yyynny" },
	{ "the attempt between took too long", 1500, { 1, 2, 5, 1, 2 },
	    "ynnyn" },
};

static void
test_sleeps(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sequence s = { 0 };
		__u64 now = 5000 * MS;

		for (size_t j = 0; rows[i].ms[j] > 0; j++) {
			__u64 ns = (__u64)(rows[i].ms[j] * (double)MS);

			if (sequence_step(&s, ns, now) !=
			    (rows[i].counts[j] == 'y'))
				fail_msg("%s: sleep %zu", rows[i].why, j);
			now += ns + rows[i].gap_ms * MS;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sleeps) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
