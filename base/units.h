/*
 * units - quantities as people write them.
 *
 * "10 GB" is 10e9 bytes, "64 MiB" 67108864, "5m" 300 seconds, "50/s" 50 per
 * second, "80%" the ratio 0.8, "4000" a plain number.  One table serves the
 * parser, the printer and the manual.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

struct err;

enum unit {
	UNIT_NONE,		/* a count: frames, readers */
	UNIT_BYTES,
	UNIT_SECONDS,
	UNIT_PER_SECOND,
	UNIT_BYTES_PER_SECOND,
	UNIT_RATIO,		/* 0 to 1; people write percent */
};

/* "bytes", "seconds", "per second", ...; "" for UNIT_NONE. */
const char	*unit_name(enum unit);

/*
 * Read a number with an optional suffix of the unit's family; spaces between
 * are allowed.  A bare number is in base units (a bare ratio is 0 to 1).  A
 * suffix of another family, a negative or non-finite number is an error.
 */
int	unit_parse(double *ret, enum unit, const char *text, struct err *);

/* A duration in ms: "250ms", "5s", "5m", "1h30m", "7d"; a unit is required
 * except for 0. */
int	unit_parse_ms(int64_t *ret_ms, const char *text, struct err *);

/* yes, on, true, 1: 1; no, off, false, 0: 0; anything else: -1. */
int	unit_flag(const char *text);

/*
 * For people, three digits: "1.50 GB", "51.2 MiB" never mixed: bytes are
 * printed in decimal units, durations as "4m 10s", rates as "62.0/s".
 */
#define UNIT_TEXT_MAX	48
const char	*unit_print(char text[UNIT_TEXT_MAX], enum unit, double value);

#endif
