/*
 * The age of a timestamp is that of the oldest of its labels: of several
 * replicas the one that was proved last must not speak for the others.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/derive.h"
#include "agent/measure.h"
#include "agent/store.h"
#include "collectors/collector.h"

#define NOW_S	5000

static const struct metric row = {
	"sqlite_replica_drill_success_timestamp_seconds", METRIC_GAUGE, NULL,
	"" };
static const struct metric *const rows[] = { &row };

static const struct {
	const char	*name;
	double		 stamps[3];	/* NAN: none */
	double		 age;		/* NAN: not known */
} cases[] = {
	{ "none: nobody asked for it", { (double)NAN, (double)NAN,
	  (double)NAN }, (double)NAN },
	{ "one", { 4000, (double)NAN, (double)NAN }, 1000 },
	{ "the oldest", { 4000, 1000, 4900 }, 4000 },
	{ "never is no age, and hides none", { 4000, 0, (double)NAN }, 1000 },
	{ "never before it, too", { 0, 4000, 0 }, 1000 },
	{ "never at all", { 0, 0, 0 }, 0 },
	{ "a clock that was set back", { 9000, (double)NAN, (double)NAN }, 0 },
};

static void
test_age(void **state)
{
	struct derive *d = derive_new(rows, 1);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double none = (double)NAN;
		struct watched w = { .values = &none, .at_ms = NOW_S * 1000 };
		struct labelled l[3];
		size_t n = 0;
		double age;

		while (n < 3 && !isnan(cases[i].stamps[n])) {
			l[n] = (struct labelled){ w.labelled, &row,
				cases[i].stamps[n], NULL };
			w.labelled = &l[n++];
		}
		derive_measures(d, &w);
		age = w.measures[MEASURE_DRILL_AGE];
		if (isnan(cases[i].age) ? !isnan(age) : age != cases[i].age)
			fail_msg("%s: %g", cases[i].name, age);
	}
	derive_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_age) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
