/*
 * copy - how far behind one copy of a log is.
 *
 * A copy, Litestream's own or a replica, ends somewhere in the logs of the
 * database: at a place in the trail (trail.h).  What lies beyond it is missing,
 * in seconds, bytes and commits.  Where the end cannot be placed, because the
 * copy is of a log that we never saw, the age of its newest file is the upper
 * bound that is told: a backup that stopped before the agent began must not
 * look fresh.
 */
#ifndef COLLECTORS_COPY_H
#define COLLECTORS_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "collectors/trail.h"
#include "litestream/files.h"

struct database;

#define COPY_GRACE_MS	10000	/* a copy may take so long when we begin */

struct copy {
	struct litestream_end end;
	bool		 known;		/* a look has succeeded */
	bool		 placed;	/* pos is where it ends */
	trail_pos	 pos;		/* 0: before all we know */
	int64_t		 synced_ms;	/* wall; it has all until then; 0 */
	/* commits up to pos, by the count of the log */
	bool		 counted;
	trail_pos	 counted_pos;
	uint32_t	 commits;
};

/* What is missing on it.  All 0: nothing is. */
struct missing {
	double		 seconds, bytes, commits;
};

/* A place in the trail from a salt and an offset; false: not one of ours. */
bool	copy_place(const struct database *, const unsigned char salt[8],
	    uint32_t page_size, int64_t offset, trail_pos *ret);
/* The same, of a log so many before the one that has the salt. */
bool	copy_place_before(const struct database *, const unsigned char salt[8],
	    uint32_t page_size, uint64_t logs, int64_t offset, trail_pos *ret);
/* began_ms: mono, when we began to note; sync_ms: what it may take. */
void	copy_missing(struct copy *, const struct database *, int64_t began_ms,
	    int64_t sync_ms, struct missing *ret);

#endif
