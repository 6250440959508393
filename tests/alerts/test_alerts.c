/*
 * alerts: rules times databases, what is told, what a restart keeps.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/alerts.h"
#include "base/err.h"
#include "base/mem.h"

#define WALL	1700000000000LL

/* What the callback was told last, and how often. */
struct heard {
	int			 n;
	enum alert_change	 what;
	char			 db[32], rule[32];
};

static void
on_change(void *arg, const struct alert_set *set, struct alert *a,
    enum alert_change what)
{
	struct heard *h = arg;

	h->n++;
	h->what = what;
	assert_true(strlen(set->db) < sizeof h->db);
	memcpy(h->db, set->db, strlen(set->db) + 1);
	assert_true(strlen(a->rule->name) < sizeof h->rule);
	memcpy(h->rule, a->rule->name, strlen(a->rule->name) + 1);
}

static const struct rule_text texts[] = {
	{ .name = "busy-writes", .when = "write_rate > 50/s", .for_ = "1m" },
	{ .name = "down", .when = "up < 1", .severity = "critical" },
	{ .name = "only-app", .when = "readers > 5", .db = "app*" },
	{ .name = "off", .when = "readers > 5", .enabled = "no" },
};

static struct alerts *
make(const struct rule_text *t, size_t n, struct heard *h)
{
	struct rule *rules = mem_new(n, sizeof *rules);
	struct err e;

	for (size_t i = 0; i < n; i++)
		if (rule_parse(&rules[i], &t[i], NULL, &e) == -1)
			fail_msg("%s", e.text);
	return alerts_new(rules, n, on_change, h);
}

static struct now
at(int64_t s)
{
	return (struct now){ s * 1000, WALL + s * 1000 };
}

static void
step(struct alerts *as, const char *db, double rate, double up, int64_t s)
{
	double values[MEASURE_COUNT];

	for (int i = 0; i < MEASURE_COUNT; i++)
		values[i] = NAN;
	values[MEASURE_WRITE_RATE] = rate;
	values[MEASURE_UP] = up;
	alerts_step(as, alerts_of(as, db), values, at(s));
}

static void
test_sets(void **state)
{
	struct heard h = { 0 };
	struct alerts *as = make(texts, 4, &h);
	struct alert_set *app = alerts_of(as, "app");

	(void)state;
	assert_int_equal(app->nalerts, 3);
	assert_int_equal(alerts_of(as, "queue")->nalerts, 2);
	assert_ptr_equal(alerts_of(as, "app"), app);
	assert_ptr_equal(alerts_first(as), app);
	assert_string_equal(alerts_first(as)->next->db, "queue");
	assert_int_equal(alerts_count(as, ALERT_OK, SEVERITY_WARNING), 3);
	assert_int_equal(alerts_count(as, ALERT_OK, SEVERITY_CRITICAL), 2);
	alerts_forget(as, "queue");
	alerts_forget(as, "never seen");
	assert_int_equal(alerts_count(as, ALERT_OK, SEVERITY_CRITICAL), 1);
	assert_string_equal(alerts_of(as, "third")->db, "third");
	assert_string_equal(alerts_first(as)->next->db, "third");
	alerts_free(as);
	alerts_free(NULL);
}

static void
test_changes_are_told(void **state)
{
	struct heard h = { 0 };
	struct alerts *as = make(texts, 4, &h);

	(void)state;
	step(as, "app", 10, 1, 1);
	assert_int_equal(h.n, 0);
	step(as, "app", 60, 1, 2);
	assert_int_equal(h.n, 1);	/* pending: to be saved */
	assert_int_equal(h.what, ALERT_NOTHING);
	step(as, "app", 60, 1, 62);
	assert_int_equal(h.what, ALERT_FIRED);
	assert_string_equal(h.rule, "busy-writes");
	assert_string_equal(h.db, "app");
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_WARNING), 1);
	step(as, "queue", 0, 0, 62);
	assert_string_equal(h.rule, "down");
	assert_string_equal(h.db, "queue");
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_CRITICAL), 1);
	step(as, "app", 10, 1, 63);
	assert_int_equal(h.what, ALERT_RESOLVED);
	assert_int_equal(h.n, 4);
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_WARNING), 0);
	alerts_free(as);
}

static void
test_no_values_at_all(void **state)
{
	struct heard h = { 0 };
	struct alerts *as = make(texts, 2, &h);

	(void)state;
	step(as, "app", 1, 0, 1);
	assert_int_equal(h.what, ALERT_FIRED);
	alerts_step(as, alerts_of(as, "app"), NULL, at(2));
	alerts_step(as, alerts_of(as, "app"), NULL, at(122));
	assert_int_equal(h.what, ALERT_LOST);
	assert_string_equal(h.rule, "down");
	assert_int_equal(alerts_count(as, ALERT_NO_DATA, SEVERITY_CRITICAL), 1);
	alerts_free(as);
}

static struct alert_record
saved(const struct alerts *as, size_t i)
{
	struct alert_record rec;

	alerts_save(&rec, alerts_first(as), &alerts_first(as)->alerts[i]);
	return rec;
}

/* Another boot: the monotonic clock begins again, the wall clock goes on. */
static struct now
after_reboot(int64_t mono_s, int64_t s)
{
	return (struct now){ mono_s * 1000, WALL + s * 1000 };
}

static void
test_restart_keeps_firing(void **state)
{
	struct heard h = { 0 };
	struct alerts *old = make(texts, 2, &h), *as = make(texts, 2, &h);
	struct alert_record rec;

	(void)state;
	step(old, "app", 60, 1, 1000);
	step(old, "app", 60, 1, 1060);
	rec = saved(old, 0);
	assert_int_equal(rec.state, ALERT_FIRING);
	assert_int_equal(rec.fired_ms, WALL + 1060000);
	assert_int_equal(alerts_restore(as, &rec, after_reboot(5, 1200), 0),
	    0);
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_WARNING), 1);
	h.n = 0;
	step(as, "app", 60, 1, 1201);
	assert_int_equal(h.n, 0);		/* nothing is said twice */
	step(as, "app", 1, 1, 1202);
	assert_int_equal(h.what, ALERT_RESOLVED);
	alerts_free(old);
	alerts_free(as);
}

static void
test_restart_keeps_pending(void **state)
{
	struct heard h = { 0 };
	struct alerts *old = make(texts, 2, &h), *as = make(texts, 2, &h);
	struct alert_record rec;
	double values[MEASURE_COUNT] = { [MEASURE_WRITE_RATE] = 60,
	    [MEASURE_UP] = 1 };

	(void)state;
	step(old, "app", 60, 1, 1000);
	rec = saved(old, 0);
	assert_int_equal(alerts_restore(as, &rec, after_reboot(5, 1030), 0),
	    0);
	alerts_step(as, alerts_of(as, "app"), values, after_reboot(34, 1059));
	assert_int_equal(h.what, ALERT_NOTHING);
	alerts_step(as, alerts_of(as, "app"), values, after_reboot(35, 1060));
	assert_int_equal(h.what, ALERT_FIRED);
	alerts_free(old);
	alerts_free(as);
}

static void
test_restart_with_a_clock_set_back(void **state)
{
	struct heard h = { 0 };
	struct alerts *as = make(texts, 2, &h);
	const struct alert_record rec = {
		.rule = "busy-writes", .db = "app", .state = ALERT_PENDING,
		.since_ms = WALL + 86400000, .value = 60,
	};

	(void)state;
	assert_int_equal(alerts_restore(as, &rec, at(1), 0), 0);
	step(as, "app", 60, 1, 60);
	assert_int_equal(alerts_count(as, ALERT_PENDING, SEVERITY_WARNING), 1);
	step(as, "app", 60, 1, 61);
	assert_int_equal(h.what, ALERT_FIRED);
	alerts_free(as);
}

static void
test_restart_without_the_rule(void **state)
{
	struct heard h = { 0 };
	struct alerts *as = make(texts, 2, &h);
	struct alert_record rec = { .rule = "gone", .db = "app" };

	(void)state;
	assert_int_equal(alerts_restore(as, &rec, at(1), 0), -1);
	rec.rule = "off";
	assert_int_equal(alerts_restore(as, &rec, at(1), 0), -1);
	rec.rule = "down";
	rec.state = (enum alert_state)77;
	assert_int_equal(alerts_restore(as, &rec, at(1), 0), -1);
	alerts_free(as);
}

static void
test_lost_sight_survives(void **state)
{
	struct heard h = { 0 };
	struct alerts *as = make(texts, 2, &h);
	const struct alert_record rec = {
		.rule = "down", .db = "app", .state = ALERT_NO_DATA,
		.announced = true, .since_ms = WALL, .fired_ms = WALL,
	};

	(void)state;
	assert_int_equal(alerts_restore(as, &rec, at(1), 0), 0);
	alerts_step(as, alerts_of(as, "app"), NULL, at(500));
	assert_int_equal(h.n, 0);
	step(as, "app", 1, 1, 501);
	assert_int_equal(h.what, ALERT_RESOLVED);
	alerts_free(as);
}

static void
test_move_to_a_new_configuration(void **state)
{
	static const struct rule_text fresh[] = {
		{ .name = "down", .when = "up < 1" },
		{ .name = "busy-writes", .when = "write_rate > 20/s" },
	};
	struct heard h = { 0 };
	struct alerts *from = make(texts, 4, &h), *to = make(fresh, 2, &h);
	const struct alert_set *set;

	(void)state;
	step(from, "app", 60, 0, 1);
	step(from, "app", 60, 0, 61);
	alerts_move(to, from);
	alerts_free(from);
	set = alerts_first(to);
	assert_int_equal(set->nalerts, 2);
	assert_int_equal(set->alerts[0].state, ALERT_FIRING);
	assert_int_equal(set->alerts[1].state, ALERT_FIRING);
	assert_true(fabs(set->alerts[1].rule->limit - 20) < 1e-9);
	assert_int_equal(alerts_count(to, ALERT_FIRING, SEVERITY_WARNING), 2);
	assert_int_equal(alerts_count(to, ALERT_OK, SEVERITY_WARNING), 0);
	h.n = 0;
	step(to, "app", 60, 0, 62);
	assert_int_equal(h.n, 0);
	step(to, "app", 1, 1, 63);
	assert_int_equal(h.n, 2);
	assert_int_equal(h.what, ALERT_RESOLVED);
	alerts_free(to);
}

/* Ten times the databases is ten times the work, not a hundred times. */
static void
test_many_databases(void **state)
{
	struct heard h = { 0 };
	struct alerts *as = make(texts, 4, &h);

	(void)state;
	for (int i = 0; i < 10000; i++) {
		char *db = mem_printf("db%d", i);

		alerts_of(as, db);
		free(db);
	}
	assert_int_equal(alerts_count(as, ALERT_OK, SEVERITY_CRITICAL), 10000);
	alerts_free(as);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_changes_are_told),
		cmocka_unit_test(test_no_values_at_all),
		cmocka_unit_test(test_restart_keeps_firing),
		cmocka_unit_test(test_restart_keeps_pending),
		cmocka_unit_test(test_restart_with_a_clock_set_back),
		cmocka_unit_test(test_restart_without_the_rule),
		cmocka_unit_test(test_lost_sight_survives),
		cmocka_unit_test(test_move_to_a_new_configuration),
		cmocka_unit_test(test_many_databases),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
