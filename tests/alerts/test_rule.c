/*
 * A rule is told back in one sentence, whatever keys it has; and the numbers
 * behind it.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alerts/rule.h"
#include "base/buf.h"
#include "base/err.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define WHEN		.when = "write_rate > 50/s"

/* What a rule of all sorts of words becomes, as people are shown it. */
static const struct {
	struct rule_text	 text;
	const char		*says;
} sentences[] = {
	{ { .name = "x", WHEN, .for_ = "5m", .severity = "info" },
	    "write_rate above 50.0/s for 5m, clears below 45.0/s, severity "
	    "info" },
	{ { .name = "x", WHEN },
	    "write_rate above 50.0/s, clears below 45.0/s, severity warning, "
	    "repeated every 1d" },
	{ { .name = "x", .when = "up < 1", .keep = "1m", .repeat = "0" },
	    "up below 1, clears at 1 for 1m, severity warning" },
	{ { .name = "x", .when = "readers > 0", .repeat = "0" },
	    "readers above 0, clears at 0, severity warning" },
	{ { .name = "x", .when = "processes < 1", .repeat = "0" },
	    "processes below 1, clears at 1, severity warning" },
	{ { .name = "x", .when = "readers > 25", .repeat = "0" },
	    "readers above 25, clears below 23, severity warning" },
	{ { .name = "x", .when = "disk_free_ratio < 95%", .repeat = "0" },
	    "disk_free_ratio below 95.0%, clears at 100%, severity warning" },
	{ { .name = "x", WHEN, .over = "5m" },
	    "avg of write_rate over 5m above 50.0/s, clears below 45.0/s, "
	    "severity warning, repeated every 1d" },
	{ { .name = "x", WHEN, .over = " 1h 30m  p95 ", .repeat = "0" },
	    "p95 of write_rate over 1h 30m above 50.0/s, clears below 45.0/s, "
	    "severity warning" },
	{ { .name = "x", .when = "disk_free < 2 GB", .over = "10m min",
	    .for_ = "3 of 5", .keep = "1h", .severity = "critical" },
	    "min of disk_free over 10m below 2.00 GB in 3 of 5 values, clears "
	    "above 2.20 GB for 1h, severity critical, repeated every 4h" },
	{ { .name = "x", .when = "database_size > 10 GB", .forecast = "30d" },
	    "database_size above 10.0 GB within 30d by the trend of 7d, clears "
	    "below 9.00 GB, severity warning, repeated every 1d" },
	{ { .name = "x", .when = "disk_free < 1 GB", .forecast = "8h",
	    .severity = "info" },
	    "disk_free below 1.00 GB within 8h by the trend of 2h, clears "
	    "above 1.10 GB, severity info" },
	{ { .name = "x", .when = "disk_free < 1 GB", .forecast = "1h",
	    .severity = "info" },
	    "disk_free below 1.00 GB within 1h by the trend of 1h, clears "
	    "above 1.10 GB, severity info" },
	{ { .name = "x", .when = "disk_free < 1 GB", .forecast = "4d",
	    .over = "2d avg", .severity = "info" },
	    "disk_free below 1.00 GB within 4d by the trend of 2d, clears "
	    "above 1.10 GB, severity info" },
	{ { .name = "x", WHEN, .severity = "warning,critical>100/s" },
	    "write_rate above 50.0/s, clears below 45.0/s, severity warning, "
	    "critical above 100/s, repeated every 1d, critical every 4h" },
	{ { .name = "x", WHEN, .severity = " info , warning > 100 " },
	    "write_rate above 50.0/s, clears below 45.0/s, severity info, "
	    "warning above 100/s, warning repeated every 1d" },
	{ { .name = "x", .when = "disk_free_ratio < 10%",
	    .severity = "warning, critical < 3%", .repeat = "2h" },
	    "disk_free_ratio below 10.0%, clears above 11.0%, severity "
	    "warning, critical below 3.00%, repeated every 2h" },
	{ { .name = "x", WHEN, .severity = "info",
	    .only = "mon-fri 8:00-20:00", .db = "shop*", .receivers = "a, b",
	    .message = "Ask {db}'s owner on {host}: {value} > {threshold} {}" },
	    "write_rate above 50.0/s, clears below 45.0/s, severity info, only "
	    "weekdays 08:00-20:00, databases shop*, to a, b, with a next step "
	    "of its own" },
};

static void
test_sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sentences); i++) {
		const char *key = NULL;
		struct buf b;
		struct rule r;
		struct err e;

		if (rule_parse(&r, &sentences[i].text, &key, &e) == -1)
			fail_msg("%s: %s", key, e.text);
		buf_init(&b, 1000);
		rule_print(&b, &r);
		assert_string_equal(b.data, sentences[i].says);
		buf_free(&b);
		rule_done(&r);
	}
}

/* Each key by its number. */
static void
test_numbers(void **state)
{
	struct rule_text t = {
		.name = "x", .when = "write_lock_busy > 50%",
		.over = "5m max", .for_ = "3 of 64",
		.severity = "info, critical > 90%", .message = "m",
	};
	struct rule r;
	struct err e;

	(void)state;
	assert_int_equal(rule_parse(&r, &t, NULL, &e), 0);
	assert_int_equal(r.of, WINDOW_MAX);
	assert_int_equal(r.over_ms, 300000);
	assert_int_equal(r.ahead_ms, 0);
	assert_int_equal(r.for_ms, 0);
	assert_int_equal(r.times, 3);
	assert_int_equal(r.out_of, 64);
	assert_true(r.has_worse);
	assert_true(fabs(r.worse - 0.9) < 1e-9);
	assert_true(fabs(r.worse_clear - 0.81) < 1e-9);
	assert_int_equal(r.worse_severity, SEVERITY_CRITICAL);
	assert_int_equal(r.repeat_ms[SEVERITY_INFO], 0);
	assert_int_equal(r.repeat_ms[SEVERITY_WARNING], 24 * 3600000);
	assert_int_equal(r.repeat_ms[SEVERITY_CRITICAL], 4 * 3600000);
	assert_int_equal(r.only.days, 0);
	assert_string_equal(r.message, "m");
	rule_done(&r);

	t = (struct rule_text){ .name = "x", WHEN, .forecast = "30d",
	    .repeat = "3h" };
	assert_int_equal(rule_parse(&r, &t, NULL, &e), 0);
	assert_int_equal(r.of, WINDOW_TREND);
	assert_int_equal(r.ahead_ms, 30 * 86400000LL);
	assert_int_equal(r.over_ms, 7 * 86400000LL);
	for (int i = 0; i < SEVERITY_COUNT; i++)
		assert_int_equal(r.repeat_ms[i], 3 * 3600000);
	rule_done(&r);

	/* 0 takes back what the built-in rule says. */
	t = (struct rule_text){ .name = "write-rate", .over = "0",
	    .for_ = "0", .forecast = "0" };
	assert_int_equal(rule_parse(&r, &t, NULL, &e), 0);
	assert_int_equal(r.of, WINDOW_NONE);
	assert_int_equal(r.over_ms, 0);
	assert_int_equal(r.ahead_ms, 0);
	rule_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
