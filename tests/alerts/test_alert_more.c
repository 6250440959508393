/*
 * What a rule may ask beside a limit and a time: so many of the last values, a
 * second limit, reminders, a calendar, a window.
 */
#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "tests/alerts/lives.h"

/* --- so many of the last values ------------------------------------------- */

static const struct rule three_of_five = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8, .times = 3, .out_of = 5,
};

static const struct step k_of_n[] = {
	{ "one of five",		  1, 11, PENDING, NOTHING, 0 },
	{ "a good one forgets nothing",	  2, 1, PENDING, NOTHING, 0 },
	{ "two of five",		  3, 11, PENDING, NOTHING, 0 },
	{ "between is not bad",		  4, 9, PENDING, NOTHING, 0 },
	{ "a gap is no value",		  5, NAN, PENDING, NOTHING, 0 },
	{ "three of five: say so",	  6, 11, FIRING, FIRED, 0 },
	{ "four of the last",		  7, 11, FIRING, NOTHING, 0 },
	{ "good, but three of five",	  8, 1, FIRING, NOTHING, 0 },
	{ "good, and two of five",	  9, 1, OK, RESOLVED, 0 },
	{ "good",			 10, 1, OK, NOTHING, 0 },
	{ "two of five again",		 11, 11, PENDING, NOTHING, 0 },
	{ "one has left: two",		 12, 11, PENDING, NOTHING, 0 },
	{ "three: however soon",	 13, 11, FIRING, FIRED, 0 },
};

static const struct step k_of_n_passes[] = {
	{ "one",			  1, 11, PENDING, NOTHING, 0 },
	{ "good",			  2, 1, PENDING, NOTHING, 0 },
	{ "good",			  3, 1, PENDING, NOTHING, 0 },
	{ "good",			  4, 1, PENDING, NOTHING, 0 },
	{ "the fifth, one is in",	  5, 1, PENDING, NOTHING, 0 },
	{ "it has left: over",		  6, 1, OK, NOTHING, 0 },
};

static const struct rule all_of_64 = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8, .times = 1, .out_of = 64,
};

static const struct step k_of_64[] = {
	{ "one of one is enough",	  1, 11, FIRING, FIRED, 0 },
	{ "good, but it is in",		  2, 1, FIRING, NOTHING, 0 },
};

/* --- a second limit ------------------------------------------------------- */

static const struct rule two = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8, .for_ms = 60000,
	.keep_ms = 30000, .severity = SEVERITY_WARNING, .has_worse = true,
	.worse = 20, .worse_clear = 16, .worse_severity = SEVERITY_CRITICAL,
};

static const struct step raised[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "fires",			 61, 11, FIRING, FIRED, 0 },
	{ "worse, only just",		 62, 21, FIRING, NOTHING, 0 },
	{ "not for long enough",	121, 21, FIRING, NOTHING, 0 },
	{ "a minute: say so",		122, 21, WORSE, RAISED, 0 },
	{ "once is enough",		123, 99, WORSE, NOTHING, 0 },
	{ "between changes nothing",	124, 17, WORSE, NOTHING, 0 },
	{ "back: not worth a word",	125, 16, FIRING, NOTHING, 0 },
	{ "worse again",		126, 21, FIRING, NOTHING, 0 },
	{ "not for long",		127, 15, FIRING, NOTHING, 0 },
	{ "from zero",			128, 21, FIRING, NOTHING, 0 },
	{ "between does not end it",	140, 18, FIRING, NOTHING, 0 },
	{ "almost",			187, 21, FIRING, NOTHING, 0 },
	{ "said a second time",		188, 21, WORSE, RAISED, 0 },
	{ "all is good: back in two",	189, 1, FIRING, NOTHING, 0 },
	{ "resolved once",		219, 1, OK, RESOLVED, 0 },
};

static const struct step raised_at_once[] = {
	{ "far beyond",			  1, 25, PENDING, NOTHING, 0 },
	{ "one word, the graver",	 61, 25, WORSE, FIRED, 0 },
	{ "and no second",		 62, 25, WORSE, NOTHING, 0 },
	{ "no sight",			 63, NAN, WORSE, NOTHING, 0 },
	{ "lost",			183, NAN, NO_DATA, LOST, 0 },
	{ "back: as it was",		184, 25, WORSE, NOTHING, 0 },
	{ "good",			185, 1, FIRING, NOTHING, 0 },
	{ "over",			215, 1, OK, RESOLVED, 0 },
	{ "bad: with the lesser word",	216, 11, PENDING, NOTHING, 0 },
	{ "fires",			276, 11, FIRING, FIRED, 0 },
};

static const struct rule two_of_three = {
	.op = RULE_BELOW, .limit = 10, .clear = 12, .times = 2, .out_of = 3,
	.severity = SEVERITY_INFO, .has_worse = true, .worse = 3,
	.worse_clear = 5, .worse_severity = SEVERITY_WARNING,
};

static const struct step raised_k_of_n[] = {
	{ "low",			  1, 9, PENDING, NOTHING, 0 },
	{ "two lows, one very low",	  2, 2, FIRING, FIRED, 0 },
	{ "low",			  3, 9, FIRING, NOTHING, 0 },
	{ "very low: two of three",	  4, 2, WORSE, RAISED, 0 },
	{ "not so low, two of three",	  5, 6, FIRING, NOTHING, 0 },
	{ "very low: two of three",	  6, 1, WORSE, RAISED, 0 },
};

/* --- reminders ------------------------------------------------------------ */

static const struct rule reminds = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8, .keep_ms = 30000,
	.severity = SEVERITY_WARNING, .has_worse = true, .worse = 20,
	.worse_clear = 16, .worse_severity = SEVERITY_CRITICAL,
	.repeat_ms = { 0, 3600000, 600000 },
};

static const struct step reminders[] = {
	{ "fires",			  1, 11, FIRING, FIRED, 0 },
	{ "not yet an hour",	       3600, 11, FIRING, NOTHING, 0 },
	{ "an hour",		       3601, 11, FIRING, REPEATED, 0 },
	{ "once",		       3602, 11, FIRING, NOTHING, 0 },
	{ "worse",		       3603, 21, WORSE, RAISED, 0 },
	{ "sooner now, not so soon",   4202, 21, WORSE, NOTHING, 0 },
	{ "ten minutes",	       4203, 21, WORSE, REPEATED, 0 },
	{ "less bad",		       4300, 12, FIRING, NOTHING, 0 },
	{ "an hour from the last word", 7802, 12, FIRING, NOTHING, 0 },
	{ "now",		       7803, 12, FIRING, REPEATED, 0 },
	{ "due, but it is getting well", 11403, 1, FIRING, NOTHING, 0 },
	{ "no sight is no reminder",   11404, NAN, FIRING, NOTHING, 0 },
	{ "bad again: due",	       11405, 11, FIRING, REPEATED, 0 },
	{ "lost",		       11406, NAN, FIRING, NOTHING, 0 },
	{ "for long",		       11526, NAN, NO_DATA, LOST, 0 },
	{ "not yet an hour",	       15125, NAN, NO_DATA, NOTHING, 0 },
	{ "blind for an hour: again",  15126, NAN, NO_DATA, REPEATED, 0 },
	{ "once",		       15127, NAN, NO_DATA, NOTHING, 0 },
	{ "seen again",		       15128, 11, FIRING, NOTHING, 0 },
	{ "an hour from the last word", 18726, 11, FIRING, REPEATED, 0 },
	{ "worse",		       18727, 21, WORSE, RAISED, 0 },
	{ "no sight",		       18728, NAN, WORSE, NOTHING, 0 },
	{ "lost, and grave",	       18848, NAN, NO_DATA, LOST, 0 },
	{ "so sooner",		       19447, NAN, NO_DATA, NOTHING, 0 },
	{ "ten minutes",	       19448, NAN, NO_DATA, REPEATED, 0 },
	{ "and for ever",	       20048, NAN, NO_DATA, REPEATED, 0 },
};

static const struct rule says_once = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8,
	.severity = SEVERITY_INFO, .repeat_ms = { 0, 1000, 1000 },
};

static const struct step no_reminders[] = {
	{ "fires",			  1, 11, FIRING, FIRED, 0 },
	{ "a year later",	   31536000, 11, FIRING, NOTHING, 0 },
};

/* --- a calendar ----------------------------------------------------------- */

/* Weekdays, 08:00 to 20:00; the wall stands at 22:13:20 of a Tuesday. */
static const struct rule by_day = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8, .for_ms = 60000,
	.keep_ms = 30000, .severity = SEVERITY_WARNING,
	.repeat_ms = { 0, 36000000, 0 }, .has_worse = true, .worse = 20,
	.worse_clear = 16, .worse_severity = SEVERITY_CRITICAL,
	.only = { 0x3e, 480, 1200 },
};

#define DAWN	35200		/* 08:00 of Wednesday */
#define DUSK	(DAWN + 43200)	/* 20:00 */
#define DAY	86400

static const struct step days[] = {
	{ "at night nothing begins",	  1, 11, OK, NOTHING, 0 },
	{ "however long",	   DAWN - 1, 11, OK, NOTHING, 0 },
	{ "by day it does",		DAWN, 11, PENDING, NOTHING, 0 },
	{ "from zero",		  DAWN + 60, 11, FIRING, FIRED, 0 },
	{ "a reminder",	       DAWN + 36060, 11, FIRING, REPEATED, 0 },
	{ "evening: it goes on",	DUSK, 11, FIRING, NOTHING, 0 },
	{ "worse at night",	    DUSK + 1, 21, FIRING, NOTHING, 0 },
	{ "is not said",	  DUSK + 500, 21, FIRING, NOTHING, 0 },
	{ "nor is a reminder",	DUSK + 36000, 21, FIRING, NOTHING, 0 },
	{ "morning: a reminder",  DAWN + DAY, 21, FIRING, REPEATED, 0 },
	{ "and worse for a minute", DAWN + DAY + 60, 21, WORSE, RAISED, 0 },
	{ "good at night",    DUSK + DAY + 1, 1, FIRING, NOTHING, 0 },
	{ "it may end",	     DUSK + DAY + 31, 1, OK, RESOLVED, 0 },
	{ "Friday: bad",      DUSK + 2 * DAY - 1, 11, PENDING, NOTHING, 0 },
	{ "evening: forgotten",	DUSK + 2 * DAY, 11, OK, NOTHING, 0 },
	{ "Saturday",	      DAWN + 3 * DAY, 11, OK, NOTHING, 0 },
	{ "Monday",	      DAWN + 5 * DAY, 11, PENDING, NOTHING, 0 },
	{ "the clock is set to Sunday", DAWN + 5 * DAY + 1, 11, OK, NOTHING,
	    -DAY },
};

static const struct step days_blind[] = {
	{ "by day",			DAWN, 11, PENDING, NOTHING, 0 },
	{ "it fires",		  DAWN + 60, 11, FIRING, FIRED, 0 },
	{ "no sight",		  DUSK - 200, NAN, FIRING, NOTHING, 0 },
	{ "lost",		  DUSK - 80, NAN, NO_DATA, LOST, 0 },
	{ "no reminder at night", DUSK + 36000, NAN, NO_DATA, NOTHING, 0 },
	{ "morning: a reminder",  DAWN + DAY, NAN, NO_DATA, REPEATED, 0 },
};

static const struct rule by_day_k_of_n = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8, .times = 2, .out_of = 3,
	.only = { 0x3e, 480, 1200 },
};

static const struct step days_k_of_n[] = {
	{ "one by night",	   DAWN - 2, 11, OK, NOTHING, 0 },
	{ "two by night",	   DAWN - 1, 11, OK, NOTHING, 0 },
	{ "do not count by day",	DAWN, 11, PENDING, NOTHING, 0 },
	{ "two by day",		   DAWN + 1, 11, FIRING, FIRED, 0 },
};

/* --- windows -------------------------------------------------------------- */

static const struct rule mean = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8, .of = WINDOW_AVG,
	.over_ms = 60000,
};

static const struct step windows[] = {
	{ "the first value",		  1, 50, OK, NOTHING, 0 },
	{ "too little is known",	 20, 50, OK, NOTHING, 0 },
	{ "half a minute is enough",	 31, 50, FIRING, FIRED, 0 },
	{ "good, the mean is not",	 40, 1, FIRING, NOTHING, 0 },
	{ "what was bad has left",	 92, 1, OK, RESOLVED, 0 },
	{ "a burst, the mean is 1.2",	 93, 13, OK, NOTHING, 0 },
	{ "the mean is between",	110, 40, OK, NOTHING, 0 },
	{ "the mean is beyond",		120, 40, FIRING, FIRED, 0 },
	{ "after a gap: good",		400, 1, FIRING, NOTHING, 0 },
	{ "too little to end it",	415, 1, FIRING, NOTHING, 0 },
	{ "known",			431, 1, OK, RESOLVED, 0 },
	{ "after a gap: bad",		900, 99, OK, NOTHING, 0 },
	{ "no sight",			905, NAN, OK, NOTHING, 0 },
	{ "too little to begin",	920, 99, OK, NOTHING, 0 },
	{ "known",			930, 99, FIRING, FIRED, 0 },
};

static const struct rule trend = {
	.op = RULE_ABOVE, .limit = 100, .clear = 90, .of = WINDOW_TREND,
	.over_ms = 60000, .ahead_ms = 60000,
};

static const struct step trends[] = {
	{ "no line through one point",	  1, 5000, OK, NOTHING, 0 },
	{ "long ago: another life",	200, 0, OK, NOTHING, 0 },
	{ "it grows",			210, 10, OK, NOTHING, 0 },
	{ "by one a second",		220, 20, OK, NOTHING, 0 },
	{ "90 in a minute",		230, 30, OK, NOTHING, 0 },
	{ "110 in a minute",		250, 50, FIRING, FIRED, 0 },
	{ "it stays",			260, 50, FIRING, NOTHING, 0 },
	{ "the line bends",		270, 50, FIRING, NOTHING, 0 },
	{ "77 in a minute",		280, 50, OK, RESOLVED, 0 },
};

static const struct life lives[] = {
	LIFE("three of five", &three_of_five, k_of_n),
	LIFE("one of five", &three_of_five, k_of_n_passes),
	LIFE("one of 64", &all_of_64, k_of_64),
	LIFE("raised", &two, raised),
	LIFE("raised at once", &two, raised_at_once),
	LIFE("raised by two of three", &two_of_three, raised_k_of_n),
	LIFE("reminders", &reminds, reminders),
	LIFE("no reminders", &says_once, no_reminders),
	LIFE("days", &by_day, days),
	LIFE("days, unseen", &by_day, days_blind),
	LIFE("days, two of three", &by_day_k_of_n, days_k_of_n),
	LIFE("mean of a window", &mean, windows),
	LIFE("trend", &trend, trends),
};

static void
test_lives(void **state)
{
	(void)state;
	lead_lives(lives, COUNT(lives));
}

/* When it is told again, as far as that is known. */
static void
test_repeat_at(void **state)
{
	struct past past = { .said_ms = 1000 };
	struct rule rule = two;
	struct alert a = { .rule = &rule, .past = &past, .state = FIRING };
	struct now now = { 5000, WALL };

	(void)state;
	rule.repeat_ms[rule.severity] = 10000;
	assert_int_equal(alert_repeat_at(&a, now), WALL + 6000);
	a.silenced = true;
	assert_int_equal(alert_repeat_at(&a, now), 0);
	a.silenced = false;
	now.mono_ms = 11001;		/* its hours are not now */
	assert_int_equal(alert_repeat_at(&a, now), 0);
	rule.repeat_ms[rule.severity] = 0;
	assert_int_equal(alert_repeat_at(&a, now), 0);
}

/* As the manual says: in a new agent, and in one that saw a day without. */
static void
test_write_rate_takes_35_minutes(void **state)
{
	const struct rule_text text = { .name = "write-rate" };
	struct err e;

	(void)state;
	for (int64_t idle_s = 0; idle_s <= 86400; idle_s += 86400) {
		struct rule r;
		struct alert a = { .rule = &r };
		int64_t s = 1, load_s = 1 + idle_s;

		assert_int_equal(rule_parse(&r, &text, NULL, &e), 0);
		a.window = window_new(r.over_ms);
		while (alert_step(&a, s < load_s ? 0 : 120, (struct now){
		    s * 1000, WALL + s * 1000 }) != ALERT_FIRED)
			s++;
		assert_in_range(s - load_s, 33 * 60, 35 * 60);
		alert_done(&a);
		rule_done(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives), cmocka_unit_test(test_repeat_at),
		cmocka_unit_test(test_write_rate_takes_35_minutes),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
