/*
 * measure_range - what a measure can be at all.
 *
 * None is below 0.  Most have no upper end, a share such as busy_wait too, when
 * several can wait at once; those that do are listed here.
 */
#include "base/measure.h"

static const enum measure_range ranges[MEASURE_COUNT] = {
	[MEASURE_DISK_FREE_RATIO]	= RANGE_SHARE,
	[MEASURE_WRITE_LOCK_BUSY]	= RANGE_SHARE,
	[MEASURE_WRITE_LOCK_BUSY_ERROR]	= RANGE_SHARE,
	[MEASURE_BUSY_UNSLEPT]		= RANGE_SHARE,

	[MEASURE_UP]			= RANGE_FLAG,
	[MEASURE_REPLICA_UP]		= RANGE_FLAG,
	[MEASURE_REPLICA_UNCHECKED]	= RANGE_FLAG,
	[MEASURE_REPLICA_CHAIN]		= RANGE_FLAG,
	[MEASURE_REPLICA_AHEAD]		= RANGE_FLAG,
	[MEASURE_DRILL_SUCCESS]		= RANGE_FLAG,
	[MEASURE_DRILL_INCONCLUSIVE]	= RANGE_FLAG,
	[MEASURE_VERSION_RISK]		= RANGE_FLAG,
};

enum measure_range
measure_range(enum measure_id id)
{
	return ranges[id];
}
