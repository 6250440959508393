/*
 * clock_day - a day as people say it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

#define DAY_MS	INT64_C(86400000)

const char *
clock_day(char text[CLOCK_TEXT_MAX], int64_t ms, int64_t now_ms)
{
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t away_ms = llabs(ms - now_ms);
	time_t s = (time_t)(ms / 1000);
	struct tm tm = { 0 };
	int n;

	(void)localtime_r(&s, &tm);	/* of any year an int holds */
	n = snprintf(text, CLOCK_TEXT_MAX, "%d %s", tm.tm_mday,
	    months[tm.tm_mon]);
	if (away_ms < 2 * DAY_MS)
		(void)snprintf(text + n, CLOCK_TEXT_MAX - (size_t)n,
		    " at %02d:%02d", tm.tm_hour, tm.tm_min);
	else if (away_ms >= 300 * DAY_MS)
		(void)snprintf(text + n, CLOCK_TEXT_MAX - (size_t)n, " %d",
		    tm.tm_year + 1900);
	return text;
}
