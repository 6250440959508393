/*
 * clock - see clock.h.
 */
#include <stdio.h>
#include <time.h>

#include "base/clock.h"

static int64_t
now_us(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t
mono_us(void)
{
	return now_us(CLOCK_MONOTONIC);
}

int64_t
mono_ms(void)
{
	return now_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
wall_ms(void)
{
	return now_us(CLOCK_REALTIME) / 1000;
}

void
clock_text(char text[CLOCK_TEXT_MAX], int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;
	size_t n;

	gmtime_r(&s, &tm);
	n = strftime(text, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(text + n, CLOCK_TEXT_MAX - n, ".%03dZ",
	    (int)(ms % 1000));
}
