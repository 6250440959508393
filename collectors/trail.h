/*
 * trail - when did the log first reach so far?
 *
 * SQLite's log has no timestamps.  So each time it is seen to have grown we
 * note where its end is and when that was; the age of the oldest commit beyond
 * a given point is then a look-up.  It answers "for how long has this not been
 * checkpointed" and "for how long has this not been on the replica".
 *
 * With each step goes how many commits had been counted by then, so that "how
 * many are missing" has an answer as well.
 *
 * A fixed number of entries: when they are used up the two that lose least by
 * it become one, so old entries grow coarse (to about an eighth of their age)
 * and ages are never told too small.
 */
#ifndef COLLECTORS_TRAIL_H
#define COLLECTORS_TRAIL_H

#include <stdint.h>

#define TRAIL_MAX	128

/* A place in the logs of a database: the how-manieth log, then the frame. */
typedef uint64_t trail_pos;
#define TRAIL_POS(epoch, frame)	((trail_pos)(epoch) << 32 | (uint32_t)(frame))

struct trail {
	unsigned	n;
	struct {
		trail_pos	end;	/* the log reached this far ... */
		int64_t		at_ms;	/* ... by this time (mono) */
	} steps[TRAIL_MAX];		/* oldest first */
	uint32_t	commits[TRAIL_MAX];	/* by then; may wrap */
};

/* The end was seen at pos; nothing happens when that is not news. */
void	trail_push(struct trail *, trail_pos, uint64_t commits,
	    int64_t mono_ms);
/* Nobody will ask about anything up to pos any more. */
void	trail_forget(struct trail *, trail_pos);
/* When the first commit beyond pos was seen (mono_ms); 0: there is none, nor
 * in a trail that is NULL. */
int64_t	trail_since(const struct trail *, trail_pos);
/* The first step that is not before pos; -1: there is none. */
int	trail_step(const struct trail *, trail_pos);

#endif
