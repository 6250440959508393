/*
 * tally - what a wal-index header adds to the totals of a log (wal.h).
 *
 * The arithmetic half of following a log: wal.c finds the headers, here each is
 * laid over the one before it, and what lies between them is counted.
 */
#ifndef COLLECTORS_TALLY_H
#define COLLECTORS_TALLY_H

#include <stdbool.h>
#include <stdint.h>

struct shm_header;
struct wal;

/* Take the next valid header; false when it says nothing new. */
bool	tally_take(struct wal *, const struct shm_header *, int64_t mono_ms,
	    int64_t wall_ms);

#endif
