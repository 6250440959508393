/*
 * range - which stretch of time a request asks for.
 *
 * Times are Unix seconds ("1700000000", "1700000000.5") or RFC 3339
 * ("2026-11-23T14:16:10Z", "...+01:00"); a step is seconds or a duration
 * ("30s", "5m").  Text from strangers: every error is a sentence.
 */
#ifndef AGENT_STORE_RANGE_H
#define AGENT_STORE_RANGE_H

#include <stdint.h>

struct err;

#define RANGE_POINTS_MAX	11000	/* more are not given at once */
#define RANGE_DEFAULT_S		3600	/* when from is not said */

struct range {
	int64_t	 from_s, to_s;
	int64_t	 step_s;	/* 0: whatever fits */
};

/* NULL texts take defaults: the last hour, no step. */
int	range_parse(struct range *, const char *from, const char *to,
	    const char *step, int64_t now_s, struct err *);
int	range_time(int64_t *ret_s, const char *text, struct err *);

#endif
