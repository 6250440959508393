/*
 * digest_stats - see digest_stats.h.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "agent/reports/digest_stats.h"
#include "base/mem.h"

#define LOWEST		1e-3
#define DECADES		9.0
#define PER_DECADE	(DIGEST_BINS / DECADES)
#define DAY_S		86400
#define TEN_YEARS_S	(10.0 * 365 * DAY_S)

void
digest_stats_init(struct digest_stats *s, const char *db)
{
	*s = (struct digest_stats){ .db = mem_strdup(db),
	    .worst_lag = (double)NAN };
}

void
digest_stats_done(struct digest_stats *s)
{
	free(s->db);
}

static size_t
bin_of(double rate)
{
	double bin = log10(rate / LOWEST) * PER_DECADE;

	return !(bin > 0) ? 0 : bin >= DIGEST_BINS - 1 ? DIGEST_BINS - 1 :
	    (size_t)bin;
}

void
digest_stats_rate(struct digest_stats *s, double mean)
{
	uint16_t *bin;

	if (!isfinite(mean))
		return;
	bin = &s->bins[bin_of(mean)];
	if (*bin == UINT16_MAX)
		return;
	++*bin;
	s->nrates++;
}

void
digest_stats_lag(struct digest_stats *s, double greatest)
{
	if (isfinite(greatest))
		s->worst_lag = fmax(s->worst_lag, greatest);
}

void
digest_stats_size(struct digest_stats *s, int64_t at_s, double mean)
{
	double t;

	if (!isfinite(mean))
		return;
	if (s->n == 0)
		s->first_s = at_s;
	s->last_s = at_s;
	t = (double)(at_s - s->first_s);
	s->n++;
	s->t += t;
	s->tt += t * t;
	s->y += mean;
	s->ty += t * mean;
}

/* Where in its bin it lies is not known: the middle of it, on the scale. */
double
digest_stats_p95(const struct digest_stats *s)
{
	double rank = 0.95 * s->nrates, seen = 0;

	if (s->nrates == 0)
		return (double)NAN;
	for (size_t i = 0; i < DIGEST_BINS; i++) {
		seen += s->bins[i];
		if (seen >= rank)
			return i == 0 ? 0 : LOWEST *
			    pow(10, ((double)i + 0.5) / PER_DECADE);
	}
	return (double)NAN;
}

int64_t
digest_stats_reach_s(const struct digest_stats *s, double now, double limit)
{
	double below = s->n * s->tt - s->t * s->t;
	double slope = (s->n * s->ty - s->t * s->y) / below;
	double in_s = (limit - now) / slope;
	bool known = s->n >= 2 && s->last_s - s->first_s >= DAY_S && below > 0;

	return known && slope > 0 && in_s >= 0 && in_s < TEN_YEARS_S ?
	    (int64_t)in_s : -1;
}
