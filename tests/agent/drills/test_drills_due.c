/*
 * When a drill is due, by a clock that the test sets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/drills/drills.h"

#define MIN	INT64_C(60000)
#define HOUR	(60 * MIN)
#define DAY	(24 * HOUR)
#define START	(20000 * DAY)

/* Times from the start of the agent; at: of the last drill, 0: never. */
static const struct {
	const char	*name;
	int64_t		 at, every, now;
	bool		 untried;
	int64_t		 due_from, due_to;
} cases[] = {
	{ "never drilled: not at once, and not all together", 0, 7 * DAY, 0,
	  false, 5 * MIN, 65 * MIN },
	{ "a short interval is not spread over an hour", 0, HOUR, 0, false,
	  5 * MIN, 11 * MIN },
	{ "yesterday: in six days", -DAY, 7 * DAY, 0, false, 6 * DAY, 6 * DAY },
	{ "overdue: soon", -30 * DAY, 7 * DAY, 0, false, MIN, MIN },
	{ "overdue by a second: soon, too", -7 * DAY - 1000, 7 * DAY, 0, false,
	  MIN, MIN },
	{ "could not be tried: in an hour", 2 * DAY, 7 * DAY, 2 * DAY, true,
	  2 * DAY + HOUR, 2 * DAY + HOUR },
	{ "which is never longer than the interval", 2 * DAY, HOUR, 2 * DAY,
	  true, 2 * DAY + HOUR, 2 * DAY + HOUR },
	{ "the clock went back a year: no later than from now", 365 * DAY,
	  7 * DAY, DAY, false, 8 * DAY, 8 * DAY },
};

static void
test_due(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct drills_last last = {
			cases[i].at == 0 ? 0 : START + cases[i].at,
			cases[i].untried };
		int64_t due = drills_due_ms("app", &last, cases[i].every,
		    START, START + cases[i].now) - START;

		if (due < cases[i].due_from || due > cases[i].due_to)
			fail_msg("%s: after %lld s", cases[i].name,
			    (long long)due / 1000);
	}
}

/* Names are spread, each always to the same time. */
static void
test_spread(void **state)
{
	const struct drills_last never = { 0 };
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		char name[16];
		int64_t due;

		(void)snprintf(name, sizeof name, "db%d", i);
		due = drills_due_ms(name, &never, 7 * DAY, START, START);
		assert_true(due == drills_due_ms(name, &never, 7 * DAY, START,
		    START + DAY));
		least = due < least ? due : least;
		most = due > most ? due : most;
	}
	assert_true(most - least > 45 * MIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_spread),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
