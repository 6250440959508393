/*
 * builtin - the rules that are active without a configuration.
 *
 * A section of the same name changes only the keys it gives.  The limits are
 * rules of thumb; 50/s and 10 GB are the points at which to consider another
 * database, so they warn and never wake anybody.
 */
#include <stddef.h>

#include "alerts/rule.h"

#define RULE(n, w, f, c, k, s) \
	{ .name = n, .when = w, .for_ = f, .clear = c, .keep = k, \
	  .severity = s }

const struct rule_text builtin_rules[] = {
	RULE("database-down", "up < 1", "2m", NULL, "2m", "critical"),
	RULE("sample-late", "sample_late > 30s", NULL, NULL, NULL, "critical"),
	RULE("disk-free", "disk_free_ratio < 10%", "5m", NULL, NULL, "warning"),
	RULE("disk-free-critical", "disk_free_ratio < 3%", "1m", NULL, NULL,
	    "critical"),
	/* Frames, not seconds: an idle database may well have a few pending
	 * for days.  Four times SQLite's own threshold is not a few. */
	RULE("checkpoint-lag", "checkpoint_lag_frames > 4000", "5m", NULL,
	    "5m", "warning"),
	RULE("checkpoint-lag-critical", "checkpoint_lag_bytes > 512 MiB", "5m",
	    NULL, "5m", "critical"),
	/* A high-water mark: room on the disk, not a matter of health. */
	{ .name = "wal-size", .when = "wal_size > 512 MiB", .for_ = "10m",
	  .keep = "5m", .severity = "warning", .repeat = "7d" },
	RULE("busy", "busy_retries > 1/s", "10m", NULL, "5m", "warning"),
	RULE("replica-down", "replica_up < 1", "2m", NULL, "2m", "critical"),
	/* A lag has lasted as long as it is old: there is little to wait. */
	RULE("replication-lag", "replication_overdue > 60s", "15s", NULL, "2m",
	    "warning"),
	RULE("replication-lag-critical", "replication_overdue > 15m", "15s",
	    NULL, "5m", "critical"),
	RULE("replica-chain", "replica_chain < 1", "5m", NULL, NULL,
	    "critical"),
	RULE("replica-ahead", "replica_ahead > 0", "2m", NULL, NULL,
	    "warning"),
	RULE("replica-unchecked", "replica_unchecked > 0", "10m", NULL, NULL,
	    "info"),
	RULE("drill-failed", "drill_success < 1", NULL, NULL, NULL,
	    "critical"),
	RULE("drill-age", "drill_age > 30d", NULL, NULL, NULL, "warning"),
	/* It is tried again every hour. */
	RULE("drill-inconclusive", "drill_inconclusive > 0", "2d", NULL, NULL,
	    "warning"),
	RULE("version-risk", "version_risk > 0", "10m", NULL, NULL, "info"),
	/* Sustained: a nightly import of half an hour is not meant.  Whoever
	 * has read these two does not need them again every day. */
	{ .name = "write-rate", .when = "write_rate > 50/s",
	  .over = "1h median", .for_ = "5m", .severity = "warning",
	  .repeat = "7d" },
	{ .name = "database-size", .when = "database_size > 10 GB",
	  .severity = "warning", .repeat = "30d" },
	{ .name = NULL },
};
