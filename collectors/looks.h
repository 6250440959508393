/*
 * looks - what the looks at the writer's lock found in the last minutes.
 *
 * A look finds the lock held or free.  Of n looks at random moments the share
 * that found it held is the share of time, within an interval that is wide when
 * there were few: Wilson's, which is right for shares near 0 and 1 too.  The
 * share is of the last minute at most, the longest hold of the last five.
 * Pure but for what it is told.  Costs nothing before the first look.
 */
#ifndef COLLECTORS_LOOKS_H
#define COLLECTORS_LOOKS_H

#include <stdbool.h>
#include <stdint.h>

#define LOOKS_PARTS	10
#define LOOKS_PART_MS	30000
#define LOOKS_ENOUGH	20	/* looks, before a share is told */

struct looks_part {
	int64_t	 part;		/* mono_ms / LOOKS_PART_MS; 0: none */
	uint32_t looks, held;
	uint32_t commits;
	int64_t	 looked_us;	/* that the looks stand for */
	int64_t	 hold_ms;	/* the longest */
};

struct looks {
	struct looks_part *parts;	/* owned; LOOKS_PARTS; NULL: none */
};

struct share {
	double	 ratio;		/* of time; NAN: too few looks */
	double	 error;		/* half of the interval of 95 % */
	double	 commits;	/* in that time */
	double	 seconds;	/* that the looks stand for */
};

/* A look, dt_us after the one before; a hold that lasts since hold_ms. */
void	looks_add(struct looks *, int64_t mono_ms, int64_t dt_us, bool held,
	    int64_t hold_ms);
void	looks_commits(struct looks *, int64_t mono_ms, uint64_t n);
void	looks_share(const struct looks *, int64_t mono_ms, struct share *);
int64_t	looks_longest_ms(const struct looks *, int64_t mono_ms);
void	looks_done(struct looks *);

#endif
