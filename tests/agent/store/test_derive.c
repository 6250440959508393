/*
 * The age of a timestamp is that of the oldest of its labels: of several
 * replicas the one that was proved last must not speak for the others.  And of
 * several sources of a count the best that is there is believed, whatever the
 * others last said.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/store/derive.h"
#include "agent/store/meter.h"
#include "agent/store/store.h"
#include "base/measure.h"
#include "base/mem.h"
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
		struct watched w = { .at_ms = NOW_S * 1000 };
		struct labelled l[3];
		size_t n = 0;
		double age;

		while (n < 3 && !isnan(cases[i].stamps[n])) {
			l[n] = (struct labelled){ w.labelled, &row,
				cases[i].stamps[n], NULL };
			w.labelled = &l[n++];
		}
		derive_measures(d, &w, false);
		age = w.measures[MEASURE_DRILL_AGE];
		if (isnan(cases[i].age) ? !isnan(age) : age != cases[i].age)
			fail_msg("%s: %g", cases[i].name, age);
	}
	derive_free(d);
}

enum { SAMPLED, KERNEL, TRACED, SOURCES };

static const struct metric busy[SOURCES] = {
	[SAMPLED] = { "sqlite_busy_retries_total", METRIC_COUNTER,
	    "source=\"sampled\"", "" },
	[KERNEL] = { "sqlite_busy_retries_total", METRIC_COUNTER,
	    "source=\"kernel\"", "" },
	[TRACED] = { "sqlite_traced_processes", METRIC_GAUGE, NULL, "" },
};
static const struct metric *const busy_rows[] = {
	&busy[SAMPLED], &busy[KERNEL], &busy[TRACED],
};

#define NONE	((double)NAN)

/* One a second: the estimate rises by 1, the kernel's count by 3. */
static const struct {
	const char	*name;
	double		 values[SOURCES];
	double		 rate;
	const char	*source;
} seconds[] = {
	{ "no tracer", { 0, NONE, NONE }, NONE, NULL },
	{ "so it is estimated", { 1, NONE, NONE }, 1, "sampled" },
	{ "a tracer that sees nobody", { 2, 0, 0 }, 1, "sampled" },
	{ "its 0 is no measure", { 3, 0, 0 }, 1, "sampled" },
	{ "it sees somebody", { 4, 3, 1 }, 1.5, "kernel" },
	{ "and is believed", { 5, 6, 2 }, 2, "kernel" },
	{ "it dies: its count stands still", { 6, 6, 0 }, 1, "sampled" },
	{ "and is gone", { 7, 6, NONE }, 1, "sampled" },
	{ "another counts from 0", { 8, 0, 1 }, 1, "sampled" },
	{ "and is believed", { 9, 3, 1 }, 3, "kernel" },
	{ "it is blind: no count", { 10, NONE, 0 }, 1, "sampled" },
	{ "still", { 11, NONE, 0 }, 1, "sampled" },
	{ "not any more: no leap", { 12, 12, 1 }, 3, "kernel" },
	{ "a lost count: not below 0", { 13, 1, 1 }, 1, "sampled" },
};

static void
test_sources(void **state)
{
	struct derive *d = derive_new(busy_rows, SOURCES);
	struct meter *meters = mem_new(derive_meters(d), sizeof *meters);

	(void)state;
	for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
		struct watched w = { .meters = meters,
			.mono_ms = 1000 + (int64_t)i * 1000 };
		const char *source;
		double rate;

		for (size_t s = 0; s < SOURCES; s++)
			values_set(&w.values, s, seconds[i].values[s]);
		derive_measures(d, &w, false);
		rate = w.measures[MEASURE_BUSY_RETRIES];
		source = derive_source(d, &w, MEASURE_BUSY_RETRIES);
		if (isnan(seconds[i].rate) ? !isnan(rate) :
		    !(fabs(rate - seconds[i].rate) < 1e-9))
			fail_msg("%zu s, %s: %g", i, seconds[i].name, rate);
		if (seconds[i].source == NULL)
			assert_null(source);
		else
			assert_string_equal(source, seconds[i].source);
		values_done(&w.values);
	}
	for (size_t i = 0; i < derive_meters(d); i++)
		meter_done(&meters[i]);
	free(meters);
	derive_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_age), cmocka_unit_test(test_sources),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
