/*
 * From the words of the configuration to a rule, or to a sentence.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/rule.h"
#include "base/buf.h"
#include "base/err.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))

static const struct {
	const char		*when;
	enum measure_id		 measure;
	enum rule_op		 op;
	double			 limit, clear;
} goods[] = {
	{ "write_rate > 50/s", MEASURE_WRITE_RATE, RULE_ABOVE, 50, 45 },
	{ "write_rate>50/s", MEASURE_WRITE_RATE, RULE_ABOVE, 50, 45 },
	{ "  write_rate  >  50  ", MEASURE_WRITE_RATE, RULE_ABOVE, 50, 45 },
	{ "database_size > 10 GB", MEASURE_DATABASE_SIZE, RULE_ABOVE,
	    10e9, 9e9 },
	{ "disk_free < 1 GB", MEASURE_DISK_FREE, RULE_BELOW, 1e9, 1.1e9 },
	{ "disk_free_ratio < 10%", MEASURE_DISK_FREE_RATIO, RULE_BELOW,
	    0.1, 0.11 },
	{ "disk_free_ratio < 95%", MEASURE_DISK_FREE_RATIO, RULE_BELOW,
	    0.95, 1 },
	{ "up < 1", MEASURE_UP, RULE_BELOW, 1, 1 },
	{ "replica_up < 1", MEASURE_REPLICA_UP, RULE_BELOW, 1, 1 },
	{ "readers > 0", MEASURE_READERS, RULE_ABOVE, 0, 0 },
	{ "checkpoint_lag > 5m", MEASURE_CHECKPOINT_LAG, RULE_ABOVE,
	    300, 270 },
	{ "version_risk < 1", MEASURE_VERSION_RISK, RULE_BELOW, 1, 1 },
	{ "busy_wait < 95%", MEASURE_BUSY_WAIT, RULE_BELOW, 0.95, 1.045 },
	{ "busy_wait > 300%", MEASURE_BUSY_WAIT, RULE_ABOVE, 3, 2.7 },
	{ "write_lock_busy > 99.9%", MEASURE_WRITE_LOCK_BUSY, RULE_ABOVE,
	    0.999, 0.8991 },
};

static void
test_conditions(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(goods); i++) {
		struct rule_text t = { .name = "x", .when = goods[i].when };
		const char *key = NULL;
		struct rule r;
		struct err e;

		if (rule_parse(&r, &t, &key, &e) == -1)
			fail_msg("%s: %s", key, e.text);
		assert_int_equal(r.measure, goods[i].measure);
		assert_int_equal(r.op, goods[i].op);
		assert_true(fabs(r.limit - goods[i].limit) < 1e-6);
		assert_true(fabs(r.clear - goods[i].clear) < 1e-6);
		assert_int_equal(r.for_ms, 0);
		assert_int_equal(r.severity, SEVERITY_WARNING);
		assert_true(r.enabled);
		rule_done(&r);
	}
}

#define WHEN	.when = "write_rate > 50/s"

static const struct {
	struct rule_text	 text;
	const char		*key;
	const char		*says;
} bads[] = {
	{ { .name = "x" }, "when", "it needs a condition" },
	{ { .name = "", WHEN }, "name", "needs a name" },
	{ { .name = "a\nb", WHEN }, "name", "control character" },
	{ { .name = "x", .when = "" }, "when", "names no measure" },
	{ { .name = "x", .when = "> 5" }, "when", "names no measure" },
	{ { .name = "x", .when = "wrte_rate > 5/s" }, "when",
	    "\"wrte_rate\" is not a measure: did you mean \"write_rate\"?" },
	{ { .name = "x", .when = "speed > 5/s" }, "when",
	    "\"speed\" is not a measure; there are: up, write_rate," },
	{ { .name = "x", .when = "speed > 5/s" }, "when",
	    " and those of litegauge.ini(5), MEASURES" },
	{ { .name = "write-rates", .for_ = "5m" }, "when",
	    "no built-in rule is called write-rates: did you mean write-rate?"
	},
	{ { .name = "x", .when = "write > 5" }, "when", "not a measure" },
	{ { .name = "x", .when = "write_rate" }, "when", "must stand > or <" },
	{ { .name = "x", .when = "write_rate >= 5/s" }, "when",
	    "after write_rate must stand > or <: there is no >=" },
	{ { .name = "x", .when = "write_rate = 5/s" }, "when",
	    "must stand > or <" },
	{ { .name = "x", .when = "write_rate != 5/s" }, "when",
	    "must stand > or <" },
	{ { .name = "x", .when = "write_rate >" }, "when", "is not a rate" },
	{ { .name = "x", .when = "write_rate > 5 GB" }, "when",
	    "is not a rate: write it as in \"50/s\"" },
	{ { .name = "x", .when = "write_rate > 50/s for 5m" }, "when",
	    "is not a rate" },
	{ { .name = "x", WHEN, .for_ = "5" }, "for", "has no unit" },
	{ { .name = "x", WHEN, .for_ = "soon" }, "for", "not a duration" },
	{ { .name = "x", WHEN, .keep = "-1s" }, "keep", "not a duration" },
	{ { .name = "x", WHEN, .clear = "60/s" }, "clear",
	    "bad side of 50.0/s: it must not be above" },
	{ { .name = "x", WHEN, .clear = "5m" }, "clear", "is not a rate" },
	{ { .name = "x", .when = "up < 1", .clear = "0" }, "clear",
	    "must not be below" },
	{ { .name = "x", WHEN, .severity = "loud" }, "severity",
	    "\"loud\" is not a severity: write info, warning or critical" },
	{ { .name = "x", WHEN, .receivers = " , " }, "receivers",
	    "names no receiver" },
	{ { .name = "x", WHEN, .db = "" }, "db", "names no database" },
	{ { .name = "x", WHEN, .enabled = "maybe" }, "enabled",
	    "neither yes nor no" },

	/* What could never fire, or never be over. */
	{ { .name = "x", .when = "up > 1" }, "when",
	    "up is never above 1, so this could never fire" },
	{ { .name = "x", .when = "up < 0" }, "when",
	    "up is never below 0, so" },
	{ { .name = "x", .when = "replica_ahead > 2" }, "when",
	    "replica_ahead is never above 2" },
	{ { .name = "x", .when = "write_lock_busy > 100%" }, "when",
	    "write_lock_busy is never above 100%" },
	{ { .name = "x", .when = "disk_free_ratio > 120%" }, "when",
	    "disk_free_ratio is never above 120%" },
	{ { .name = "x", .when = "disk_free_ratio > 5" }, "when",
	    "disk_free_ratio is never above 500%" },
	{ { .name = "x", .when = "disk_free_ratio < 10" }, "when",
	    "disk_free_ratio is always below 1000%, so this could never be "
	    "over" },
	{ { .name = "x", .when = "up < 2" }, "when", "up is always below 2" },
	{ { .name = "x", .when = "wal_size < 0 B" }, "when",
	    "wal_size is never below 0 B" },
	{ { .name = "x", .when = "wal_size > -5 MB" }, "when",
	    "\"-5 MB\" is not a size" },
	{ { .name = "x", .when = "disk_free_ratio < 50%", .clear = "101%" },
	    "clear", "disk_free_ratio never comes to 101%, so this could never "
	    "be over" },

	{ { .name = "x", WHEN, .over = "max" }, "over",
	    "it does not say how long: write it as in \"5m max\"" },
	{ { .name = "x", WHEN, .over = "5m p99" }, "over",
	    "\"p99\" is not what can be taken of a window: write avg, max, "
	    "min, median or p95" },
	{ { .name = "x", WHEN, .over = "5m avg max" }, "over",
	    "\"5m avg \" is not a duration" },
	{ { .name = "x", WHEN, .over = "60" }, "over", "has no unit" },
	{ { .name = "x", WHEN, .over = "100ms" }, "over",
	    "\"100ms\" is too short, the least is 1s" },
	{ { .name = "x", WHEN, .over = "31d max" }, "over",
	    "is too long, the most is 30d" },

	{ { .name = "x", WHEN, .forecast = "soon" }, "forecast",
	    "not a duration" },
	{ { .name = "x", WHEN, .forecast = "30s" }, "forecast",
	    "too short, the least is 1m" },
	{ { .name = "x", WHEN, .forecast = "366d" }, "forecast",
	    "too long, the most is 365d" },
	{ { .name = "x", WHEN, .forecast = "1d", .over = "6h median" },
	    "forecast", "write over = DURATION alone" },
	{ { .name = "x", .when = "up < 1", .forecast = "1d" }, "forecast",
	    "up is 0 or 1 and has no trend" },

	{ { .name = "x", WHEN, .for_ = "0 of 5" }, "for", "always fire" },
	{ { .name = "x", WHEN, .for_ = "6 of 5" }, "for",
	    "\"6 of 5\" could never be" },
	{ { .name = "x", WHEN, .for_ = "3 of 70" }, "for",
	    "\"3 of 70\": only the last 64 values are kept" },
	{ { .name = "x", WHEN, .for_ = "3 of" }, "for",
	    "after \"3 of\" must stand a number" },
	{ { .name = "x", WHEN, .for_ = "3 of 5 values" }, "for",
	    "must stand a number" },
	{ { .name = "x", WHEN, .for_ = "9999999999 of 5" }, "for",
	    "not a duration" },
	{ { .name = "x", WHEN, .for_ = "3 off 5" }, "for",
	    "must stand a number" },
	{ { .name = "x", WHEN, .for_ = "366d" }, "for", "most is 365d" },
	{ { .name = "x", WHEN, .keep = "366d" }, "keep", "most is 365d" },

	{ { .name = "x", WHEN, .severity = "" }, "severity",
	    "not a severity" },
	{ { .name = "x", WHEN, .severity = "warning critical" }, "severity",
	    "after the severity stands \"critical\": write it as in" },
	{ { .name = "x", WHEN, .severity = "warning > 60/s" }, "severity",
	    "after the severity stands" },
	{ { .name = "x", WHEN, .severity = "warning, critical" }, "severity",
	    "after critical must stand > or <, as in \"warning, critical > "
	    "100/s\"" },
	{ { .name = "x", WHEN, .severity = "warning," }, "severity",
	    "not a severity" },
	{ { .name = "x", WHEN, .severity = "warning, critical > 5 GB" },
	    "severity", "is not a rate" },
	{ { .name = "x", WHEN, .severity = "critical, warning > 100/s" },
	    "severity", "warning comes after critical, and is not worse" },
	{ { .name = "x", WHEN, .severity = "info, info > 100/s" },
	    "severity", "info comes after info" },
	{ { .name = "x", WHEN, .severity = "warning, critical > 50/s" },
	    "severity", "the limit of critical must be above 50.0/s, which is "
	    "that of warning" },
	{ { .name = "x", WHEN, .severity = "warning, critical < 100/s" },
	    "severity", "must be above 50.0/s" },
	{ { .name = "x", .when = "disk_free_ratio < 10%",
	    .severity = "warning, critical < 20%" }, "severity",
	    "must be below 10.0%" },
	{ { .name = "x", .when = "disk_free_ratio < 10%",
	    .severity = "warning, critical < 0%" }, "severity",
	    "disk_free_ratio is never below 0%" },
	{ { .name = "x", .when = "write_lock_busy > 90%",
	    .severity = "warning, critical > 110%" }, "severity",
	    "write_lock_busy is never above 110%" },

	{ { .name = "x", WHEN, .repeat = "never" }, "repeat",
	    "not a duration" },
	{ { .name = "x", WHEN, .repeat = "10s" }, "repeat",
	    "too short, the least is 1m" },
	{ { .name = "x", WHEN, .only = "never" }, "only",
	    "is not a time of the week" },
	{ { .name = "x", WHEN, .only = "weekdays 08:00-08:00" }, "only",
	    "ends when it begins" },
	{ { .name = "x", WHEN, .message = " " }, "message", "says nothing" },
	{ { .name = "x", WHEN, .message = "see {hostname}" }, "message",
	    "there is no {hostname}: there are {db} {value} {threshold} "
	    "{host}" },
	{ { .name = "x", WHEN, .message = "{db} {limit}" }, "message",
	    "there is no {limit}" },
};

static void
test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bads); i++) {
		const char *key = NULL;
		struct rule r = { .limit = 7 };
		struct err e = { "" };

		assert_int_equal(rule_parse(&r, &bads[i].text, &key, &e), -1);
		assert_string_equal(key, bads[i].key);
		if (strstr(e.text, bads[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", e.text,
			    bads[i].says);
		assert_true(r.limit > 6 && r.name == NULL);
	}
}

static void
test_key_is_optional(void **state)
{
	struct rule_text t = { .name = "x", .when = "nonsense" };
	struct rule r;
	struct err e;

	(void)state;
	assert_int_equal(rule_parse(&r, &t, NULL, &e), -1);
}

static void
test_all_keys(void **state)
{
	struct rule_text t = {
		.name = "x", WHEN, .for_ = "5m", .clear = "40/s", .keep = "2m",
		.severity = "critical", .receivers = "ops,night  ops,",
		.db = "app*", .enabled = "no",
	};
	struct rule r;
	struct err e;

	(void)state;
	assert_int_equal(rule_parse(&r, &t, NULL, &e), 0);
	assert_string_equal(r.name, "x");
	assert_int_equal(r.for_ms, 300000);
	assert_int_equal(r.keep_ms, 120000);
	assert_true(fabs(r.clear - 40) < 1e-9);
	assert_int_equal(r.severity, SEVERITY_CRITICAL);
	assert_string_equal(r.receivers, "ops, night");
	assert_true(rule_receivers_have(r.receivers, "night"));
	assert_true(rule_watches(&r, "app1"));
	assert_false(r.enabled);
	rule_done(&r);
}

/* Every built-in rule can be met, and can be cleared again. */
static void
test_builtins(void **state)
{
	(void)state;
	for (const struct rule_text *b = builtin_rules; b->name != NULL; b++) {
		struct rule_text t = { .name = b->name };
		struct buf text;
		struct rule r;
		struct err e;

		if (rule_parse(&r, &t, NULL, &e) == -1)
			fail_msg("%s: %s", b->name, e.text);
		assert_int_equal(r.op == RULE_BELOW,
		    measures[r.measure].falling);
		assert_true(r.op == RULE_ABOVE ? r.clear <= r.limit :
		    r.clear >= r.limit);
		buf_init(&text, 1000);
		rule_print(&text, &r);
		assert_true(buf_ok(&text) && text.len > 20);
		buf_free(&text);
		rule_done(&r);
	}
}

static void
test_over_a_builtin(void **state)
{
	struct rule_text t = { .name = "wal-size", .severity = "info" };
	struct rule r;
	struct err e;

	(void)state;
	assert_int_equal(rule_parse(&r, &t, NULL, &e), 0);
	assert_true(fabs(r.limit - 512 * 1048576.0) < 1);
	assert_true(fabs(r.clear - 0.9 * 512 * 1048576.0) < 1);
	assert_int_equal(r.for_ms, 600000);
	assert_int_equal(r.severity, SEVERITY_INFO);
	rule_done(&r);

	/* Another limit: the clear that belonged to the old one goes. */
	t.when = "wal_size > 10 MB";
	assert_int_equal(rule_parse(&r, &t, NULL, &e), 0);
	assert_true(fabs(r.clear - 9e6) < 1);
	assert_int_equal(r.for_ms, 600000);
	rule_done(&r);

	/* Other keys leave its window alone, another limit does not. */
	t = (struct rule_text){ .name = "write-rate", .for_ = "1m" };
	assert_int_equal(rule_parse(&r, &t, NULL, &e), 0);
	assert_int_equal(r.of, WINDOW_MEDIAN);
	assert_int_equal(r.over_ms, 3600000);
	assert_int_equal(r.for_ms, 60000);
	assert_int_equal(r.repeat_ms[SEVERITY_WARNING], 7 * 86400000LL);
	rule_done(&r);
	t = (struct rule_text){ .name = "write-rate",
	    .when = "write_rate > 80/s" };
	assert_int_equal(rule_parse(&r, &t, NULL, &e), 0);
	assert_int_equal(r.of, WINDOW_NONE);
	assert_int_equal(r.for_ms, 300000);
	assert_int_equal(r.repeat_ms[SEVERITY_WARNING], 7 * 86400000LL);
	rule_done(&r);

	t = (struct rule_text){ .name = "write-rate", .enabled = "no" };
	assert_int_equal(rule_parse(&r, &t, NULL, &e), 0);
	assert_false(r.enabled);
	rule_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_key_is_optional),
		cmocka_unit_test(test_all_keys),
		cmocka_unit_test(test_builtins),
		cmocka_unit_test(test_over_a_builtin),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
