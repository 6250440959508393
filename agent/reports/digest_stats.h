/*
 * digest_stats - what a week of points comes to.
 *
 * Thousands of points become a few numbers: a histogram of the write rate, a
 * straight line through the size, the worst lag.  Pure.
 */
#ifndef AGENT_REPORTS_DIGEST_STATS_H
#define AGENT_REPORTS_DIGEST_STATS_H

#include <stdint.h>

#define DIGEST_BINS	512	/* of 10^-3 to 10^6 a second: 4% wide */

struct digest_stats {
	char		*db;			/* owned */
	uint16_t	 bins[DIGEST_BINS];
	uint32_t	 nrates;
	double		 worst_lag;		/* seconds; NAN: no point */
	/* sizes: the sums of a straight line, times from the first one */
	int64_t		 first_s, last_s;
	double		 n, t, tt, y, ty;
};

void	digest_stats_init(struct digest_stats *, const char *db);
void	digest_stats_done(struct digest_stats *);
void	digest_stats_rate(struct digest_stats *, double mean);
void	digest_stats_lag(struct digest_stats *, double greatest);
void	digest_stats_size(struct digest_stats *, int64_t at_s, double mean);
/* NAN: there are no points. */
double	digest_stats_p95(const struct digest_stats *);
/* In seconds from the size of now; -1: it does not grow so far within the next
 * ten years, or less than a day of it is known. */
int64_t	digest_stats_reach_s(const struct digest_stats *, double now,
	    double limit);

#endif
