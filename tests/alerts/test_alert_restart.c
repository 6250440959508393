/*
 * A restart in the middle of every state: what state.db had is laid back, the
 * time away is no time of trouble, and nothing is said twice.
 */
#include "tests/alerts/lives.h"

/* Above 10 for a minute; clears at 8, which must last half a minute. */
static const struct rule slow = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8, .for_ms = 60000,
	.keep_ms = 30000,
};

static const struct step while_ok[] = {
	{ "quiet",			  1, 5, OK, NOTHING, 0 },
	{ "back",			500, 0, OK, RESTART, 2 },
	{ "bad",			501, 11, PENDING, NOTHING, 0 },
	{ "from zero",			560, 11, PENDING, NOTHING, 0 },
	{ "fires",			561, 11, FIRING, FIRED, 0 },
};

static const struct step while_pending[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "half of it",			 31, 11, PENDING, NOTHING, 0 },
	{ "back after a day",	      86431, 0, PENDING, RESTART, 31 },
	{ "the day does not count",   86432, 11, PENDING, NOTHING, 0 },
	{ "almost",		      86460, 11, PENDING, NOTHING, 0 },
	{ "the other half",	      86461, 11, FIRING, FIRED, 0 },
};

static const struct step pending_is_over[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "back",			100, 0, PENDING, RESTART, 50 },
	{ "good meanwhile: not a word",	101, 1, OK, NOTHING, 0 },
	{ "back once more: forgotten",	200, 0, OK, RESTART, 150 },
	{ "bad",			201, 11, PENDING, NOTHING, 0 },
};

static const struct step pending_and_killed[] = {
	{ "bad",			 50, 11, PENDING, NOTHING, 0 },
	{ "killed; last noted before",	100, 0, PENDING, RESTART, 40 },
	{ "from zero",			159, 11, PENDING, NOTHING, 0 },
	{ "fires",			160, 11, FIRING, FIRED, 0 },
};

static const struct step pending_twice[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "back, twenty seconds had",	100, 0, PENDING, RESTART, 21 },
	{ "bad",			110, 11, PENDING, NOTHING, 0 },
	{ "back at once, not noted",	111, 0, PENDING, RESTART, 100 },
	{ "bad",			112, 11, PENDING, NOTHING, 0 },
};

static const struct step while_firing[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "fires",			 61, 11, FIRING, FIRED, 0 },
	{ "back",		       1000, 0, FIRING, RESTART, 70 },
	{ "still: not said twice",     1001, 11, FIRING, NOTHING, 0 },
	{ "back again",		       2000, 0, FIRING, RESTART, 1010 },
	{ "still",		       2001, 99, FIRING, NOTHING, 0 },
	{ "good",		       2002, 1, FIRING, NOTHING, 0 },
	{ "resolved, once",	       2032, 1, OK, RESOLVED, 0 },
	{ "back",		       3000, 0, OK, RESTART, 2040 },
	{ "good",		       3001, 1, OK, NOTHING, 0 },
};

static const struct step over_while_away[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "fires",			 61, 11, FIRING, FIRED, 0 },
	{ "back",		       1000, 0, FIRING, RESTART, 70 },
	{ "good: since when?",	       1001, 1, FIRING, NOTHING, 0 },
	{ "not kept",		       1030, 1, FIRING, NOTHING, 0 },
	{ "resolved, once",	       1031, 1, OK, RESOLVED, 0 },
	{ "back",		       1100, 0, OK, RESTART, 1040 },
	{ "good",		       1101, 1, OK, NOTHING, 0 },
};

static const struct step while_kept[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "fires",			 61, 11, FIRING, FIRED, 0 },
	{ "good",			 82, 1, FIRING, NOTHING, 0 },
	{ "good for twenty",		102, 1, FIRING, NOTHING, 0 },
	{ "back",			500, 0, FIRING, RESTART, 102 },
	{ "away is not kept",		501, 1, FIRING, NOTHING, 0 },
	{ "nine more",			509, 1, FIRING, NOTHING, 0 },
	{ "ten more",			510, 1, OK, RESOLVED, 0 },
};

static const struct step bad_again_while_kept[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "fires",			 61, 11, FIRING, FIRED, 0 },
	{ "good",			 82, 1, FIRING, NOTHING, 0 },
	{ "bad again",			100, 11, FIRING, NOTHING, 0 },
	{ "back",			500, 0, FIRING, RESTART, 102 },
	{ "good, from zero",		501, 1, FIRING, NOTHING, 0 },
	{ "not yet",			530, 1, FIRING, NOTHING, 0 },
	{ "now",			531, 1, OK, RESOLVED, 0 },
};

static const struct step while_blind[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "fires",			 61, 11, FIRING, FIRED, 0 },
	{ "no sight",			 62, NAN, FIRING, NOTHING, 0 },
	{ "back",			300, 0, FIRING, RESTART, 100 },
	{ "away is not blind",		301, NAN, FIRING, NOTHING, 0 },
	{ "blind for two minutes",	421, NAN, NO_DATA, LOST, 0 },
	{ "back",		       1000, 0, NO_DATA, RESTART, 500 },
	{ "said once",		       1001, NAN, NO_DATA, NOTHING, 0 },
	{ "and not by time",	       9000, NAN, NO_DATA, NOTHING, 0 },
	{ "bad: goes on",	       9001, 11, FIRING, NOTHING, 0 },
	{ "back",		       9100, 0, FIRING, RESTART, 9050 },
	{ "good",		       9101, 1, FIRING, NOTHING, 0 },
	{ "resolved, once",	       9131, 1, OK, RESOLVED, 0 },
};

static const struct step blind_over_while_away[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "fires",			 61, 11, FIRING, FIRED, 0 },
	{ "no sight",			 62, NAN, FIRING, NOTHING, 0 },
	{ "lost",			182, NAN, NO_DATA, LOST, 0 },
	{ "back",		       1000, 0, NO_DATA, RESTART, 500 },
	{ "good",		       1001, 1, FIRING, NOTHING, 0 },
	{ "resolved by a number",      1031, 1, OK, RESOLVED, 0 },
};

static const struct step blind_and_unheard[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "no sight",			  2, NAN, PENDING, NOTHING, 0 },
	{ "for long",			122, NAN, NO_DATA, NOTHING, 0 },
	{ "back: none of it is kept",	300, 0, OK, RESTART, 200 },
	{ "nor is it missed",		450, NAN, OK, NOTHING, 0 },
	{ "seen again: bad",		451, 11, PENDING, NOTHING, 0 },
	{ "from zero",			511, 11, FIRING, FIRED, 0 },
};

/* The wall is an hour behind where it was when it was written down. */
static const struct step clock_set_back[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 3600 },
	{ "fires",			 61, 11, FIRING, FIRED, 3600 },
	{ "back",			100, 0, FIRING, RESTART, 3670 },
	{ "still",			101, 11, FIRING, NOTHING, 0 },
	{ "good",			102, 1, FIRING, NOTHING, 0 },
	{ "resolved",			132, 1, OK, RESOLVED, 0 },
	{ "bad",			133, 11, PENDING, NOTHING, 3600 },
	{ "back",			150, 0, PENDING, RESTART, 3740 },
	{ "from zero",			209, 11, PENDING, NOTHING, 0 },
	{ "fires",			210, 11, FIRING, FIRED, 0 },
};

static const struct step clock_set_ahead[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, -86400 },
	{ "fires",			 61, 11, FIRING, FIRED, -86400 },
	{ "back, a day ahead",		100, 0, FIRING, RESTART, 70 },
	{ "good",			101, 1, FIRING, NOTHING, 0 },
	{ "kept as long as ever",	130, 1, FIRING, NOTHING, 0 },
	{ "resolved",			131, 1, OK, RESOLVED, 0 },
};

/* --- so many of the last values ------------------------------------------- */

static const struct rule three_of_five = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8, .times = 3, .out_of = 5,
};

static const struct step k_of_n[] = {
	{ "one",			  1, 11, PENDING, NOTHING, 0 },
	{ "good",			 11, 1, PENDING, NOTHING, 0 },
	{ "two",			 21, 11, PENDING, NOTHING, 0 },
	{ "back",			100, 0, PENDING, RESTART, 22 },
	{ "good",			101, 1, PENDING, NOTHING, 0 },
	{ "three of five",		111, 11, FIRING, FIRED, 0 },
	{ "back",			200, 0, FIRING, RESTART, 112 },
	{ "good, and two of five",	201, 1, OK, RESOLVED, 0 },
	{ "back",			300, 0, OK, RESTART, 202 },
	{ "three of five at once",	301, 11, FIRING, FIRED, 0 },
};

/* --- a second limit, reminders -------------------------------------------- */

static const struct rule two = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8, .for_ms = 60000,
	.keep_ms = 30000, .severity = SEVERITY_WARNING, .has_worse = true,
	.worse = 20, .worse_clear = 16, .worse_severity = SEVERITY_CRITICAL,
	.repeat_ms = { 0, 3600000, 3600000 },
};

static const struct step raised[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "fires",			 61, 11, FIRING, FIRED, 0 },
	{ "worse",			 62, 21, FIRING, NOTHING, 0 },
	{ "half a minute of it",	 92, 21, FIRING, NOTHING, 0 },
	{ "back",			500, 0, FIRING, RESTART, 92 },
	{ "almost",			529, 21, FIRING, NOTHING, 0 },
	{ "the other half",		530, 21, WORSE, RAISED, 0 },
	{ "back",			600, 0, WORSE, RESTART, 540 },
	{ "not said twice",		601, 21, WORSE, NOTHING, 0 },
	{ "less",			602, 12, FIRING, NOTHING, 0 },
	{ "back: that is known",	700, 0, FIRING, RESTART, 620 },
	{ "good",			701, 1, FIRING, NOTHING, 0 },
	{ "resolved",			731, 1, OK, RESOLVED, 0 },
};

static const struct step repeat_goes_on[] = {
	{ "bad",			  1, 11, PENDING, NOTHING, 0 },
	{ "fires",			 61, 11, FIRING, FIRED, 0 },
	{ "back",		       3000, 0, FIRING, RESTART, 70 },
	{ "an hour for people",	       3660, 11, FIRING, NOTHING, 0 },
	{ "is one with us away",       3661, 11, FIRING, REPEATED, 0 },
	{ "back",		       7000, 0, FIRING, RESTART, 3700 },
	{ "not yet",		       7260, 11, FIRING, NOTHING, 0 },
	{ "reminded",		       7261, 11, FIRING, REPEATED, 0 },
	{ "back after a day",	      99999, 0, FIRING, RESTART, 7300 },
	{ "good: no reminder",	     100000, 1, FIRING, NOTHING, 0 },
	{ "resolved",		     100030, 1, OK, RESOLVED, 0 },
};

/* --- what flaps ----------------------------------------------------------- */

static const struct rule quick = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8,
};

static const struct step flaps[] = {
	{ "one",			  1, 11, FIRING, FIRED, 0 },
	{ "over",			  2, 1, OK, RESOLVED, 0 },
	{ "two",			  3, 11, FIRING, FIRED, 0 },
	{ "over",			  4, 1, OK, RESOLVED, 0 },
	{ "back",			 60, 0, OK, RESTART, 10 },
	{ "three",			 61, 11, FIRING, FIRED, 0 },
	{ "over",			 62, 1, OK, RESOLVED, 0 },
	{ "four",			 63, 11, FIRING, FIRED, 0 },
	{ "back",			100, 0, FIRING, RESTART, 70 },
	{ "over",			101, 1, OK, RESOLVED, 0 },
	{ "five, over two restarts",	102, 11, FIRING, FLAPS, 0 },
	{ "over, quietly",		103, 1, OK, NOTHING, 0 },
	{ "back",		       5000, 0, OK, RESTART, 203 },
	{ "away is not calm",	       5001, 1, OK, NOTHING, 0 },
	{ "it was for 100 s",	       6699, 1, OK, NOTHING, 0 },
	{ "and 1700 more",	       6700, 1, OK, RESOLVED, 0 },
	{ "back",		       6800, 0, OK, RESTART, 6750 },
	{ "said once",		       9000, 1, OK, NOTHING, 0 },
	{ "and it counts anew",	       9001, 11, FIRING, FIRED, 0 },
};

static const struct step long_ago[] = {
	{ "one",			  1, 11, FIRING, FIRED, 0 },
	{ "over",			  2, 1, OK, RESOLVED, 0 },
	{ "two",			  3, 11, FIRING, FIRED, 0 },
	{ "over",			  4, 1, OK, RESOLVED, 0 },
	{ "three",			  5, 11, FIRING, FIRED, 0 },
	{ "over",			  6, 1, OK, RESOLVED, 0 },
	{ "four",			  7, 11, FIRING, FIRED, 0 },
	{ "over",			  8, 1, OK, RESOLVED, 0 },
	{ "back after an hour",	       4000, 0, OK, RESTART, 10 },
	{ "the first for long",	       4001, 11, FIRING, FIRED, 0 },
};

/* --- windows -------------------------------------------------------------- */

static const struct rule mean = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8, .of = WINDOW_AVG,
	.over_ms = 60000,
};

static const struct step windows[] = {
	{ "the first value",		  1, 50, OK, NOTHING, 0 },
	{ "known",			 31, 50, FIRING, FIRED, 0 },
	{ "back, with nothing in it",	100, 0, FIRING, RESTART, 40 },
	{ "good, but that is thin",	101, 1, FIRING, NOTHING, 0 },
	{ "still",			130, 1, FIRING, NOTHING, 0 },
	{ "known: over",		131, 1, OK, RESOLVED, 0 },
};

static const struct life lives[] = {
	LIFE("ok", &slow, while_ok),
	LIFE("pending", &slow, while_pending),
	LIFE("pending, over", &slow, pending_is_over),
	LIFE("pending, killed", &slow, pending_and_killed),
	LIFE("pending, twice", &slow, pending_twice),
	LIFE("firing", &slow, while_firing),
	LIFE("over while away", &slow, over_while_away),
	LIFE("kept", &slow, while_kept),
	LIFE("bad again while kept", &slow, bad_again_while_kept),
	LIFE("blind", &slow, while_blind),
	LIFE("blind, over while away", &slow, blind_over_while_away),
	LIFE("blind and unheard", &slow, blind_and_unheard),
	LIFE("clock set back", &slow, clock_set_back),
	LIFE("clock set ahead", &slow, clock_set_ahead),
	LIFE("three of five", &three_of_five, k_of_n),
	LIFE("raised", &two, raised),
	LIFE("reminders", &two, repeat_goes_on),
	LIFE("flaps", &quick, flaps),
	LIFE("long ago", &quick, long_ago),
	LIFE("window", &mean, windows),
};

static void
test_lives(void **state)
{
	(void)state;
	lead_lives(lives, COUNT(lives));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
