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

#include "agent/buf.h"
#include "agent/err.h"
#include "alerts/rule.h"

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
	{ { .name = "x" }, "when", "needs a condition" },
	{ { .name = "", WHEN }, "name", "needs a name" },
	{ { .name = "a\nb", WHEN }, "name", "control character" },
	{ { .name = "x", .when = "" }, "when", "names no measure" },
	{ { .name = "x", .when = "> 5" }, "when", "names no measure" },
	{ { .name = "x", .when = "wrte_rate > 5/s" }, "when",
	    "\"wrte_rate\" is not a measure; there are: up, write_rate," },
	{ { .name = "x", .when = "write > 5" }, "when", "not a measure" },
	{ { .name = "x", .when = "write_rate" }, "when", "must stand > or <" },
	{ { .name = "x", .when = "write_rate >= 5/s" }, "when",
	    "must stand > or <" },
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
	    "info, warning or critical" },
	{ { .name = "x", WHEN, .receivers = " , " }, "receivers",
	    "names no receiver" },
	{ { .name = "x", WHEN, .db = "" }, "db", "names no database" },
	{ { .name = "x", WHEN, .enabled = "maybe" }, "enabled",
	    "neither yes nor no" },
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
		.severity = "critical", .receivers = "ops, night",
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
	assert_true(rule_names_receiver(&r, "night"));
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
