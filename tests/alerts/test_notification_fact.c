/*
 * notification_fact: every story of every kind of rule, in whole sentences.
 */
#include <math.h>
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
#define MINUTES(n)	((n) * INT64_C(60000))
#define HOURS(n)	MINUTES((n) * 60)
#define DAYS(n)		HOURS((n) * 24)

static char name[] = "r";

#define RULE(m, o, l) .name = name, .measure = MEASURE_##m, .op = RULE_##o, \
	.limit = (l), .clear = 0.9 * (l), .severity = SEVERITY_WARNING
#define WORSE(l) .has_worse = true, .worse = (l), \
	.worse_severity = SEVERITY_CRITICAL

static const struct rule
plain	= { RULE(WRITE_RATE, ABOVE, 50), .for_ms = MINUTES(5), WORSE(100) },
at_once	= { RULE(DISK_FREE_RATIO, BELOW, 0.1), WORSE(0.03) },
avg	= { RULE(WRITE_RATE, ABOVE, 50), .of = WINDOW_AVG,
	    .over_ms = MINUTES(5), .for_ms = MINUTES(10) },
most	= { RULE(WRITER_HOLD, ABOVE, 5), .of = WINDOW_MAX,
	    .over_ms = HOURS(1) },
least	= { RULE(DISK_FREE, BELOW, 1e9), .of = WINDOW_MIN,
	    .over_ms = HOURS(1) },
median	= { RULE(WRITE_RATE, ABOVE, 50), .of = WINDOW_MEDIAN,
	    .over_ms = HOURS(1) },
p95	= { RULE(WRITE_RATE, ABOVE, 50), .of = WINDOW_P95,
	    .over_ms = HOURS(1) },
trend	= { RULE(DATABASE_SIZE, ABOVE, 10e9), .of = WINDOW_TREND,
	    .over_ms = DAYS(7), .ahead_ms = DAYS(30), WORSE(20e9) },
full	= { RULE(DISK_FREE, BELOW, 1e9), .of = WINDOW_TREND,
	    .over_ms = HOURS(6), .ahead_ms = DAYS(1), .for_ms = HOURS(1) },
flag	= { RULE(UP, BELOW, 1), .for_ms = MINUTES(2) },
flags	= { RULE(REPLICA_AHEAD, ABOVE, 0), .times = 3, .out_of = 5 },
odd	= { RULE(UP, ABOVE, 0) },	/* it should not be there */
k_of_n	= { RULE(READERS, ABOVE, 5), .times = 3, .out_of = 5, WORSE(10) };

/* Times are ago, from WALL. */
static const struct {
	enum alert_change what;
	const struct rule *rule;
	struct {
		double	 value, last;
		bool	 raised;
		uint64_t bits;
		unsigned nbits;
	}		 a;
	int64_t		 since_ms, fired_ms;
	const char	*says;
} rows[] = {
	{ ALERT_FIRED, &plain, { .value = 62 }, 0, 0,
	    "write_rate is 62.0/s, above 50.0/s for 5m." },
	{ ALERT_FIRED, &at_once, { .value = 0.08 }, 0, 0,
	    "disk_free_ratio is 8.00%, below 10.0%." },
	{ ALERT_FIRED, &plain, { .value = 120, .raised = true }, 0, 0,
	    "write_rate is 120/s, above 100/s, critical, and has been above "
	    "50.0/s for 5m." },
	{ ALERT_FIRED, &at_once, { .value = 0.02, .raised = true }, 0, 0,
	    "disk_free_ratio is 2.00%, below 3.00%, critical." },
	{ ALERT_FIRED, &avg, { .value = 62, .last = 1 }, 0, 0,
	    "the mean of write_rate over the last 5m is 62.0/s, above 50.0/s "
	    "for 10m." },
	{ ALERT_FIRED, &most, { .value = 6.2 }, 0, 0,
	    "the greatest writer_hold of the last 1h is 6.2s, above 5s." },
	{ ALERT_FIRED, &least, { .value = 5e8 }, 0, 0,
	    "the least disk_free of the last 1h is 500 MB, below 1.00 GB." },
	{ ALERT_FIRED, &median, { .value = 62 }, 0, 0,
	    "the median of write_rate over the last 1h is 62.0/s, above "
	    "50.0/s." },
	{ ALERT_FIRED, &p95, { .value = 62 }, 0, 0,
	    "the 95th percentile of write_rate over the last 1h is 62.0/s, "
	    "above 50.0/s." },
	{ ALERT_FIRED, &k_of_n, { 7, 7, false, 0xd5, 8 }, 0, 0,
	    "readers is 7, and was above 5 in 3 of the last 5 looks." },
	{ ALERT_FIRED, &k_of_n, { 7, 7, false, 0x7, 3 }, 0, 0,
	    "readers is 7, and was above 5 in 3 of the last 3 looks." },
	{ ALERT_FIRED, &flag, { .value = 0 }, 0, 0,
	    "the database cannot be read (up is 0) for 2m." },
	{ ALERT_REPEATED, &flag, { .value = 0 }, HOURS(4), HOURS(4),
	    "the database cannot be read (up is 0); the alert has been firing "
	    "for 4h." },
	{ ALERT_RESOLVED, &flag, { .value = 1 }, 0, MINUTES(12),
	    "the database can be read again; the alert lasted 12m." },
	{ ALERT_FIRED, &flags, { 1, 1, false, 0x7, 3 }, 0, 0,
	    "replica_ahead is 1, and was above 0 in 3 of the last 3 looks." },
	{ ALERT_FIRED, &odd, { .value = 1 }, 0, 0, "up is 1, above 0." },
	{ ALERT_FIRED, &k_of_n, { 12, 12, true, 0x1f, 5 }, 0, 0,
	    "readers is 12, above 10, critical, and was above 5 in 5 of the "
	    "last 5 looks." },

	/* 8.1 GB now and 12.85 GB in 30 days: 10 GB after 12 of them. */
	{ ALERT_FIRED, &trend, { .value = 12.85e9, .last = 8.1e9 }, 0, 0,
	    "database_size is 8.10 GB now, and at the pace of the last 7d will "
	    "be above 10.0 GB in 12d, on 10 Dec." },
	{ ALERT_FIRED, &trend, { .value = 12e9, .last = 10.5e9 }, 0, 0,
	    "database_size is 10.5 GB, above 10.0 GB already, and at the pace "
	    "of the last 7d will be 12.0 GB in 30d, on 28 Dec." },
	{ ALERT_FIRED, &trend, { .value = 12e9, .last = NAN }, 0, 0,
	    "database_size is unknown now, and at the pace of the last 7d will "
	    "be 12.0 GB in 30d, on 28 Dec." },
	{ ALERT_FIRED, &full, { .value = 0, .last = 4e9 }, 0, 0,
	    "disk_free is 4.00 GB now, and at the pace of the last 6h will be "
	    "below 1.00 GB in 18h, on 29 Nov at 04:00; it has looked so for "
	    "1h." },
	{ ALERT_RAISED, &trend, { .value = 40e9, .last = 8e9, .raised = true },
	    0, DAYS(2),
	    "database_size is 8.00 GB now, and at the pace of the last 7d will "
	    "be above 20.0 GB in 11d, on 9 Dec, critical; the alert has been "
	    "firing for 2d." },

	{ ALERT_RAISED, &plain, { .value = 120, .raised = true }, MINUTES(12),
	    MINUTES(12), "write_rate is 120/s and has risen above 100/s, "
	    "critical; the alert has been firing for 12m." },
	{ ALERT_RAISED, &at_once, { .value = 0.02, .raised = true }, 0, 0,
	    "disk_free_ratio is 2.00% and has fallen below 3.00%, critical; "
	    "the alert has been firing for 0s." },
	{ ALERT_REPEATED, &plain, { .value = 62 }, MINUTES(250), MINUTES(250),
	    "write_rate is 62.0/s, above 50.0/s; the alert has been firing for "
	    "4h 10m." },
	{ ALERT_REPEATED, &plain, { .value = 48 }, HOURS(4), HOURS(4),
	    "write_rate is 48.0/s, not back below 45.0/s; the alert has been "
	    "firing for 4h." },
	{ ALERT_REPEATED, &plain, { .value = 95, .raised = true }, HOURS(4),
	    HOURS(4), "write_rate is 95.0/s, above 50.0/s; the alert has "
	    "been firing for 4h." },
	{ ALERT_REPEATED, &k_of_n, { 7, 7, false, 0xf, 5 }, HOURS(4),
	    HOURS(4), "readers is 7, and was above 5 in 4 of the last 5 looks; "
	    "the alert has been firing for 4h." },
	{ ALERT_REPEATED, &trend, { .value = 12.85e9, .last = 8.1e9 },
	    DAYS(1), DAYS(1),
	    "database_size is 8.10 GB now, and at the pace of the last 7d will "
	    "be above 10.0 GB in 12d, on 10 Dec; the alert has been firing for "
	    "1d." },

	{ ALERT_RESOLVED, &plain, { .value = 12 }, 0, MINUTES(12),
	    "write_rate is 12.0/s again, no longer above 50.0/s; the alert "
	    "lasted 12m." },
	{ ALERT_RESOLVED, &plain, { .value = 12, .raised = true }, 0,
	    MINUTES(12), "write_rate is 12.0/s again, no longer above 50.0/s; "
	    "the alert lasted 12m." },
	{ ALERT_RESOLVED, &median, { .value = 12 }, 0, HOURS(3),
	    "the median of write_rate over the last 1h is 12.0/s again, no "
	    "longer above 50.0/s; the alert lasted 3h." },
	{ ALERT_RESOLVED, &k_of_n, { 7, 7, false, 0x1, 5 }, 0, MINUTES(1),
	    "readers is 7, and was above 5 in only 1 of the last 5 looks; the "
	    "alert lasted 1m." },
	{ ALERT_RESOLVED, &trend, { .value = 9e9, .last = 7e9 }, 0, DAYS(3),
	    "database_size is 7.00 GB, and at the pace of the last 7d will not "
	    "be above 10.0 GB within 30d; the alert lasted 3d." },
	{ ALERT_DROPPED, &plain, { .value = 62 }, 0, MINUTES(12),
	    "write_rate is not watched here any more, so the alert is closed; "
	    "it was 62.0/s when last seen." },
	{ ALERT_DROPPED, &avg, { .value = NAN }, 0, MINUTES(12),
	    "write_rate is not watched here any more, so the alert is "
	    "closed." },

	{ ALERT_FLAPS, &plain, { .value = 62 }, 0, 0,
	    "write_rate goes above 50.0/s and back again and again, 5 times "
	    "within 1h; nothing more is said of it until it has been calm for "
	    "30m." },
	{ ALERT_FLAPS, &trend, { .value = 12e9, .last = 8e9 }, 0, 0,
	    "the forecast of database_size goes above 10.0 GB and back again "
	    "and again, 5 times within 1h; nothing more is said of it until it "
	    "has been calm for 30m." },
	{ ALERT_RESOLVED, &plain, { .value = 12 }, MINUTES(30), MINUTES(35),
	    "write_rate is 12.0/s, and the alert has not fired for 30m: it "
	    "flaps no more." },
	{ ALERT_FIRED, &plain, { .value = 62 }, MINUTES(31), MINUTES(31),
	    "write_rate is 62.0/s, above 50.0/s; it flaps no more, for it has "
	    "stayed so for 31m." },

	{ ALERT_LOST, &plain, { .value = 62 }, 0, HOURS(1),
	    "write_rate has had no value for 2m; it was 62.0/s when last seen, "
	    "and the alert is still open." },
	{ ALERT_LOST, &p95, { .value = 62, .last = 1 }, 0, HOURS(1),
	    "write_rate has had no value for 2m; the 95th percentile was "
	    "62.0/s when last seen, and the alert is still open." },
	{ ALERT_LOST, &trend, { .value = 12e9, .last = 8e9 }, 0, HOURS(1),
	    "database_size has had no value for 2m; the forecast was 12.0 GB "
	    "when last seen, and the alert is still open." },
	{ ALERT_LOST, &plain, { .value = 62 }, MINUTES(238), HOURS(5),
	    "write_rate has had no value for 4h; it was 62.0/s when last seen, "
	    "and the alert is still open." },
	{ ALERT_LOST, &plain, { .value = 62 }, -HOURS(1), HOURS(1),
	    "write_rate has had no value for 2m; it was 62.0/s when last seen, "
	    "and the alert is still open." },
	{ ALERT_LOST, &plain, { .value = NAN }, 0, HOURS(1),
	    "write_rate has had no value for 2m, and the alert is still "
	    "open." },
};

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

	past.fired = (struct now){ DAYS(100) - fired_ms, WALL - fired_ms };
	return (struct alert){
		.rule = r, .value = value, .last = value, .past = &past,
		.since = { DAYS(100) - since_ms, WALL - since_ms },
	};
}

static void
test_facts(void **state)
{
	const struct scene scene = scene_of();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct alert a = alert_of(rows[i].rule, rows[i].a.value,
		    rows[i].since_ms, rows[i].fired_ms);
		struct notification *n;

		a.last = rows[i].a.last;
		a.raised = rows[i].a.raised;
		a.past->bits = rows[i].a.bits;
		a.nbits = (unsigned char)rows[i].a.nbits;
		n = notification_new(rows[i].what, &a, &scene);
		assert_memory_equal(n->summary, "app: ", 5);
		assert_string_equal(n->summary + 5, rows[i].says);
		assert_int_equal(n->reminder, rows[i].what == ALERT_REPEATED);
		/* Something to think and something to do, in sentences. */
		assert_true(strlen(n->cause) > 30);
		assert_true(strlen(n->next_step) > 20);
		assert_int_equal(n->cause[strlen(n->cause) - 1], '.');
		notification_free(n);
	}
}

/* What has no data is said again as such, and not as if it fired. */
static void
test_no_data_again(void **state)
{
	const struct scene scene = scene_of();
	struct alert a = alert_of(&plain, 62, MINUTES(238), HOURS(5));
	struct notification *n;

	(void)state;
	a.state = ALERT_NO_DATA;
	n = notification_new(ALERT_REPEATED, &a, &scene);
	assert_int_equal(n->type, NOTIFY_NO_DATA);
	assert_true(n->reminder);
	assert_string_equal(n->summary, "app: write_rate has had no value for "
	    "4h; it was 62.0/s when last seen, and the alert is still open.");
	notification_free(n);
}

/* The longest is the one of a forecast: it is not cut. */
static void
test_room(void **state)
{
	char db[1024] = "";
	struct scene scene = scene_of();
	struct alert a = alert_of(&full, 0, 0, 0);
	struct notification *n;

	(void)state;
	memset(db, 'x', sizeof db - 1);
	scene.db = db;
	a.last = 4e9;
	n = notification_new(ALERT_FIRED, &a, &scene);
	assert_non_null(strstr(n->summary, "; it has looked so for 1h."));
	notification_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_no_data_again),
		cmocka_unit_test(test_room),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
