/*
 * digest: when it is due, what a week comes to, and its sentences.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "agent/reports/digest.h"
#include "agent/reports/digest_stats.h"
#include "agent/reports/digest_text.h"
#include "base/err.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define HOUR_MS		INT64_C(3600000)
#define DAY_MS		(24 * HOUR_MS)

/* --- when -------------------------------------------------------------- */

/* "2025-11-28 10:00" of the zone that is set. */
static int64_t
at(const char *text)
{
	struct tm tm = { .tm_isdst = -1 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));
	return (int64_t)mktime(&tm) * 1000;
}

static const struct {
	const char	*at;
	int64_t		 every_ms;
	const char	*now, *slot;
} slots[] = {
	/* 28 November 2025 is a Friday. */
	{ "mon 09:00", 7 * DAY_MS, "2025-11-28 10:00", "2025-11-24 09:00" },
	{ "fri 10:00", 7 * DAY_MS, "2025-11-28 10:00", "2025-11-28 10:00" },
	{ "fri 10:01", 7 * DAY_MS, "2025-11-28 10:00", "2025-11-21 10:01" },
	{ "sun 0:00", 7 * DAY_MS, "2025-11-28 10:00", "2025-11-23 00:00" },
	{ "09:00", 7 * DAY_MS, "2025-11-28 10:00", "2025-11-24 09:00" },
	{ "Sat 23:59", DAY_MS, "2025-11-28 10:00", "2025-11-27 23:59" },
	{ "mon 09:00", DAY_MS, "2025-12-01 08:59", "2025-11-30 09:00" },
	/* The first one of 1970 was on the 5th. */
	{ "mon 09:00", 14 * DAY_MS, "2025-11-28 10:00", "2025-11-24 09:00" },
	{ "mon 09:00", 14 * DAY_MS, "2025-12-02 10:00", "2025-11-24 09:00" },
	{ "mon 09:00", 14 * DAY_MS, "2025-12-08 10:00", "2025-12-08 09:00" },
	/* 9 o'clock stays 9 o'clock when summer begins and ends. */
	{ "mon 09:00", 7 * DAY_MS, "2026-03-30 08:59", "2026-03-23 09:00" },
	{ "mon 09:00", 7 * DAY_MS, "2026-03-30 09:00", "2026-03-30 09:00" },
	{ "mon 09:00", 7 * DAY_MS, "2025-10-27 09:00", "2025-10-27 09:00" },
	{ "mon 09:00", 12 * HOUR_MS, "2025-11-28 10:00", "2025-11-28 09:00" },
	{ "mon 09:00", 12 * HOUR_MS, "2025-11-28 21:30", "2025-11-28 21:00" },
};

static void
test_slots(void **state)
{
	static const char *const zones[] = { "UTC", "Europe/Berlin",
	    "Pacific/Auckland" };

	(void)state;
	for (size_t z = 0; z < COUNT(zones); z++) {
		setenv("TZ", zones[z], 1);
		tzset();
		for (size_t i = 0; i < COUNT(slots); i++) {
			struct digest_options o = {
				.every_ms = slots[i].every_ms };
			struct err e;

			/* What is no number of days has no summer time. */
			if (z == 2 && o.every_ms % DAY_MS != 0)
				continue;
			assert_int_equal(digest_at_parse(&o, slots[i].at, &e),
			    0);
			if (digest_slot_ms(&o, at(slots[i].now)) !=
			    at(slots[i].slot))
				fail_msg("%s: row %zu: %lld", zones[z], i,
				    (long long)(digest_slot_ms(&o,
				    at(slots[i].now)) - at(slots[i].slot)));
		}
	}
	setenv("TZ", "UTC", 1);
	tzset();
}

/* A fast one: one slot follows the other, none is missed or repeated. */
static void
test_every_slot(void **state)
{
	struct digest_options o = { 10000, 1, 540, NULL };
	int64_t now = at("2025-11-28 23:59"), last = 0;

	(void)state;
	for (int i = 0; i < 1000; i++, now += 1234) {
		int64_t slot = digest_slot_ms(&o, now);

		assert_true(slot <= now && now - slot < 10000);
		if (last != 0)
			assert_true(slot == last || slot == last + 10000);
		last = slot;
	}
}

static void
test_wrong_times(void **state)
{
	static const char *const bad[] = { "", "mon", "9", "9:5", "25:00",
	    "09:60", "mon9:00", "monday 09:00", "mon 09:00 x", "mon 009:00",
	    "-1:00", "09.00", "mon tue 09:00", "1:000" };
	struct digest_options o;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (digest_at_parse(&o, bad[i], &e) != -1)
			fail_msg("taken: %s", bad[i]);
		assert_non_null(strstr(e.text, "mon 09:00"));
	}
}

/* --- what a week comes to ---------------------------------------------- */

static void
test_p95(void **state)
{
	struct digest_stats s;

	(void)state;
	digest_stats_init(&s, "app");
	assert_true(isnan(digest_stats_p95(&s)));
	digest_stats_rate(&s, (double)NAN);
	assert_true(isnan(digest_stats_p95(&s)));
	for (int i = 0; i < 1000; i++)
		digest_stats_rate(&s, i < 960 ? 38 : 1000);
	assert_true(fabs(digest_stats_p95(&s) - 38) < 38 * 0.03);
	for (int i = 0; i < 20; i++)
		digest_stats_rate(&s, 2e9);	/* beyond the scale */
	assert_true(digest_stats_p95(&s) > 900);
	digest_stats_done(&s);
	digest_stats_init(&s, "idle");
	for (int i = 0; i < 100; i++)
		digest_stats_rate(&s, 0);
	assert_true(digest_stats_p95(&s) < 1e-9);
	digest_stats_done(&s);
}

static void
test_growth(void **state)
{
	static const struct {
		double	 from, per_day;
		int	 days;
		double	 now, limit;
		int64_t	 in_days;	/* -1: never */
	} rows[] = {
		{ 1e9, 80e6, 7, 1.56e9, 10e9, 105 },
		{ 1e9, 0, 7, 1e9, 10e9, -1 },
		{ 2e9, -80e6, 7, 1.44e9, 10e9, -1 },
		{ 1e9, 1e3, 7, 1e9, 10e9, -1 },	/* in thousands of years */
		{ 11e9, 80e6, 7, 11.5e9, 10e9, -1 },	/* it is there */
		{ 1e9, 80e6, 0, 1e9, 10e9, -1 },	/* a point is no line */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct digest_stats s;
		int64_t in_s;

		digest_stats_init(&s, "app");
		for (int h = 0; h <= rows[i].days * 24; h++)
			digest_stats_size(&s, 1700000000 + h * 3600,
			    rows[i].from + rows[i].per_day * h / 24);
		in_s = digest_stats_reach_s(&s, rows[i].now, rows[i].limit);
		assert_int_equal(in_s < 0 ? -1 : in_s / 86400,
		    rows[i].in_days);
		digest_stats_done(&s);
	}
}

static void
test_worst_lag(void **state)
{
	struct digest_stats s;

	(void)state;
	digest_stats_init(&s, "app");
	assert_true(isnan(s.worst_lag));
	digest_stats_lag(&s, 2.1);
	digest_stats_lag(&s, (double)NAN);
	digest_stats_lag(&s, 0.3);
	assert_true(fabs(s.worst_lag - 2.1) < 1e-9);
	digest_stats_done(&s);
}

/* --- what is told ------------------------------------------------------ */

#define NOW	1764324000000LL		/* 28 Nov 2025, 10:00 */

#define APP	{ "app", 38, 50, 4.1e9, 10e9, NOW + 95 * DAY_MS, true, 2.1, \
		  NOW - 5 * DAY_MS }
#define SHOP	{ "shop", (double)NAN, 50, 1e9, 10e9, 0, true, (double)NAN, 0 }
#define BARE	{ "bare", 0, 50, 4096, 10e9, 0, false, (double)NAN, 0 }

static const struct {
	struct digest_facts facts;
	const char	*summary, *cause, *next_step;
} texts[] = {
	{
		.facts = { .span_ms = 7 * DAY_MS, .ndbs = 1, .tight = { BARE },
		    .ntight = 1, .nuncopied = 1 },
		.summary = "All is well with 1 database: no alert is open, and "
		    "none has fired in 7d.",
		.cause = "bare: write_rate at p95 0/s of 50.0/s (0%), size "
		    "4.10 kB of 10.0 GB (0%), no replica known.",
		.next_step = "Nothing has to be done.",
	}, {
		.facts = { .span_ms = 7 * DAY_MS, .ndbs = 1000, .nfired = 5,
		    .tight = { APP, SHOP, BARE }, .ntight = 3,
		    .nuncopied = 12, .nundrilled = 1 },
		.summary = "All is well with 1000 databases: no alert is open, "
		    "and 5 have fired in 7d.",
		.cause = "The tightest first.  app: write_rate at p95 38.0/s "
		    "of 50.0/s (76%), size 4.10 GB of 10.0 GB (41%), full on 3 "
		    "Mar as it grows, backup at worst 2.1s behind, restored as "
		    "a proof on 23 Nov.  shop: size 1.00 GB of 10.0 GB (10%), "
		    "never restored as a proof.  bare: write_rate at p95 0/s "
		    "of 50.0/s (0%), size 4.10 kB of 10.0 GB (0%), no replica "
		    "known.  And 997 more with more room.  Of all, 12 have no "
		    "replica that is known.",
		.next_step = "Look at app, which has used 76% of a limit: that "
		    "is the point at which to consider another database, and "
		    "not an end.",
	}, {
		.facts = { .span_ms = 7 * DAY_MS, .ndbs = 2, .nfired = 1,
		    .nopen = 2, .open = { { "busy", "app" },
		    { "wal-size", "shop" } }, .tight = { SHOP, BARE },
		    .ntight = 2 },
		.summary = "2 alerts are open: busy of app, wal-size of shop; "
		    "1 has fired in 7d.",
		.cause = "The tightest first.  shop: size 1.00 GB of 10.0 GB "
		    "(10%), never restored as a proof.  bare: write_rate at "
		    "p95 0/s of 50.0/s (0%), size 4.10 kB of 10.0 GB (0%), no "
		    "replica known.",
		.next_step = "Look at the open alerts on the agent's page.",
	}, {
		.facts = { .span_ms = DAY_MS, .ndbs = 1, .nopen = 1001,
		    .nsilenced = 2,
		    .open = { { "a", "x" }, { "b", "y" }, { "c", "z" } } },
		.summary = "1001 alerts are open: a of x, b of y, c of z and "
		    "998 more, 2 are silenced; none has fired in 1d.",
		.cause = "There is no database to tell of.",
		.next_step = "Look at the open alerts on the agent's page.",
	}, {
		.facts = { .span_ms = 7 * DAY_MS, .ndbs = 1, .nsilenced = 1,
		    .tight = { SHOP }, .ntight = 1, .nundrilled = 1 },
		.summary = "All is well with 1 database: no alert is open, 1 "
		    "is silenced, and none has fired in 7d.",
		.cause = "shop: size 1.00 GB of 10.0 GB (10%), never restored "
		    "as a proof.",
		.next_step = "1 backup has never been restored as a proof: run "
		    "`litegauge drill`, or set every in [drill].",
	},
};

static void
test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct digest_facts f = texts[i].facts;
		char *summary, *cause, *next_step;

		f.now_ms = NOW;
		digest_say(&f, &summary, &cause, &next_step);
		assert_string_equal(summary, texts[i].summary);
		assert_string_equal(cause, texts[i].cause);
		assert_string_equal(next_step, texts[i].next_step);
		free(summary);
		free(cause);
		free(next_step);
	}
}

/* The longest names leave room for all of it in a notification. */
static void
test_room(void **state)
{
	struct digest_facts f = { .now_ms = NOW, .ndbs = 100000,
	    .nuncopied = 99999, .nopen = 99999, .ntight = DIGEST_SHOWN };
	char *summary, *cause, *next_step, name[300];

	(void)state;
	memset(name, 'x', sizeof name);
	name[sizeof name - 1] = '\0';
	for (size_t i = 0; i < DIGEST_SHOWN; i++) {
		f.tight[i] = (struct digest_room)APP;
		memcpy(f.tight[i].db, name, DIGEST_NAME_MAX - 1);
		f.open[i] = (struct digest_open){ name, name };
	}
	digest_say(&f, &summary, &cause, &next_step);
	assert_true(strlen(summary) <= 1024);
	assert_true(strlen(cause) <= 1024);
	assert_non_null(strstr(cause, "99999 have no replica"));
	assert_true(strlen(next_step) <= 1024);
	free(summary);
	free(cause);
	free(next_step);
}

static void
test_tightest(void **state)
{
	static const double used[] = { 0.1, 0.5, 0.3, 0.9, 0, 0.5 };
	struct digest_facts f = { .ntight = 0 };
	struct digest_room r = { .db = "x", .size = (double)NAN,
	    .rate_limit = 50, .size_limit = 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(used); i++) {
		r.rate = 50 * used[i];
		digest_offer(&f, &r);
	}
	assert_int_equal(f.ntight, 3);
	assert_true(fabs(digest_used(&f.tight[0]) - 0.9) < 1e-9);
	assert_true(fabs(digest_used(&f.tight[1]) - 0.5) < 1e-9);
	assert_true(fabs(digest_used(&f.tight[2]) - 0.5) < 1e-9);
	r.size = 2;	/* the other limit counts as well */
	digest_offer(&f, &r);
	assert_true(fabs(digest_used(&f.tight[0]) - 2) < 1e-9);
	r.rate = r.size = (double)NAN;
	assert_true(digest_used(&r) < 1e-9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_every_slot),
		cmocka_unit_test(test_wrong_times),
		cmocka_unit_test(test_p95),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_worst_lag),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_tightest),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
