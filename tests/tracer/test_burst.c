/*
 * When locks are traced: rarely, briefly, and never because of an old wish.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tracer/burst.h"

#define T	1000000		/* ms; when it begins */
#define NONE	0
#define LOCKS	BURST_LOCKS
#define BOTH	(BURST_LOCKS | BURST_SYNCS)

struct moment {
	int64_t	 s;		/* after T */
	int64_t	 wished_s;	/* the last wish; -1: none yet */
	unsigned what;
};

static const struct {
	const char	*why;
	enum trace_mode	 mode;
	struct moment	 at[10];
	size_t		 n;
} rows[] = {
	{ "auto: nothing is wrong", TRACE_AUTO,
	    { { 0, -1, NONE }, { 60, -1, NONE } }, 2 },
	{ "auto: a wish begins a burst, and it ends", TRACE_AUTO,
	    { { 0, 0, BOTH }, { 2, 0, BOTH }, { 3, 0, LOCKS }, { 9, 0, LOCKS },
	      { 10, 0, NONE } }, 5 },
	{ "auto: trouble that lasts is looked at once a minute", TRACE_AUTO,
	    { { 0, 0, BOTH }, { 10, 10, NONE }, { 59, 59, NONE },
	      { 60, 60, BOTH }, { 69, 69, LOCKS }, { 70, 70, NONE } }, 6 },
	{ "auto: a wish from during the rest is old by then", TRACE_AUTO,
	    { { 0, 0, BOTH }, { 60, 20, NONE }, { 90, 20, NONE },
	      { 91, 91, BOTH } }, 4 },
	{ "bursts: whatever happens", TRACE_BURSTS,
	    { { 0, -1, BOTH }, { 9, -1, LOCKS }, { 10, -1, NONE },
	      { 60, -1, BOTH } }, 4 },
	{ "always: locks, and fsync once a minute", TRACE_ALWAYS,
	    { { 0, -1, BOTH }, { 3, -1, LOCKS }, { 59, -1, LOCKS },
	      { 60, -1, BOTH }, { 63, -1, LOCKS } }, 5 },
	{ "sleeps only", TRACE_SLEEPS,
	    { { 0, 0, NONE }, { 60, 60, NONE } }, 2 },
	{ "no", TRACE_NO, { { 0, 0, NONE }, { 60, 60, NONE } }, 2 },
};

static void
test_bursts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct burst b = { 0 };

		for (size_t j = 0; j < rows[i].n; j++) {
			const struct moment *m = &rows[i].at[j];
			int64_t wished = m->wished_s == -1 ? 0 :
			    T + m->wished_s * 1000;

			if (burst_step(&b, rows[i].mode, wished,
			    T + m->s * 1000) != m->what)
				fail_msg("%s: at %d s", rows[i].why,
				    (int)m->s);
		}
	}
}

/* Whatever is wished for, and however often: a sixth of the time at most. */
static void
test_duty(void **state)
{
	struct burst b = { 0 };
	int on = 0, synced = 0;

	(void)state;
	for (int64_t s = 0; s < 3600; s++) {
		unsigned what = burst_step(&b, TRACE_AUTO, T + s * 1000,
		    T + s * 1000);

		on += (what & BURST_LOCKS) != 0;
		synced += (what & BURST_SYNCS) != 0;
	}
	assert_int_equal(on, 600);
	assert_int_equal(synced, 180);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bursts), cmocka_unit_test(test_duty),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
