/*
 * The life of an alert, one story a row: when, which value, what becomes of it.
 */
#include "base/buf.h"
#include "tests/alerts/lives.h"

/* Above 10 for a minute; clears at 8, which must last half a minute. */
static const struct rule slow = {
	.measure = MEASURE_READERS, .op = RULE_ABOVE, .limit = 10, .clear = 8,
	.for_ms = 60000, .keep_ms = 30000, .enabled = true,
};

static const struct step slow_life[] = {
	{ "quiet",			  1, 5, OK, NOTHING, 0 },
	{ "at the limit is not beyond",	  2, 10, OK, NOTHING, 0 },
	{ "between is not beyond",	  3, 9, OK, NOTHING, 0 },
	{ "bad, but only just",		 10, 11, PENDING, NOTHING, 0 },
	{ "still bad, still early",	 69, 11, PENDING, NOTHING, 0 },
	{ "bad a minute: say so",	 70, 11, FIRING, FIRED, 0 },
	{ "said once is enough",	 71, 99, FIRING, NOTHING, 0 },
	{ "between changes nothing",	 72, 9, FIRING, NOTHING, 0 },
	{ "good, but for how long?",	 80, 8, FIRING, NOTHING, 0 },
	{ "good, not yet believed",	109, 1, FIRING, NOTHING, 0 },
	{ "bad again before that",	109, 11, FIRING, NOTHING, 0 },
	{ "good from the start",	110, 8, FIRING, NOTHING, 0 },
	{ "between does not end good",	120, 9, FIRING, NOTHING, 0 },
	{ "nor resolves it",		140, 9, FIRING, NOTHING, 0 },
	{ "good for half a minute",	141, 8, OK, RESOLVED, 0 },
	{ "a blip",			200, 11, PENDING, NOTHING, 0 },
	{ "that nobody hears of",	201, 1, OK, NOTHING, 0 },
	{ "a second blip",		202, 11, PENDING, NOTHING, 0 },
	{ "starts from zero",		261, 11, PENDING, NOTHING, 0 },
	{ "between: not good",		262, 9, PENDING, NOTHING, 0 },
	{ "and not bad either",		263, 9, PENDING, NOTHING, 0 },
	{ "bad once more: say so",	264, 11, FIRING, FIRED, 0 },
};

/* Beyond at once, back at once. */
static const struct rule quick = {
	.measure = MEASURE_UP, .op = RULE_BELOW, .limit = 1, .clear = 1,
	.enabled = true,
};

static const struct step quick_life[] = {
	{ "up",				  1, 1, OK, NOTHING, 0 },
	{ "down is said at once",	  2, 0, FIRING, FIRED, 0 },
	{ "and once",			  3, 0, FIRING, NOTHING, 0 },
	{ "up is said at once",		  4, 1, OK, RESOLVED, 0 },
	{ "down again",			  5, 0, FIRING, FIRED, 0 },
	{ "and up",			  6, 1, OK, RESOLVED, 0 },
};

static const struct step blind_ok[] = {
	{ "no number from the start",  -999, NAN, OK, NOTHING, 0 },
	{ "so nothing is missed",	  0, NAN, OK, NOTHING, 0 },
	{ "there is one",		  0, 1, OK, NOTHING, 0 },
	{ "and it is lost",		  1, NAN, OK, NOTHING, 0 },
	{ "nearly two minutes",		120, NAN, OK, NOTHING, 0 },
	{ "two minutes: a quiet state",	121, NAN, NO_DATA, NOTHING, 0 },
	{ "and nothing more of it",	999, NAN, NO_DATA, NOTHING, 0 },
	{ "a good number",	       1000, 1, OK, NOTHING, 0 },
	{ "lost again",		       1001, NAN, OK, NOTHING, 0 },
	{ "lost for long",	       1121, NAN, NO_DATA, NOTHING, 0 },
	{ "a bad number begins anew",  1122, 11, PENDING, NOTHING, 0 },
};

static const struct step blind_pending[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "a gap",			  2, NAN, PENDING, NOTHING, 0 },
	{ "a gap fires nothing",	 62, NAN, PENDING, NOTHING, 0 },
	{ "bad behind the gap",		 63, 11, FIRING, FIRED, 0 },
	{ "good",			 64, 1, FIRING, NOTHING, 0 },
	{ "good and believed",		 94, 1, OK, RESOLVED, 0 },
	{ "bad again",			 95, 11, PENDING, NOTHING, 0 },
	{ "lost",			 96, NAN, PENDING, NOTHING, 0 },
	{ "lost for long, quietly",	216, NAN, NO_DATA, NOTHING, 0 },
	{ "back and bad: from zero",	217, 11, PENDING, NOTHING, 0 },
	{ "not before a minute",	276, 11, PENDING, NOTHING, 0 },
	{ "a minute",			277, 11, FIRING, FIRED, 0 },
};

static const struct step blind_firing[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "fires",			 61, 11, FIRING, FIRED, 0 },
	{ "a gap is not good",		 62, NAN, FIRING, NOTHING, 0 },
	{ "a short gap changes nothing", 181, NAN, FIRING, NOTHING, 0 },
	{ "lost: say so",		182, NAN, NO_DATA, LOST, 0 },
	{ "once",			500, NAN, NO_DATA, NOTHING, 0 },
	{ "silence never resolves",    9000, NAN, NO_DATA, NOTHING, 0 },
	{ "back and bad: was said",    9001, 11, FIRING, NOTHING, 0 },
	{ "lost a second time",	       9002, NAN, FIRING, NOTHING, 0 },
	{ "said again",		       9122, NAN, NO_DATA, LOST, 0 },
	{ "back and good: keep",       9123, 1, FIRING, NOTHING, 0 },
	{ "resolved by a number",      9153, 1, OK, RESOLVED, 0 },
};

static const struct step blind_between[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "fires",			 61, 11, FIRING, FIRED, 0 },
	{ "good for a moment",		 62, 1, FIRING, NOTHING, 0 },
	{ "lost",			 63, NAN, FIRING, NOTHING, 0 },
	{ "lost for long",		183, NAN, NO_DATA, LOST, 0 },
	{ "back between: still firing",	184, 9, FIRING, NOTHING, 0 },
	{ "good starts anew",		185, 1, FIRING, NOTHING, 0 },
	{ "not yet",			214, 1, FIRING, NOTHING, 0 },
	{ "now",			215, 1, OK, RESOLVED, 0 },
};

/* Somebody sets the clock: durations do not care. */
static const struct step wall_steps[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "a day ahead",		  2, 11, PENDING, NOTHING, 86400 },
	{ "two days back",		 60, 11, PENDING, NOTHING, -172800 },
	{ "a minute is a minute",	 61, 11, FIRING, FIRED, -172800 },
	{ "good, a year ahead",		 62, 1, FIRING, NOTHING, 31536000 },
	{ "still not kept",		 91, 1, FIRING, NOTHING, -9 },
	{ "kept",			 92, 1, OK, RESOLVED, 0 },
};

/* A machine that stood still: what was bad before and is bad now was so. */
static const struct step stood_still[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "an hour later, bad",	       3601, 11, FIRING, FIRED, 0 },
	{ "good",		       3602, 1, FIRING, NOTHING, 0 },
	{ "an hour later, good",       7202, 1, OK, RESOLVED, 0 },
};

static const struct life lives[] = {
	LIFE("slow", &slow, slow_life),
	LIFE("quick", &quick, quick_life),
	LIFE("blind while ok", &slow, blind_ok),
	LIFE("blind while pending", &slow, blind_pending),
	LIFE("blind while firing", &slow, blind_firing),
	LIFE("blind, then between", &slow, blind_between),
	LIFE("clock set", &slow, wall_steps),
	LIFE("stood still", &slow, stood_still),
};

static struct now
at(int64_t mono_s, int64_t off_s)
{
	return (struct now){ mono_s * 1000, WALL + (mono_s + off_s) * 1000 };
}

static void
test_lives(void **state)
{
	(void)state;
	lead_lives(lives, COUNT(lives));
}

static void
test_announced_and_times(void **state)
{
	struct alert a = { .rule = &slow };

	(void)state;
	alert_step(&a, 11, at(1, 0));
	assert_false(a.announced);
	assert_int_equal(a.since.wall_ms, WALL + 1000);
	alert_step(&a, 12, at(61, 0));
	assert_true(a.announced);
	assert_int_equal(alert_past(&a)->fired.wall_ms, WALL + 61000);
	alert_step(&a, NAN, at(62, 0));
	alert_step(&a, NAN, at(182, 0));
	assert_true(a.announced);
	assert_true(a.value > 11.5 && a.value < 12.5);
	alert_step(&a, 1, at(183, 0));
	alert_step(&a, 1, at(213, 0));
	assert_false(a.announced);
	assert_int_equal(alert_past(&a)->fired.wall_ms, WALL + 61000);
	assert_int_equal(a.since.mono_ms, 213000);
	alert_done(&a);
}

static void
test_repeat_time(void **state)
{
	struct rule r = quick;
	struct alert a = { .rule = &r };

	(void)state;
	r.repeat_ms[SEVERITY_INFO] = 3600000;
	assert_int_equal(alert_repeat_ms(&a), 0);
	alert_step(&a, 0, at(7, 0));
	assert_int_equal(alert_repeat_ms(&a), 3607000);
	alert_step(&a, 1, at(8, 0));
	assert_int_equal(alert_repeat_ms(&a), 0);
	alert_done(&a);
}

/* Under which other severity people were told of it, and which is over now. */
static void
test_before(void **state)
{
	struct rule r = slow;
	struct alert a = { .rule = &r };

	(void)state;
	r.has_worse = true;
	r.worse_severity = SEVERITY_CRITICAL;
	assert_null(alert_before(&a, false));
	assert_null(alert_before(&a, true));
	alert_told(&a, false);
	assert_null(alert_before(&a, false));
	a.raised = true;
	assert_string_equal(alert_before(&a, false), "info");
	alert_told(&a, false);
	assert_null(alert_before(&a, false));	/* once is enough, */
	assert_string_equal(alert_before(&a, true), "info");
	a.raised = false;			/* and back down */
	assert_string_equal(alert_before(&a, false), "critical");
	alert_told(&a, false);
	assert_null(alert_before(&a, false));
	assert_string_equal(alert_before(&a, true), "critical");
	r.has_worse = false;
	assert_null(alert_before(&a, true));
	r.has_worse = true;
	alert_told(&a, true);
	assert_null(alert_before(&a, true));
	a.raised = true;			/* worse from the start */
	alert_told(&a, false);
	assert_null(alert_before(&a, true));
}

static void
test_names_and_lists(void **state)
{
	char list[] = "ops, night-shift", glob[] = "app*";
	struct rule r = slow;

	(void)state;
	assert_true(rule_receivers_have(r.receivers, "anyone"));
	assert_true(rule_watches(&r, "anything"));
	r.receivers = list;
	r.db = glob;
	assert_true(rule_receivers_have(r.receivers, "ops"));
	assert_true(rule_receivers_have(r.receivers, "night-shift"));
	assert_false(rule_receivers_have(r.receivers, "night"));
	assert_false(rule_receivers_have(r.receivers, ""));
	assert_true(rule_watches(&r, "app-2"));
	assert_false(rule_watches(&r, "queue"));
	assert_string_equal(alert_state_name(ALERT_NO_DATA), "no_data");
	assert_string_equal(severity_name(SEVERITY_CRITICAL), "critical");
}

static void
test_print(void **state)
{
	struct rule r = {
		.measure = MEASURE_WRITE_RATE, .limit = 50, .clear = 45,
		.for_ms = 300000, .severity = SEVERITY_WARNING,
	};
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	rule_print(&b, &r);
	assert_string_equal(b.data, "write_rate above 50.0/s for 5m, clears "
	    "below 45.0/s, severity warning");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_announced_and_times),
		cmocka_unit_test(test_repeat_time),
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_names_and_lists),
		cmocka_unit_test(test_print),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
