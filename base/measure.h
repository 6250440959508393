/*
 * measure - the named quantities that rules, history and pages speak of.
 *
 * A metric is what a collector saw; a measure is what a person asks about: the
 * rate of a counter, the age of a timestamp, the worst of the replicas.  One
 * row of the table says how it is made, its unit, what the manual says, and
 * what an alert about it says of the likely cause and the next step.
 */
#ifndef BASE_MEASURE_H
#define BASE_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/batch.h"
#include "base/units.h"

enum measure_id {
	MEASURE_UP,			/* 1 or 0 */
	MEASURE_WRITE_RATE,
	MEASURE_WRITTEN_BYTES,
	MEASURE_DATABASE_SIZE,
	MEASURE_LIVE_SIZE,
	MEASURE_FREE_SIZE,
	MEASURE_DISK_FREE,
	MEASURE_DISK_FREE_RATIO,
	MEASURE_WAL_SIZE,
	MEASURE_WAL_FRAMES,
	MEASURE_CHECKPOINT_LAG,		/* seconds */
	MEASURE_CHECKPOINT_LAG_FRAMES,
	MEASURE_CHECKPOINT_LAG_BYTES,
	MEASURE_WRITE_LOCK_BUSY,
	MEASURE_WRITE_LOCK_BUSY_ERROR,
	MEASURE_WRITE_CEILING,
	MEASURE_WRITER_HOLD,
	MEASURE_WRITER_HOLD_MAX,
	MEASURE_BUSY_RETRIES,
	MEASURE_BUSY_WAIT,
	MEASURE_BUSY_TIMEOUTS,
	MEASURE_SNAPSHOT_REFUSALS,
	MEASURE_BUSY_UNSLEPT,
	MEASURE_FSYNC_TIME,
	MEASURE_READERS,
	MEASURE_OLDEST_READER_AGE,
	MEASURE_PROCESSES,
	MEASURE_REPLICATION_LAG,
	MEASURE_REPLICATION_OVERDUE,
	MEASURE_REPLICATION_LAG_BYTES,
	MEASURE_REPLICATION_LAG_TRANSACTIONS,
	MEASURE_REPLICA_UP,
	MEASURE_REPLICA_UNCHECKED,
	MEASURE_REPLICA_CHAIN,
	MEASURE_REPLICA_AHEAD,
	MEASURE_SNAPSHOT_AGE,
	MEASURE_DRILL_SUCCESS,
	MEASURE_DRILL_AGE,
	MEASURE_DRILL_INCONCLUSIVE,
	MEASURE_VERSION_RISK,
	MEASURE_SAMPLE_LATE,
	MEASURE_COUNT
};

/* How a measure is made from the last samples of a database. */
enum measure_how {
	HOW_VALUE,	/* the metric's value; the largest over its labels */
	HOW_LEAST,	/* the same, the smallest over its labels */
	HOW_RATE,	/* increase of a counter per second over RATE_WINDOW */
	HOW_DIFFERENCE,	/* metric minus other */
	HOW_RATIO,	/* metric divided by other */
	HOW_AGE,	/* seconds since a timestamp, the oldest over its
			   labels; 0 when none is set */
	HOW_HOLD,	/* how long a culprit has held */
	HOW_LATE,	/* how far behind its schedule sampling is */
};

/* From 0 on, and to where. */
enum measure_range {
	RANGE_OPEN,	/* it has no end */
	RANGE_SHARE,	/* to 1 */
	RANGE_FLAG,	/* 1, and nothing between */
};

#define RATE_WINDOW_MS	10000	/* rates are means over this long */

struct measure {
	const char	*name;		/* as rules write it */
	enum unit	 unit;
	enum measure_how how;
	bool		 history;	/* kept in the rings and in state.db */
	bool		 falling;	/* trouble is below, not above */
	enum hold	 culprit;	/* whom to name; HOLD_COUNT: nobody */
	const char	*metric, *other;	/* families; NULL when none */
	const char	*help;		/* the manual's sentence */
	const char	*cause;		/* an alert's: the likely cause */
	const char	*next_step;	/* an alert's: what to do now */
};

extern const struct measure measures[MEASURE_COUNT];	/* by id */

/* The id of a measure, or -1. */
int	measure_find(const char *name);
enum measure_range measure_range(enum measure_id);

#endif
