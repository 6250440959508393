/*
 * announce: who is told what, over silences and new configurations.
 */
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/agent/stage.h"

/* --- silences ------------------------------------------------------------- */

static void
test_silence(void **state)
{
	struct stage *s = *state;

	add_all(s);
	silence(s, true);
	see(s, 1, 11);
	all_must_hear(s, "");
	assert_true(alert_is_muted(the_alert(s)));
	see(s, 1, 1);
	all_must_hear(s, "");
	silence(s, false);
	see(s, 1, 11);
	all_must_hear(s, "firing app crowd");
	silence(s, true);
	see(s, 1, 1);
	all_must_hear(s, "resolved app crowd");
}

/* It flaps under a silence: nobody knows of it, so nobody hears that it is calm
 * again. */
static void
test_flaps_under_a_silence(void **state)
{
	struct stage *s = *state;

	add_all(s);
	silence(s, true);
	for (int i = 0; i < ALERT_FIRES; i++) {
		see(s, 1, 11);
		see(s, 1, 1);
	}
	assert_true(the_alert(s)->flapping);
	assert_true(alert_is_muted(the_alert(s)));
	silence(s, false);
	see(s, ALERT_CALM_MS / 1000, 1);
	assert_false(the_alert(s)->flapping);
	all_must_hear(s, "");
}

/* They know that it flaps: that it settled under a silence is no news, that it
 * is over is. */
static void
test_settles_under_a_silence(void **state)
{
	struct stage *s = *state;

	add(s, 0, false);
	for (int i = 0; i < ALERT_FIRES; i++) {
		see(s, 1, 11);
		must_hear(s, 0, i + 1 < ALERT_FIRES ? "firing app crowd" :
		    "flapping app crowd");
		if (i + 1 == ALERT_FIRES)
			break;
		see(s, 1, 1);
		must_hear(s, 0, "resolved app crowd");
	}
	silence(s, true);
	see(s, ALERT_CALM_MS / 1000, 11);
	assert_false(the_alert(s)->flapping);
	must_hear(s, 0, "");
	assert_false(alert_is_muted(the_alert(s)));
	see(s, 1, 1);
	must_hear(s, 0, "resolved app crowd");
}

/* --- without state.db ----------------------------------------------------- */

/* What waits for it is bounded, and what is too much is counted. */
static void
test_too_many_wait(void **state)
{
	struct stage *s = *state;
	struct agent *a = &s->agent;
	double values[MEASURE_COUNT] = { 0 };

	values[MEASURE_READERS] = 11;
	for (int i = 0; i < ANNOUNCE_LATE_MAX + 3; i++) {
		char *db = mem_printf("db%d", i);

		if (i < ANNOUNCE_LATE_MAX)
			assert_int_equal(a->unkept, 0);
		alerts_step(a->alerts, alerts_of(a->alerts, db), values,
		    (struct now){ 1000, WALL });
		free(db);
	}
	assert_int_equal(a->nlate, ANNOUNCE_LATE_MAX);
	assert_int_equal(a->unkept, 3);
	assert_true(announce_outran(a, "crowd", "db0"));
	assert_false(announce_outran(a, "crowd", "db1002"));
	/* One that waits already may change as often as it likes. */
	alerts_step(a->alerts, alerts_of(a->alerts, "db0"),
	    (const double[MEASURE_COUNT]){ 0 }, (struct now){ 2000, WALL });
	assert_int_equal(a->unkept, 3);
}

/* --- new configurations --------------------------------------------------- */

static void
change_rule(struct stage *s, const char *receivers)
{
	struct alerts *new = rule_for(&s->agent, receivers);

	alerts_move(new, s->agent.alerts);
	alerts_free(s->agent.alerts);
	s->agent.alerts = new;
	silencing_mark_all(&s->agent);
	announce_newcomers(&s->agent);
}

/* Who comes new hears that it fires, who is named no more hears the end. */
static void
test_a_rule_is_told_to_others(void **state)
{
	struct stage *s = *state;

	add_all(s);
	change_rule(s, "ops");
	see(s, 1, 11);
	must_hear(s, 0, "firing app crowd");
	change_rule(s, "night");
	must_hear(s, 2, "firing app crowd");
	change_rule(s, "night");
	must_hear(s, 2, "");
	see(s, 90000, 12);			/* a reminder */
	must_hear(s, 0, "");
	must_hear(s, 2, "firing app crowd");
	see(s, 1, 1);
	must_hear(s, 0, "resolved app crowd");
	must_hear(s, 1, "");
	must_hear(s, 2, "resolved app crowd");
	change_rule(s, "ops");
	see(s, 1, 11);
	must_hear(s, 0, "firing app crowd");
	must_hear(s, 2, "");
}

static void
test_a_receiver_comes(void **state)
{
	struct stage *s = *state;

	add(s, 0, false);
	see(s, 1, 11);
	must_hear(s, 0, "firing app crowd");
	add(s, 1, true);
	add(s, 2, false);
	announce_newcomers(&s->agent);
	must_hear(s, 0, "");
	must_hear(s, 1, "");
	must_hear(s, 2, "firing app crowd");
	see(s, 1, 1);
	must_hear(s, 0, "resolved app crowd");
	must_hear(s, 1, "");
	must_hear(s, 2, "resolved app crowd");
}

/* Nor is anybody told of what is silenced, or of what nobody knows. */
static void
test_a_receiver_comes_to_a_silence(void **state)
{
	struct stage *s = *state;

	add(s, 0, false);
	silence(s, true);
	see(s, 1, 11);
	add(s, 2, false);
	announce_newcomers(&s->agent);
	silence(s, false);
	announce_newcomers(&s->agent);
	must_hear(s, 2, "");
	see(s, 90000, 12);
	must_hear(s, 0, "firing app crowd");
	must_hear(s, 2, "firing app crowd");
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_silence),
		TEST(test_flaps_under_a_silence),
		TEST(test_settles_under_a_silence),
		TEST(test_too_many_wait),
		TEST(test_a_rule_is_told_to_others),
		TEST(test_a_receiver_comes),
		TEST(test_a_receiver_comes_to_a_silence),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
