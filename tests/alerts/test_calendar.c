/*
 * Times of the week: as they are written, as they are printed, and which moment
 * is in them, also where clocks are changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "alerts/calendar.h"
#include "base/buf.h"
#include "base/err.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))

static const struct {
	const char	*text;
	unsigned	 days;
	int		 from, to;
	const char	*printed;
} goods[] = {
	{ "weekdays 08:00-20:00", 0x3e, 480, 1200, "weekdays 08:00-20:00" },
	{ "weekdays", 0x3e, 0, 0, "weekdays" },
	{ "Weekends", 0x41, 0, 0, "weekends" },
	{ "sat,sun", 0x41, 0, 0, "weekends" },
	{ "daily", 0x7f, 0, 0, "daily" },
	{ "mon-sun", 0x7f, 0, 0, "daily" },
	{ "daily 8:00-9:30", 0x7f, 480, 570, "08:00-09:30" },
	{ "22:00-06:00", 0x7f, 1320, 360, "22:00-06:00" },
	{ "mon-fri 22:00-06:00", 0x3e, 1320, 360, "weekdays 22:00-06:00" },
	{ "  mon , wed,fri  9:00-17:00 ", 0x2a, 540, 1020,
	  "mon,wed,fri 09:00-17:00" },
	{ "mon-wed,sat", 0x4e, 0, 0, "mon-wed,sat" },
	{ "fri-mon", 0x63, 0, 0, "mon,fri-sun" },
	{ "sat-mon", 0x43, 0, 0, "mon,sat,sun" },
	{ "tue-tue", 0x04, 0, 0, "tue" },
	{ "weekdays,sat", 0x7e, 0, 0, "mon-sat" },
	{ "mon,mon", 0x02, 0, 0, "mon" },
	{ "sun 00:00-24:00", 0x01, 0, 0, "sun" },
	{ "sun 20:00-24:00", 0x01, 1200, 1440, "sun 20:00-24:00" },
	{ "sun 20:00-00:00", 0x01, 1200, 0, "sun 20:00-00:00" },
	{ "sun08:00-20:00", 0x01, 480, 1200, "sun 08:00-20:00" },
};

static void
test_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(goods); i++) {
		struct calendar c, again;
		struct err e = { "" };
		struct buf b;

		print_message("# %s\n", goods[i].text);
		if (calendar_parse(&c, goods[i].text, &e) == -1)
			fail_msg("%s", e.text);
		assert_int_equal(c.days, goods[i].days);
		assert_int_equal(c.from_min, goods[i].from);
		assert_int_equal(c.to_min, goods[i].to);
		buf_init(&b, 100);
		calendar_print(&b, &c);
		assert_string_equal(b.data, goods[i].printed);
		assert_int_equal(calendar_parse(&again, b.data, &e), 0);
		assert_memory_equal(&again, &c, sizeof c);
		buf_free(&b);
	}
}

static const char *const bads[] = {
	"", " ", ",", "weekday", "mo", "monday", "mon,", ",mon", "mon--fri",
	"mon-", "mon-weekdays", "weekdays-sat", "mon fri", "never", "8",
	"08:00", "08:00-", "08:00-20", "08:00-20:0", "08:00-20:000",
	"08:60-09:00", "24:01-25:00", "08:00-25:00", "100:00-101:00",
	"08:00-20:00 mon", "mon 08:00-20:00 x", "mon 08:00 - 20:00", "-",
	"mon 08.00-20.00", "mon\t08:00-20:00\n",
};

/* Hours that are none: all day is not said like this. */
static const char *const nevers[] = {
	"08:00-08:00", "weekdays 00:00-00:00", "sun 24:00-24:00",
	"sun 24:00-08:00",
};

static void
test_wrong(void **state)
{
	struct calendar c = { 5, 6, 7 }, before = c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(bads); i++) {
		print_message("# %s\n", bads[i]);
		assert_int_equal(calendar_parse(&c, bads[i], &e), -1);
		assert_non_null(strstr(e.text, "is not a time of the week: "
		    "write it as in \"weekdays 08:00-20:00\""));
	}
	for (size_t i = 0; i < COUNT(nevers); i++) {
		print_message("# %s\n", nevers[i]);
		assert_int_equal(calendar_parse(&c, nevers[i], &e), -1);
		assert_non_null(strstr(e.text, "ends when it begins"));
	}
	assert_memory_equal(&c, &before, sizeof c);
}

/* Both ways to name a zone: the first needs the system's files, the second has
 * its rules in it, as they have been for years. */
#define BERLIN	"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"
#define YORK	"America/New_York", "EST5EDT,M3.2.0,M11.1.0"
#define UTC	NULL, "UTC0"

static const struct {
	const char	*zone, *rules;
	const char	*utc;		/* the moment */
	const char	*calendar;
	bool		 is_in;
} moments[] = {
	/* 23 November 2026 is a Monday. */
	{ UTC, "2026-11-23 07:59:59", "weekdays 08:00-20:00", false },
	{ UTC, "2026-11-23 08:00:00", "weekdays 08:00-20:00", true },
	{ UTC, "2026-11-23 19:59:59", "weekdays 08:00-20:00", true },
	{ UTC, "2026-11-23 20:00:00", "weekdays 08:00-20:00", false },
	{ UTC, "2026-11-22 12:00:00", "weekdays 08:00-20:00", false },
	{ UTC, "2026-11-22 12:00:00", "weekends", true },
	{ UTC, "2026-11-21 00:00:00", "sat", true },
	{ UTC, "2026-11-20 23:59:59", "sat", false },
	{ UTC, "2026-11-22 23:59:59", "sun 20:00-24:00", true },
	{ UTC, "2026-11-23 00:00:00", "sun 20:00-24:00", false },
	/* Hours over midnight belong to the day on which they begin. */
	{ UTC, "2026-11-23 05:59:59", "sun 22:00-06:00", true },
	{ UTC, "2026-11-23 06:00:00", "sun 22:00-06:00", false },
	{ UTC, "2026-11-22 05:59:59", "sun 22:00-06:00", false },
	{ UTC, "2026-11-23 05:00:00", "weekdays 22:00-06:00", false },
	{ UTC, "2026-11-28 05:00:00", "weekdays 22:00-06:00", true },
	{ UTC, "2026-11-28 22:00:00", "weekdays 22:00-06:00", false },
	{ UTC, "2026-11-22 03:00:00", "sat 22:00-06:00", true },
	{ UTC, "2026-11-22 03:00:00", "22:00-06:00", true },
	{ UTC, "2026-11-22 12:00:00", "22:00-06:00", false },
	/* Local time, which has another day. */
	{ YORK, "2026-11-24 00:30:00", "mon 19:00-20:00", true },
	{ YORK, "2026-11-24 00:30:00", "tue", false },
	{ BERLIN, "2026-11-22 23:30:00", "mon", true },
	{ BERLIN, "2026-11-22 22:30:00", "mon", false },
	/* In winter Berlin is an hour ahead, in summer two. */
	{ BERLIN, "2026-01-12 07:30:00", "weekdays 08:00-20:00", true },
	{ BERLIN, "2026-01-12 06:30:00", "weekdays 08:00-20:00", false },
	{ BERLIN, "2026-07-13 06:30:00", "weekdays 08:00-20:00", true },
	{ BERLIN, "2026-07-13 18:30:00", "weekdays 08:00-20:00", false },
	/* 29 March 2026: at 02:00 it is 03:00. */
	{ BERLIN, "2026-03-29 00:59:59", "sun 02:00-03:00", false },
	{ BERLIN, "2026-03-29 01:00:00", "sun 02:00-03:00", false },
	{ BERLIN, "2026-03-29 01:00:00", "sun 03:00-04:00", true },
	{ BERLIN, "2026-03-29 01:59:59", "sun 02:30-04:00", true },
	{ BERLIN, "2026-03-29 00:59:59", "sat 22:00-03:00", true },
	{ BERLIN, "2026-03-29 01:00:00", "sat 22:00-03:00", false },
	{ BERLIN, "2026-03-29 03:59:59", "sat 22:00-06:00", true },
	{ BERLIN, "2026-03-29 04:00:00", "sat 22:00-06:00", false },
	/* 25 October 2026: at 03:00 it is 02:00 again. */
	{ BERLIN, "2026-10-25 00:30:00", "sun 02:00-03:00", true },
	{ BERLIN, "2026-10-25 01:30:00", "sun 02:00-03:00", true },
	{ BERLIN, "2026-10-25 02:00:00", "sun 02:00-03:00", false },
	{ BERLIN, "2026-10-25 04:59:59", "sat 22:00-06:00", true },
	{ BERLIN, "2026-10-25 05:00:00", "sat 22:00-06:00", false },
	{ BERLIN, "2026-10-25 22:59:59", "sun", true },
	{ BERLIN, "2026-10-24 22:00:00", "sun", true },
	{ BERLIN, "2026-10-25 23:00:00", "sun", false },
	/* 8 March and 1 November 2026, at 02:00. */
	{ YORK, "2026-03-08 06:59:59", "sun 01:00-02:00", true },
	{ YORK, "2026-03-08 07:00:00", "sun 02:00-03:00", false },
	{ YORK, "2026-03-08 07:00:00", "sun 03:00-04:00", true },
	{ YORK, "2026-03-09 12:00:00", "weekdays 08:00-20:00", true },
	{ YORK, "2026-03-06 12:00:00", "weekdays 08:00-20:00", false },
	{ YORK, "2026-11-01 05:30:00", "sun 01:00-02:00", true },
	{ YORK, "2026-11-01 06:30:00", "sun 01:00-02:00", true },
	{ YORK, "2026-11-01 07:00:00", "sun 01:00-02:00", false },
	{ YORK, "2026-11-01 10:59:59", "sat 22:00-06:00", true },
	{ YORK, "2026-11-01 11:00:00", "sat 22:00-06:00", false },
};

static int64_t
utc_ms(const char *text)
{
	struct tm tm = { .tm_isdst = 0 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M:%S", &tm));
	return (int64_t)timegm(&tm) * 1000;
}

static bool
has_zone(const char *zone)
{
	char path[100] = "/usr/share/zoneinfo/";

	if (zone == NULL)
		return false;
	memcpy(path + strlen(path), zone, strlen(zone) + 1);
	return access(path, R_OK) == 0;
}

static void
check_moment(size_t i, const char *zone)
{
	struct calendar c;
	struct err e;

	print_message("# %s in %s: %s\n", moments[i].utc, zone,
	    moments[i].calendar);
	assert_int_equal(calendar_parse(&c, moments[i].calendar, &e), 0);
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
	assert_int_equal(calendar_has(&c, utc_ms(moments[i].utc)),
	    moments[i].is_in);
}

static void
test_moments(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(moments); i++) {
		check_moment(i, moments[i].rules);
		if (has_zone(moments[i].zone))
			check_moment(i, moments[i].zone);
	}
}

static void
test_always(void **state)
{
	static const struct calendar none;
	struct buf b;

	(void)state;
	assert_true(calendar_has(&none, 0));
	assert_true(calendar_has(&none, INT64_MAX));
	buf_init(&b, 100);
	calendar_print(&b, &none);
	assert_string_equal(b.data, "always");
	buf_free(&b);
}

/* Each minute of the week in which clocks are set back is in one of two halves,
 * and in only one. */
static void
test_halves(void **state)
{
	struct calendar day, night;
	struct err e;
	size_t ins = 0;

	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	assert_int_equal(calendar_parse(&day, "08:00-20:00", &e), 0);
	assert_int_equal(calendar_parse(&night, "20:00-08:00", &e), 0);
	for (int64_t ms = utc_ms("2026-10-21 22:00:00");
	    ms < utc_ms("2026-10-28 23:00:00"); ms += 60000) {
		assert_true(calendar_has(&day, ms) != calendar_has(&night, ms));
		ins += calendar_has(&day, ms);
	}
	assert_int_equal(ins, 7 * 12 * 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_always),
		cmocka_unit_test(test_halves),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
