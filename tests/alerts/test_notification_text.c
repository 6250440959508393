/*
 * notification_text: the cause and the next step, and whose word they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "alerts/notification.h"
#include "base/err.h"
#include "tests/alerts/sample.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define WALL		1764324000000LL	/* 28 Nov 2025, 10:00 */
#define HOURS(n)	((n) * INT64_C(3600000))

static char name[] = "r";

#define RULE(m, o, l) .name = name, .measure = MEASURE_##m, .op = RULE_##o, \
	.limit = (l), .clear = (l), .severity = SEVERITY_WARNING

static const struct rule plain = { RULE(WRITE_RATE, ABOVE, 50) };

static struct scene
scene_of(void)
{
	return (struct scene){ .db = "app", .host = "vps1",
		.base_url = SAMPLE_BASE, .wall_ms = WALL };
}

static struct alert
alert_of(const struct rule *r, double value, int64_t since_ms,
    int64_t fired_ms)
{
	static struct past past;

	past.fired = (struct now){ HOURS(2400) - fired_ms, WALL - fired_ms };
	return (struct alert){
		.rule = r, .value = value, .last = value, .past = &past,
		.since = { HOURS(2400) - since_ms, WALL - since_ms },
	};
}

static const struct rule up = { RULE(UP, BELOW, 1) };
static const struct rule idle = { RULE(WRITE_RATE, BELOW, 100) };
static const struct rule room = { RULE(DISK_FREE, ABOVE, 10) };

static const struct {
	const char		*why;
	enum alert_change	 what;
	const struct rule	*rule;
	const char		*down;
	bool			 unwatched, diagnosed;
	const char		*summary, *cause, *step;	/* parts */
} words[] = {
	{ "a measure knows a cause", ALERT_FIRED, &plain, NULL, 0, 0,
	    "write_rate is", "The app commits this often", "write_lock_busy" },
	{ "a diagnosis knows it better", ALERT_FIRED, &plain, NULL, 0, 1,
	    "write_rate is", "It is the disk.", "Turn it." },
	{ "and later still", ALERT_REPEATED, &plain, NULL, 0, 1,
	    "been firing", "It is the disk.", "Turn it." },
	{ "but not when it is over", ALERT_LOST, &plain, NULL, 0, 1,
	    "no value", "likely out of reach", "agent's page" },
	{ "why nothing is seen, is known", ALERT_LOST, &plain,
	    "open: No such file or directory", 0, 0, "no value",
	    "The last look at the database failed: open: No such file or "
	    "directory.", "agent's page" },
	{ "why it is down, as well", ALERT_FIRED, &up, "open: Permission "
	    "denied", 0, 0, "up is 62", "The last look at the database failed: "
	    "open: Permission denied.", "may the agent read it" },
	{ "other alerts do not speak of it", ALERT_FIRED, &plain, "why", 0, 0,
	    "write_rate is", "The app commits", "write_lock_busy" },
	{ "too little is no trouble that they know", ALERT_FIRED, &idle, NULL,
	    0, 1, "write_rate is 62.0/s, below 100/s", "the app is likely idle",
	    "whether the app runs" },
	{ "nor too much of what is missed", ALERT_REPEATED, &room, NULL, 0, 0,
	    "disk_free is 62 B, above 10 B", "no trouble by itself",
	    "whoever wrote the rule" },
	{ "nobody watches it any more", ALERT_DROPPED, &plain, NULL, 1, 0,
	    "app: the database is not watched any more, so the alert about "
	    "write_rate is closed; it was 62.0/s when last seen.",
	    "taken out of the configuration", "put it back" },
};

static void
test_causes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		struct scene scene = scene_of();
		const struct alert a = alert_of(words[i].rule, 62, 0, 0);
		struct notification *n;

		scene.down = words[i].down;
		scene.unwatched = words[i].unwatched;
		if (words[i].diagnosed) {
			scene.cause = "It is the disk.";
			scene.next_step = "Turn it.";
		}
		n = notification_new(words[i].what, &a, &scene);
		if (strstr(n->summary, words[i].summary) == NULL ||
		    strstr(n->cause, words[i].cause) == NULL ||
		    strstr(n->next_step, words[i].step) == NULL)
			fail_msg("%s: %s / %s / %s", words[i].why, n->summary,
			    n->cause, n->next_step);
		notification_free(n);
	}
}

/* A diagnosis says the cause, and the culprit is named all the same; but never
 * Litestream for its read mark. */
static void
test_diagnosed_culprit(void **state)
{
	static const struct rule lag = { RULE(CHECKPOINT_LAG, ABOVE, 300) };
	const struct alert a = alert_of(&lag, 400, 0, 0);
	struct culprit culprits[HOLD_COUNT] = {
		[HOLD_READER] = { 8123, WALL - 60000, "puma" },
	};
	struct scene scene = scene_of();
	struct notification *n;

	(void)state;
	scene.culprits = culprits;
	scene.cause = "It is the disk.";
	scene.next_step = "Turn it.";
	n = notification_new(ALERT_FIRED, &a, &scene);
	assert_string_equal(n->cause, "It is the disk.");
	assert_true(n->has_culprit);
	assert_int_equal(n->culprit_pid, 8123);
	notification_free(n);
	memcpy(culprits[HOLD_READER].command, "litestream", 11);
	n = notification_new(ALERT_FIRED, &a, &scene);
	assert_false(n->has_culprit);
	notification_free(n);
}

/* A rule's own words are the next step while there is trouble. */
static void
test_message(void **state)
{
	static char text[] = "Call {db}'s owner: {value} of {threshold}, since "
	    "{since}; {{curl {host}}";
	struct rule r = plain;
	struct alert a = alert_of(&r, 62, 0, HOURS(2));
	const struct scene scene = scene_of();
	struct notification *n;

	(void)state;
	r.message = text;
	n = notification_new(ALERT_FIRED, &a, &scene);
	assert_string_equal(n->next_step, "Call app's owner: 62.0/s of 50.0/s, "
	    "since 28 Nov at 08:00; {curl vps1}");
	assert_non_null(strstr(n->cause, "commits this often"));
	notification_free(n);
	a.value = 12;
	n = notification_new(ALERT_RESOLVED, &a, &scene);
	assert_non_null(strstr(n->next_step, "Nothing has to be done"));
	notification_free(n);
}

/* What the rules for advice forbid, in all that can be said. */
static void
test_never(void **state)
{
	static const char *const never[] = { "kill", "rm ", "delete the",
	    "remove the -wal" };
	const struct scene scene = scene_of();

	(void)state;
	for (int m = 0; m < MEASURE_COUNT; m++)
		for (int c = ALERT_FIRED; c < ALERT_CHANGES; c++) {
			const struct rule r = { .name = name,
			    .measure = (enum measure_id)m, .limit = 1 };
			const struct alert a = alert_of(&r, 2, 0, 0);
			struct notification *n = notification_new(
			    (enum alert_change)c, &a, &scene);

			for (size_t i = 0; i < COUNT(never); i++) {
				assert_null(strstr(n->cause, never[i]));
				assert_null(strstr(n->next_step, never[i]));
			}
			notification_free(n);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_diagnosed_culprit),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_never),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
