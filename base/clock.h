/*
 * clock - the two kinds of time, kept apart by name.
 *
 * mono_ms() and mono_us() are for deadlines and durations and never go back.
 * wall_ms() is for people: timestamps we show, send or store.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t	mono_ms(void);
int64_t	mono_us(void);
int64_t	wall_ms(void);

/* RFC 3339 in UTC with milliseconds: "2026-11-23T14:16:10.000Z". */
#define CLOCK_TEXT_MAX	32
void	clock_text(char text[CLOCK_TEXT_MAX], int64_t wall_ms);
/* clock_day.c.  For people, in local time: "10 Dec"; with the hour when it is
 * less than two days from now, with the year when it is far away. */
const char *clock_day(char text[CLOCK_TEXT_MAX], int64_t wall_ms,
	    int64_t now_ms);

#endif
