/*
 * What fires too often is quiet until it is calm, or out of sight.
 */
#include "tests/alerts/lives.h"

static const struct rule quick = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8,
	.repeat_ms = { 600000, 600000, 600000 },
};

#define FLAPPING						\
	{ "one",			  1, 11, FIRING, FIRED, 0 },	\
	{ "over",			  2, 1, OK, RESOLVED, 0 },	\
	{ "two",			  3, 11, FIRING, FIRED, 0 },	\
	{ "over",			  4, 1, OK, RESOLVED, 0 },	\
	{ "three",			  5, 11, FIRING, FIRED, 0 },	\
	{ "over",			  6, 1, OK, RESOLVED, 0 },	\
	{ "four",			  7, 11, FIRING, FIRED, 0 },	\
	{ "over",			  8, 1, OK, RESOLVED, 0 },	\
	{ "five in an hour: it flaps",	  9, 11, FIRING, FLAPS, 0 }

static const struct step flaps_to_ok[] = {
	FLAPPING,
	{ "over, quietly",		 10, 1, OK, NOTHING, 0 },
	{ "on",				 11, 11, FIRING, NOTHING, 0 },
	{ "over, the last time",	 12, 1, OK, NOTHING, 0 },
	{ "calm, not yet half an hour", 1811, 1, OK, NOTHING, 0 },
	{ "calm: it is over",	       1812, 1, OK, RESOLVED, 0 },
	{ "once",		       1813, 1, OK, NOTHING, 0 },
	{ "a new one counts anew",     1814, 11, FIRING, FIRED, 0 },
	{ "over",		       1815, 1, OK, RESOLVED, 0 },
	{ "its second",		       1816, 11, FIRING, FIRED, 0 },
};

static const struct step flaps_to_firing[] = {
	FLAPPING,
	{ "no reminders of it",		700, 11, FIRING, NOTHING, 0 },
	{ "it fires, for long",	       1808, 11, FIRING, NOTHING, 0 },
	{ "half an hour: it fires",    1809, 11, FIRING, FIRED, 0 },
	{ "reminders again",	       2409, 11, FIRING, REPEATED, 0 },
	{ "and is over",	       2410, 1, OK, RESOLVED, 0 },
};

static const struct step flaps_blind[] = {
	FLAPPING,
	{ "no sight",			 10, NAN, FIRING, NOTHING, 0 },
	{ "lost, quietly",		130, NAN, NO_DATA, NOTHING, 0 },
	{ "not yet half an hour",      1929, NAN, NO_DATA, NOTHING, 0 },
	{ "back",		       1930, 11, FIRING, NOTHING, 0 },
	{ "over, quietly",	       1931, 1, OK, NOTHING, 0 },
	{ "lost",		       1932, NAN, OK, NOTHING, 0 },
	{ "for long",		       2052, NAN, NO_DATA, NOTHING, 0 },
	{ "back: good",		       2053, 1, OK, NOTHING, 0 },
	{ "calm since it is seen",     3852, 1, OK, NOTHING, 0 },
	{ "half an hour",	       3853, 1, OK, RESOLVED, 0 },
};

static const struct step flaps_out_of_sight[] = {
	FLAPPING,
	{ "over, quietly",		 10, 1, OK, NOTHING, 0 },
	{ "no sight",			 11, NAN, OK, NOTHING, 0 },
	{ "lost, quietly",		131, NAN, NO_DATA, NOTHING, 0 },
	{ "half an hour: say so",      1931, NAN, NO_DATA, LOST, 0 },
	{ "and remind",		       2531, NAN, NO_DATA, REPEATED, 0 },
	{ "back: it is open",	       2532, 9, FIRING, NOTHING, 0 },
	{ "until it is good",	       2533, 1, OK, RESOLVED, 0 },
	{ "a new one counts anew",     2534, 11, FIRING, FIRED, 0 },
};

static const struct step flaps_seldom[] = {
	{ "one",			  1, 11, FIRING, FIRED, 0 },
	{ "over",			  2, 1, OK, RESOLVED, 0 },
	{ "two",		       1000, 11, FIRING, FIRED, 0 },
	{ "over",		       1001, 1, OK, RESOLVED, 0 },
	{ "three",		       2000, 11, FIRING, FIRED, 0 },
	{ "over",		       2001, 1, OK, RESOLVED, 0 },
	{ "four",		       3000, 11, FIRING, FIRED, 0 },
	{ "over",		       3001, 1, OK, RESOLVED, 0 },
	{ "five in more than an hour", 3601, 11, FIRING, FIRED, 0 },
};

static const struct rule two = {
	.op = RULE_ABOVE, .limit = 10, .clear = 8, .keep_ms = 30000,
	.severity = SEVERITY_WARNING, .has_worse = true, .worse = 20,
	.worse_clear = 16, .worse_severity = SEVERITY_CRITICAL,
};

/* A severity that goes up and down is as much noise as one that fires. */
static const struct step flaps_in_severity[] = {
	{ "fires",			  1, 11, FIRING, FIRED, 0 },
	{ "worse",			  2, 21, WORSE, RAISED, 0 },
	{ "less",			  3, 11, FIRING, NOTHING, 0 },
	{ "worse",			  4, 21, WORSE, RAISED, 0 },
	{ "less",			  5, 11, FIRING, NOTHING, 0 },
	{ "worse",			  6, 21, WORSE, RAISED, 0 },
	{ "less",			  7, 11, FIRING, NOTHING, 0 },
	{ "worse: it flaps",		  8, 21, WORSE, FLAPS, 0 },
	{ "less",			  9, 11, FIRING, NOTHING, 0 },
	{ "half an hour: it fires",    1808, 11, FIRING, FIRED, 0 },
};

static const struct life lives[] = {
	LIFE("flaps, then ok", &quick, flaps_to_ok),
	LIFE("flaps, then fires", &quick, flaps_to_firing),
	LIFE("flaps unseen", &quick, flaps_blind),
	LIFE("flaps out of sight", &quick, flaps_out_of_sight),
	LIFE("seldom", &quick, flaps_seldom),
	LIFE("flapping severity", &two, flaps_in_severity),
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
