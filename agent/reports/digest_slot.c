/*
 * digest_slot - when a digest is due.
 *
 * What is a number of days keeps to the clock on the wall, also over a change
 * of the clocks; anything else is counted in milliseconds from the first such
 * moment of 1970.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "agent/reports/digest.h"
#include "base/err.h"

#define DAY_MS		INT64_C(86400000)
#define SHOWN		40	/* bytes of a wrong text */
#define THURSDAY	4	/* 1 January 1970 */

static const char *const days[] = { "sun", "mon", "tue", "wed", "thu", "fri",
	"sat" };

static int
wrong(const char *text, struct err *e)
{
	return err_set(e, "\"%.*s\" is not a day and a time: write it as in "
	    "\"mon 09:00\"", SHOWN, text);
}

/* "mon "; nothing is Monday. */
static int
read_day(const char **text)
{
	for (int i = 0; i < 7; i++) {
		if (strncasecmp(*text, days[i], 3) != 0)
			continue;
		*text += 3;
		return i;
	}
	return 1;
}

/* One or two digits, below the limit; -1: there are none. */
static int
read_digits(const char **text, int limit)
{
	size_t n = strspn(*text, "0123456789");
	int value = 0;

	if (n < 1 || n > 2)
		return -1;
	while (n-- > 0)
		value = 10 * value + *(*text)++ - '0';
	return value < limit ? value : -1;
}

int
digest_at_parse(struct digest_options *o, const char *text, struct err *e)
{
	const char *c = text + strspn(text, " \t");
	const char *day = c;
	int weekday = read_day(&c), hour, minute;

	if (c != day && *c != ' ' && *c != '\t')
		return wrong(text, e);
	c += strspn(c, " \t");
	hour = read_digits(&c, 24);
	if (hour == -1 || *c++ != ':')
		return wrong(text, e);
	minute = strspn(c, "0123456789") == 2 ? read_digits(&c, 60) : -1;
	if (minute == -1 || c[strspn(c, " \t")] != '\0')
		return wrong(text, e);
	o->weekday = weekday;
	o->minute = 60 * hour + minute;
	return 0;
}

/* Of a day of the local calendar, which may be one before its month. */
static int64_t
moment(const struct digest_options *o, int year, int month, int mday)
{
	struct tm tm = {
		.tm_year = year, .tm_mon = month, .tm_mday = mday,
		.tm_hour = o->minute / 60, .tm_min = o->minute % 60,
		.tm_isdst = -1,
	};

	return (int64_t)mktime(&tm) * 1000;
}

/* Days since 1970 of a date. */
static int64_t
day_of(const struct tm *local)
{
	struct tm date = {
		.tm_year = local->tm_year, .tm_mon = local->tm_mon,
		.tm_mday = local->tm_mday,
	};

	return (int64_t)timegm(&date) / 86400;
}

/* The weekday's first one. */
static int
first_day(const struct digest_options *o)
{
	return (o->weekday - THURSDAY + 7) % 7;
}

static int64_t
slot_of_days(const struct digest_options *o, int64_t now_ms)
{
	int64_t every = o->every_ms / DAY_MS, back;
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;

	if (localtime_r(&now, &tm) == NULL)
		return 0;
	if (60 * tm.tm_hour + tm.tm_min < o->minute) {
		tm.tm_mday--;		/* today's is to come */
		tm.tm_isdst = -1;
	}
	back = (day_of(&tm) - first_day(o)) % every;
	if (back < 0)
		back += every;
	return moment(o, tm.tm_year, tm.tm_mon, tm.tm_mday - (int)back);
}

int64_t
digest_slot_ms(const struct digest_options *o, int64_t now_ms)
{
	int64_t first;

	if (o->every_ms % DAY_MS == 0)
		return slot_of_days(o, now_ms);
	first = moment(o, 70, 0, 1 + first_day(o));
	return now_ms - (now_ms - first) % o->every_ms;
}
