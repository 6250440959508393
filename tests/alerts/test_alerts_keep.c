/*
 * alerts: what a restart and a new configuration carry over, what they end,
 * what windows have from history, how silences and severities are counted.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/mem.h"
#include "alerts/alerts.h"

#define WALL	1700000000000LL

/* What the callback was told, a letter each, and how it looked then. */
struct heard {
	char			 what[64];
	size_t			 n;
	bool			 mute;		/* what fires is muted */
	char			 rule[32], receivers[64];
	enum alert_state	 state;
	enum severity		 severity;
	enum measure_id		 measure;
	struct alert_record	 row;
};

static void
copy(char *to, size_t size, const char *from)
{
	assert_true(strlen(from) < size);
	memcpy(to, from, strlen(from) + 1);
}

static void
on_change(void *arg, const struct alert_set *set, struct alert *a,
    enum alert_change what)
{
	static const char letters[ALERT_CHANGES + 1] = ".FRLUAXD";
	struct heard *h = arg;

	assert_true(h->n < sizeof h->what - 1);
	h->what[h->n++] = letters[what];
	h->state = a->state;
	h->severity = alert_severity(a);
	h->measure = a->rule->measure;
	if (what == ALERT_FIRED)
		a->muted = h->mute;
	alerts_save(&h->row, set, a);
	copy(h->rule, sizeof h->rule, a->rule->name);
	copy(h->receivers, sizeof h->receivers,
	    a->rule->receivers != NULL ? a->rule->receivers : "");
	h->row.rule = h->rule;
	h->row.db = "app";
}

static const struct rule readers = {
	.measure = MEASURE_READERS, .op = RULE_ABOVE, .limit = 10, .clear = 8,
	.severity = SEVERITY_WARNING, .has_worse = true, .worse = 20,
	.worse_clear = 16, .worse_severity = SEVERITY_CRITICAL,
	.repeat_ms = { 0, 3600000, 3600000 },
};

static const struct rule mean = {
	.measure = MEASURE_WRITE_RATE, .op = RULE_ABOVE, .limit = 10,
	.clear = 8, .severity = SEVERITY_INFO, .of = WINDOW_AVG,
	.over_ms = 3600000,
};

static struct rule
named(const struct rule *from, const char *name)
{
	struct rule r = *from;

	r.name = mem_strdup(name);
	r.enabled = true;
	return r;
}

/* Two rules: "crowd" over readers, "busy" over the mean of write_rate. */
static struct alerts *
make(struct heard *h)
{
	struct rule *rules = mem_new(2, sizeof *rules);

	rules[0] = named(&readers, "crowd");
	rules[0].receivers = mem_strdup("ops");
	rules[1] = named(&mean, "busy");
	return alerts_new(rules, 2, on_change, h);
}

/* Only one, of the name. */
static struct alerts *
make_one(struct heard *h, const struct rule *from, const char *name)
{
	struct rule *rules = mem_new(1, sizeof *rules);

	rules[0] = named(from, name);
	return alerts_new(rules, 1, on_change, h);
}

static struct now
at(int64_t s)
{
	return (struct now){ s * 1000, WALL + s * 1000 };
}

static void
step(struct alerts *as, double crowd, double rate, int64_t s)
{
	double values[MEASURE_COUNT] = { 0 };

	values[MEASURE_READERS] = crowd;
	values[MEASURE_WRITE_RATE] = rate;
	alerts_step(as, alerts_of(as, "app"), values, at(s));
}

static const struct alert *
first(struct alerts *as)
{
	return &alerts_of(as, "app")->alerts[0];
}

static void
test_a_rule_is_taken_out(void **state)
{
	struct heard h = { .n = 0 };
	struct alerts *from = make(&h), *to = make_one(&h, &mean, "busy");

	(void)state;
	step(from, 25, 0, 1);
	assert_string_equal(h.what, "F");
	alerts_move(to, from);
	assert_string_equal(h.what, "FD");
	assert_string_equal(h.rule, "crowd");
	assert_string_equal(h.receivers, "ops");
	assert_int_equal(h.state, ALERT_OK);
	assert_int_equal(h.severity, SEVERITY_CRITICAL);
	assert_true(alerts_record_is_plain(&h.row));
	alerts_free(from);
	assert_int_equal(alerts_first(to)->nalerts, 1);
	alerts_free(to);
	assert_string_equal(h.what, "FD");
}

/* One that nobody heard of goes without a word, but its row must go too. */
static void
test_an_unheard_one_is_taken_out(void **state)
{
	struct rule waits = readers;
	struct heard h = { .n = 0 };
	struct alerts *from, *to = make_one(&h, &mean, "busy");

	(void)state;
	waits.for_ms = 60000;
	from = make_one(&h, &waits, "crowd");
	step(from, 11, 0, 1);
	alerts_move(to, from);
	assert_string_equal(h.what, "..");
	assert_true(alerts_record_is_plain(&h.row));
	alerts_free(from);
	alerts_free(to);
}

static void
test_a_database_is_taken_out(void **state)
{
	struct heard h = { .n = 0 };
	struct alerts *as = make(&h);

	(void)state;
	alerts_of(as, "first");
	step(as, 11, 0, 1);
	alerts_of(as, "last");
	alerts_forget(as, "app");
	assert_string_equal(h.what, "FD");
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_WARNING), 0);
	assert_int_equal(alerts_count(as, ALERT_OK, SEVERITY_WARNING), 2);
	alerts_forget(as, "app");
	alerts_forget(as, "last");
	assert_string_equal(alerts_first(as)->db, "first");
	assert_null(alerts_first(as)->next);
	alerts_of(as, "again");
	assert_string_equal(alerts_first(as)->next->db, "again");
	assert_string_equal(h.what, "FD");
	alerts_free(as);
}

/* A restart without the rule: all that is known of it is the row. */
static void
test_a_row_without_its_rule(void **state)
{
	struct heard h = { .n = 0 };
	struct alerts *old = make(&h), *as = make_one(&h, &mean, "busy");
	struct alert_record row;

	(void)state;
	step(old, 25, 0, 1);
	row = h.row;
	row.rule = "crowd";
	alerts_free(old);
	assert_int_equal(alerts_restore(as, &row, at(100), WALL + 50000), 0);
	assert_string_equal(h.what, "FD");
	assert_string_equal(h.rule, "crowd");
	assert_string_equal(h.receivers, "ops");
	assert_int_equal(h.severity, SEVERITY_CRITICAL);
	assert_int_equal(h.measure, MEASURE_READERS);
	assert_true(alerts_record_is_plain(&h.row));
	row.announced = false;
	assert_int_equal(alerts_restore(as, &row, at(100), 0), -1);
	row.flapping = true;	/* of which people know */
	assert_int_equal(alerts_restore(as, &row, at(100), 0), 0);
	row.state = ALERT_SILENCED;	/* nothing that we write */
	assert_int_equal(alerts_restore(as, &row, at(100), 0), -1);
	assert_string_equal(h.what, "FDD");
	alerts_free(as);
}

static void
test_a_row_without_its_database(void **state)
{
	struct heard h = { .n = 0 };
	struct alerts *as = make(&h);
	struct alert_record row = {
		.rule = "crowd", .db = "gone", .state = ALERT_NO_DATA,
		.announced = true, .since_ms = WALL, .fired_ms = WALL,
		.measure = "readers", .severity = SEVERITY_INFO,
	};

	(void)state;
	assert_int_equal(alerts_drop(as, &row, at(100)), 0);
	assert_string_equal(h.what, "D");
	assert_int_equal(h.severity, SEVERITY_WARNING);	/* the rule's own */
	row.announced = false;
	assert_int_equal(alerts_drop(as, &row, at(100)), -1);
	assert_null(alerts_first(as));
	alerts_free(as);
}

static void
test_muted_is_kept(void **state)
{
	struct heard h = { .mute = true };
	struct alerts *old = make(&h), *as = make(&h);

	(void)state;
	step(old, 11, 0, 1);
	assert_true(h.row.muted);
	assert_int_equal(alerts_restore(as, &h.row, at(100), 0), 0);
	assert_true(first(as)->muted);
	step(as, 1, 0, 101);
	assert_string_equal(h.what, "FR");
	assert_true(first(as)->muted);	/* nobody is told that it ended */
	h.mute = false;
	step(as, 11, 0, 102);
	assert_false(first(as)->muted);
	alerts_free(old);
	alerts_free(as);
}

static void
test_counts(void **state)
{
	struct heard h = { .n = 0 };
	struct alerts *as = make(&h);
	struct alert *a = &alerts_of(as, "app")->alerts[0];

	(void)state;
	step(as, 11, 0, 1);
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_WARNING), 1);
	step(as, 21, 0, 2);
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_WARNING), 0);
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_CRITICAL), 1);
	alerts_silence(as, a, true);
	assert_int_equal(alerts_count(as, ALERT_FIRING, SEVERITY_CRITICAL), 0);
	assert_int_equal(alerts_count(as, ALERT_SILENCED, SEVERITY_CRITICAL),
	    1);
	assert_int_equal(alert_shown(a), ALERT_SILENCED);
	step(as, 12, 0, 3);
	assert_int_equal(alerts_count(as, ALERT_SILENCED, SEVERITY_WARNING),
	    1);
	step(as, 1, 0, 4);	/* what is ok is shown as ok */
	assert_int_equal(alerts_count(as, ALERT_SILENCED, SEVERITY_WARNING),
	    0);
	assert_int_equal(alerts_count(as, ALERT_OK, SEVERITY_WARNING), 1);
	alerts_silence(as, a, false);
	assert_int_equal(alerts_count(as, ALERT_OK, SEVERITY_WARNING), 1);
	step(as, 25, 0, 5);
	step(as, 1, 0, 6);
	step(as, 1, 0, 7);
	assert_int_equal(alerts_count(as, ALERT_OK, SEVERITY_CRITICAL), 0);
	assert_string_equal(h.what, "FURFR");
	alerts_free(as);
}

/* A value that hovers must not wear out a disk. */
static void
test_progress_is_told_seldom(void **state)
{
	struct rule keeps = readers;
	struct heard h = { .n = 0 };
	struct alerts *as;

	(void)state;
	keeps.keep_ms = 60000;
	as = make_one(&h, &keeps, "crowd");
	step(as, 11, 0, 1);
	for (int i = 2; i < 42; i++)
		step(as, i % 2 ? 11 : 1, 0, i);
	assert_string_equal(h.what, "F....");
	alerts_free(as);
}

static void
test_windows_are_carried_over(void **state)
{
	struct rule shorter = mean, limit = mean;
	struct heard h = { .n = 0 };
	struct alerts *a = make_one(&h, &mean, "busy"), *b, *c;

	(void)state;
	limit.limit = 50;
	limit.of = WINDOW_MAX;
	shorter.over_ms = 60000;
	for (int i = 1; i <= 1900; i += 100)
		step(a, 0, 20, i);
	assert_string_equal(h.what, "F");
	b = make_one(&h, &limit, "busy");
	alerts_move(b, a);
	alerts_free(a);
	step(b, 0, 60, 1901);	/* known enough to go on */
	assert_true(fabs(first(b)->value - 60) < 1e-9);
	assert_true(fabs(first(b)->last - 60) < 1e-9);
	c = make_one(&h, &shorter, "busy");
	alerts_move(c, b);
	alerts_free(b);
	step(c, 0, 2, 1902);	/* another span: it begins empty, and thin */
	assert_true(fabs(first(c)->value - 2) < 1e-9);
	assert_int_equal(first(c)->state, ALERT_FIRING);
	alerts_free(c);
}

static void
test_seeds(void **state)
{
	static const float point[3] = { 20, 1, 99 };
	struct heard h = { .n = 0 };
	struct alerts *as = make(&h);

	(void)state;
	assert_int_equal(alerts_over_ms(as, MEASURE_WRITE_RATE), 3600000);
	assert_int_equal(alerts_over_ms(as, MEASURE_READERS), 0);
	for (int i = 0; i < 7; i++)
		alerts_seed(as, "app", MEASURE_WRITE_RATE,
		    (i - 7) * 300000, (i - 6) * 300000, point);
	alerts_seed(as, "app", MEASURE_READERS, -300000, 0, point);
	step(as, 0, 20, 1);
	assert_string_equal(h.what, "F");
	assert_string_equal(h.rule, "busy");
	alerts_free(as);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_rule_is_taken_out),
		cmocka_unit_test(test_an_unheard_one_is_taken_out),
		cmocka_unit_test(test_a_database_is_taken_out),
		cmocka_unit_test(test_a_row_without_its_rule),
		cmocka_unit_test(test_a_row_without_its_database),
		cmocka_unit_test(test_muted_is_kept),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_progress_is_told_seldom),
		cmocka_unit_test(test_windows_are_carried_over),
		cmocka_unit_test(test_seeds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
