/*
 * calendar - when a rule may fire: days of the week and hours of local time.
 *
 * "weekdays 08:00-20:00", "sat,sun", "mon-fri 22:00-06:00": hours may go over
 * midnight and then belong to the day on which they begin.
 */
#ifndef ALERTS_CALENDAR_H
#define ALERTS_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct err;

struct calendar {
	unsigned	days;		/* bit 0 is Sunday; 0: always */
	int		from_min, to_min;	/* of the day; equal: all */
};

int	calendar_parse(struct calendar *, const char *, struct err *);
void	calendar_print(struct buf *, const struct calendar *);
bool	calendar_has(const struct calendar *, int64_t wall_ms);

#endif
