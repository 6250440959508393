/*
 * measure - see measure.h.
 *
 * The texts of an alert are facts with a hedge: what likely is the cause, and
 * one thing to do that cannot make it worse.
 */
#include "base/measure.h"

#define CONSIDER(limit)	limit " is the point at which to consider " \
	"PostgreSQL, not a limit of SQLite"

const struct measure measures[MEASURE_COUNT] = {
[MEASURE_UP] = {
	"up", UNIT_NONE, HOW_VALUE, true, true, HOLD_COUNT,
	"sqlite_up", NULL,
	"1 when the last sample of the database succeeded, else 0.",
	"The database's files are likely gone, moved, or not readable for the "
	"agent.",
	"Look at the reason on the agent's page: is the file there, and may "
	"the agent read it.",
},
[MEASURE_WRITE_RATE] = {
	"write_rate", UNIT_PER_SECOND, HOW_RATE, true, false, HOLD_COUNT,
	"sqlite_write_transactions_total", NULL,
	"Committed write transactions per second, counted exactly.",
	"The app commits this often by itself: "
	CONSIDER("50 write transactions a second, sustained,") ".",
	"Look at write_lock_busy: while it is low this disk has room left; "
	"several writes in one transaction count as one.",
},
[MEASURE_WRITTEN_BYTES] = {
	"written_bytes", UNIT_BYTES_PER_SECOND, HOW_RATE, true, false,
	HOLD_COUNT, "sqlite_written_bytes_total", NULL,
	"Bytes of frames appended to the log per second.",
	"Large or many transactions rewrite pages, likely a bulk import, a "
	"VACUUM or an index build.",
	"Look for a batch job that runs now, and let it commit in batches of "
	"about 200 ms.",
},
[MEASURE_DATABASE_SIZE] = {
	"database_size", UNIT_BYTES, HOW_VALUE, true, false, HOLD_COUNT,
	"sqlite_database_size_bytes", NULL,
	"Size of the database file.",
	"The data has grown to this size: " CONSIDER("10 GB") ".",
	"Look at free_size, for a file of empty pages needs a VACUUM INTO and "
	"no other database, and run ANALYZE if queries are slow.",
},
[MEASURE_LIVE_SIZE] = {
	"live_size", UNIT_BYTES, HOW_DIFFERENCE, true, false, HOLD_COUNT,
	"sqlite_database_size_bytes", "sqlite_database_free_bytes",
	"Size of the database without its free pages.",
	"The data itself has grown to this size: " CONSIDER("10 GB") ".",
	"Run ANALYZE if queries are slow, and look at the trend on the "
	"agent's page.",
},
[MEASURE_FREE_SIZE] = {
	"free_size", UNIT_BYTES, HOW_VALUE, true, false, HOLD_COUNT,
	"sqlite_database_free_bytes", NULL,
	"Bytes of free pages inside the database file.",
	"Deletes left empty pages in the file, which backups and restores "
	"carry along.",
	"VACUUM INTO a copy at a quiet time and swap it in; the copy needs as "
	"much disk as live_size says.",
},
[MEASURE_DISK_FREE] = {
	"disk_free", UNIT_BYTES, HOW_VALUE, true, true, HOLD_COUNT,
	"sqlite_filesystem_avail_bytes", NULL,
	"Bytes available on the file system that holds the database.",
	"The file system that holds the database is filling up, likely with "
	"the database, its log, backups or other logs.",
	"Make room or enlarge the disk now: on a full disk every commit fails, "
	"and a VACUUM needs more room, not less.",
},
[MEASURE_DISK_FREE_RATIO] = {
	"disk_free_ratio", UNIT_RATIO, HOW_RATIO, false, true, HOLD_COUNT,
	"sqlite_filesystem_avail_bytes", "sqlite_filesystem_size_bytes",
	"Share of the file system that is available.",
	"The file system that holds the database is filling up, likely with "
	"the database, its log, backups or other logs.",
	"Make room or enlarge the disk now: on a full disk every commit fails, "
	"and a VACUUM needs more room, not less.",
},
[MEASURE_WAL_SIZE] = {
	"wal_size", UNIT_BYTES, HOW_VALUE, true, false, HOLD_READER,
	"sqlite_wal_size_bytes", NULL,
	"Size of the -wal file, which is a high-water mark: it does not shrink "
	"when the log starts again.",
	"The log once had to hold this much, likely because of a long reader, "
	"a missing checkpoint or one large transaction.",
	"Look at checkpoint_lag: near 0 this is no fault and PRAGMA "
	"journal_size_limit gives the space back, else end the long read.",
},
[MEASURE_WAL_FRAMES] = {
	"wal_frames", UNIT_NONE, HOW_VALUE, true, false, HOLD_READER,
	"sqlite_wal_frames", NULL,
	"Frames of the live log.",
	"The log cannot start again, likely because there is always a reader "
	"in it or nobody checkpoints.",
	"End or shorten the longest read, then run PRAGMA "
	"wal_checkpoint(RESTART) from the app at a quiet time.",
},
[MEASURE_CHECKPOINT_LAG] = {
	"checkpoint_lag", UNIT_SECONDS, HOW_VALUE, true, false, HOLD_READER,
	"sqlite_checkpoint_lag_seconds", NULL,
	"Age of the oldest commit that is not yet copied back into the "
	"database; 0 when there is none.",
	"A long read likely holds the checkpoint back, or nobody checkpoints "
	"at all.",
	"End the read or the transaction that is named, likely an unclosed "
	"cursor or an open shell; if none is, check who checkpoints.",
},
[MEASURE_CHECKPOINT_LAG_FRAMES] = {
	"checkpoint_lag_frames", UNIT_NONE, HOW_VALUE, true, false, HOLD_READER,
	"sqlite_checkpoint_lag_frames", NULL,
	"Committed frames that are not yet copied back into the database.",
	"A long read likely holds the checkpoint back, or nobody checkpoints "
	"at all.",
	"End the read or the transaction that is named, likely an unclosed "
	"cursor or an open shell; if none is, check who checkpoints.",
},
[MEASURE_CHECKPOINT_LAG_BYTES] = {
	"checkpoint_lag_bytes", UNIT_BYTES, HOW_VALUE, false, false,
	HOLD_READER, "sqlite_checkpoint_lag_bytes", NULL,
	"Bytes of frames that are not yet copied back into the database.",
	"A long read likely holds the checkpoint back, or nobody checkpoints "
	"at all.",
	"End the read or the transaction that is named, likely an unclosed "
	"cursor or an open shell; if none is, check who checkpoints.",
},
[MEASURE_WRITE_LOCK_BUSY] = {
	"write_lock_busy", UNIT_RATIO, HOW_RATE, true, false, HOLD_WRITER,
	"sqlite_write_lock_held_seconds_total", NULL,
	"Share of the time in which somebody held the write lock.",
	"Write transactions are likely long rather than many, or the disk is "
	"slow to sync.",
	"Keep slow work out of write transactions, and with WAL use "
	"synchronous=NORMAL if losing the last commits at power loss is fine.",
},
[MEASURE_WRITE_LOCK_BUSY_ERROR] = {
	"write_lock_busy_error", UNIT_RATIO, HOW_VALUE, false, false,
	HOLD_WRITER, "sqlite_write_lock_busy_error", NULL,
	"How far write_lock_busy may be off, for it is sampled: half the width "
	"of the interval of 95%.",
	"The database is likely seldom active, so there are few looks at its "
	"lock.",
	"Take write_lock_busy with care, or set lock_interval lower.",
},
[MEASURE_WRITE_CEILING] = {
	"write_ceiling", UNIT_PER_SECOND, HOW_VALUE, false, true, HOLD_WRITER,
	"sqlite_write_ceiling_per_second", NULL,
	"Write transactions per second that would keep the write lock held all "
	"the time, as transactions and disk are now.",
	"Transactions hold the write lock for long, likely because the disk is "
	"slow to sync or slow work is done inside of them.",
	"Keep slow work out of write transactions, and put several writes into "
	"one.",
},
[MEASURE_WRITER_HOLD] = {
	"writer_hold", UNIT_SECONDS, HOW_HOLD, true, false, HOLD_WRITER,
	NULL, NULL,
	"How long the present writer has held the write lock.",
	"One write transaction is long, and whoever waits longer than its "
	"busy_timeout gets \"database is locked\".",
	"Let that program commit in batches of about 200 ms.",
},
[MEASURE_WRITER_HOLD_MAX] = {
	"writer_hold_max", UNIT_SECONDS, HOW_VALUE, false, false, HOLD_WRITER,
	"sqlite_write_lock_hold_max_seconds", NULL,
	"The longest that the write lock was seen held in the last 5 minutes.",
	"One write transaction was long, and whoever waits longer than its "
	"busy_timeout gets \"database is locked\".",
	"Let that program commit in batches of about 200 ms.",
},
[MEASURE_BUSY_RETRIES] = {
	"busy_retries", UNIT_PER_SECOND, HOW_RATE, true, false, HOLD_WRITER,
	"sqlite_busy_retries_total", NULL,
	"How often per second a connection found the lock taken and waited.",
	"Writers likely wait for each other because transactions hold the "
	"write lock too long.",
	"Find the longest writer and let it commit in smaller batches, and "
	"begin transactions that write with BEGIN IMMEDIATE.",
},
[MEASURE_BUSY_WAIT] = {
	"busy_wait", UNIT_RATIO, HOW_RATE, true, false, HOLD_WRITER,
	"sqlite_busy_wait_seconds_total", NULL,
	"Time spent waiting for locks per time passed; above 100% when several "
	"connections wait at once.",
	"Writers likely wait for each other because transactions hold the "
	"write lock too long.",
	"Find the longest writer and let it commit in smaller batches, and "
	"begin transactions that write with BEGIN IMMEDIATE.",
},
[MEASURE_BUSY_UNSLEPT] = {
	"busy_unslept", UNIT_RATIO, HOW_VALUE, false, false, HOLD_WRITER,
	"sqlite_busy_unslept_ratio", NULL,
	"Share of the refusals of the write lock after which nobody waited as "
	"SQLite does; from the kernel, in bursts.",
	"A connection likely has no busy_timeout, or a busy handler of its own "
	"that waits in another way, or it had read before in the same "
	"transaction.",
	"Look for \"database is locked\" in the app's log, set PRAGMA "
	"busy_timeout = 5000 on every connection, and begin transactions that "
	"write with BEGIN IMMEDIATE.",
},
[MEASURE_FSYNC_TIME] = {
	"fsync_time", UNIT_SECONDS, HOW_VALUE, false, false, HOLD_COUNT,
	"sqlite_fsync_p50_seconds", NULL,
	"What an fsync of the database or its log takes, the median; from the "
	"kernel, in bursts.",
	"The disk is slow to sync, likely a network volume or one that is "
	"busy with something else.",
	"With WAL use synchronous=NORMAL if losing the last commits at power "
	"loss is fine, or move the database to a local disk.",
},
[MEASURE_BUSY_TIMEOUTS] = {
	"busy_timeouts", UNIT_PER_SECOND, HOW_RATE, true, false, HOLD_WRITER,
	"sqlite_busy_timeouts_total", NULL,
	"How often per second SQLite gave up on a lock and the app was told "
	"\"database is locked\"; only where the probe is.",
	"Somebody likely holds the write lock longer than the app's "
	"busy_timeout, or there is none.",
	"Let the longest writer commit in smaller batches, and set PRAGMA "
	"busy_timeout = 5000 on every connection.",
},
[MEASURE_SNAPSHOT_REFUSALS] = {
	"snapshot_refusals", UNIT_PER_SECOND, HOW_RATE, true, false,
	HOLD_COUNT, "sqlite_snapshot_refusals_total", NULL,
	"How often per second a transaction that had read could not write, "
	"since somebody else had written meanwhile; only where the probe is.",
	"Transactions read first and write later, and SQLite refuses at once "
	"whatever busy_timeout says.",
	"Begin transactions that will write with BEGIN IMMEDIATE.",
},
[MEASURE_READERS] = {
	"readers", UNIT_NONE, HOW_VALUE, true, false, HOLD_READER,
	"sqlite_readers", NULL,
	"Read locks held now.",
	"Reads overlap more than usual, likely slow queries or transactions "
	"that stay open.",
	"Look for cursors and transactions that are not closed, and run "
	"ANALYZE if queries have become slow.",
},
[MEASURE_OLDEST_READER_AGE] = {
	"oldest_reader_age", UNIT_SECONDS, HOW_AGE, true, false, HOLD_READER,
	"sqlite_oldest_reader_timestamp_seconds", NULL,
	"How long the oldest read mark has been held; 0 when there is none.",
	"A read transaction stays open, likely an unclosed cursor or an open "
	"shell, and the log cannot start again while it does.",
	"End that request or transaction in the program that holds it.",
},
[MEASURE_PROCESSES] = {
	"processes", UNIT_NONE, HOW_VALUE, true, false, HOLD_COUNT,
	"sqlite_processes", NULL,
	"Processes that have the database open.",
	"More processes than expected use the file, likely an overlapping "
	"deployment or a forgotten shell.",
	"Look at who has it open: `fuser -v` on the file lists the "
	"processes.",
},
[MEASURE_REPLICATION_LAG] = {
	"replication_lag", UNIT_SECONDS, HOW_VALUE, true, false, HOLD_COUNT,
	"sqlite_replica_lag_seconds", NULL,
	"Age of the oldest commit that is not on the replica; the worst of the "
	"replicas.",
	"Litestream likely cannot reach the replica or has stopped; it may "
	"report no error itself.",
	"Check that Litestream runs and what it logs; a restart of it is safe; "
	"then run `litegauge drill` as a proof.",
},
[MEASURE_REPLICATION_OVERDUE] = {
	"replication_overdue", UNIT_SECONDS, HOW_VALUE, false, false,
	HOLD_COUNT, "sqlite_replica_overdue_seconds", NULL,
	"The replication lag beyond what Litestream's sync-interval allows; 0 "
	"while it is within it; the worst of the replicas.",
	"Litestream likely cannot reach the replica or has stopped; it may "
	"report no error itself.",
	"Check that Litestream runs and what it logs; a restart of it is safe; "
	"then run `litegauge drill` as a proof.",
},
[MEASURE_REPLICATION_LAG_BYTES] = {
	"replication_lag_bytes", UNIT_BYTES, HOW_VALUE, false, false,
	HOLD_COUNT, "sqlite_replica_lag_bytes", NULL,
	"Bytes of commits that are not on the replica; the worst of the "
	"replicas.",
	"Litestream likely cannot reach the replica, has stopped, or uploads "
	"more slowly than the app writes.",
	"Check that Litestream runs and what it logs; a restart of it is safe; "
	"then run `litegauge drill` as a proof.",
},
[MEASURE_REPLICATION_LAG_TRANSACTIONS] = {
	"replication_lag_transactions", UNIT_NONE, HOW_VALUE, true, false,
	HOLD_COUNT, "sqlite_replica_lag_transactions", NULL,
	"Write transactions that are not on the replica; the worst of the "
	"replicas.",
	"Litestream likely cannot reach the replica, has stopped, or uploads "
	"more slowly than the app writes.",
	"Check that Litestream runs and what it logs; a restart of it is safe; "
	"then run `litegauge drill` as a proof.",
},
[MEASURE_REPLICA_UP] = {
	"replica_up", UNIT_NONE, HOW_LEAST, true, true, HOLD_COUNT,
	"sqlite_replica_up", NULL,
	"1 when the last look at every replica succeeded, else 0.",
	"The replica cannot be looked at: its place is likely unreachable or "
	"refuses the agent's credentials.",
	"Check the place of the replica by hand: until it is back, no backup "
	"is proven.",
},
[MEASURE_REPLICA_UNCHECKED] = {
	"replica_unchecked", UNIT_NONE, HOW_VALUE, false, false, HOLD_COUNT,
	"sqlite_replica_unchecked", NULL,
	"1 when a replica is of a kind that cannot be looked at (sftp, gs, "
	"abs, webdav, nats, oss), else 0.",
	"Litestream's local copy can be seen; whether anything arrives at the "
	"replica cannot.",
	"Run `litegauge drill` on a schedule ([drill] every): it restores from "
	"the replica and so proves it.",
},
[MEASURE_REPLICA_CHAIN] = {
	"replica_chain", UNIT_NONE, HOW_LEAST, false, true, HOLD_COUNT,
	"sqlite_replica_chain_ok", NULL,
	"1 when the files of every replica go on without a hole from the "
	"newest snapshot to the end, else 0; looked at hourly.",
	"A file on the replica is missing, likely deleted by a lifecycle rule, "
	"by hand or by a second Litestream, and a restore would fail.",
	"Run `litegauge drill` to be sure, then make Litestream write a new "
	"snapshot and keep the old files until one has restored.",
},
[MEASURE_REPLICA_AHEAD] = {
	"replica_ahead", UNIT_NONE, HOW_VALUE, false, false, HOLD_COUNT,
	"sqlite_replica_ahead", NULL,
	"1 when a replica has more than Litestream's local copy, else 0.",
	"A second Litestream likely writes to the same place, or the database "
	"was restored from an older state.",
	"Find the other writer, and give this database a path of its own on "
	"the replica before either spoils the other.",
},
[MEASURE_SNAPSHOT_AGE] = {
	"snapshot_age", UNIT_SECONDS, HOW_AGE, false, false, HOLD_COUNT,
	"sqlite_replica_snapshot_timestamp_seconds", NULL,
	"Age of the newest snapshot on the replica, the worst of the replicas; "
	"Litestream writes none while nothing changes.",
	"Litestream likely has stopped writing snapshots, so a restore has "
	"ever more to replay.",
	"Look at Litestream's log for errors of snapshots, and at how long "
	"`litegauge drill` says that a restore takes.",
},
[MEASURE_DRILL_SUCCESS] = {
	"drill_success", UNIT_NONE, HOW_LEAST, true, true, HOLD_COUNT,
	"sqlite_replica_drill_success", NULL,
	"1 when the last restore drill of every replica passed, else 0; a "
	"drill that could not be tried does not count.",
	"The backup could not be restored, came out damaged, or is older than "
	"it should be; the database itself may well be sound.",
	"Run `litegauge drill` for the reason, then make Litestream write a "
	"new snapshot today and keep the old files until one has restored.",
},
[MEASURE_DRILL_AGE] = {
	"drill_age", UNIT_SECONDS, HOW_AGE, false, false, HOLD_COUNT,
	"sqlite_replica_drill_success_timestamp_seconds", NULL,
	"How long ago a restore drill last passed, the worst of the replicas; "
	"0 when none has yet.",
	"No restore of this backup has been proven for so long: drills fail or "
	"cannot be tried.",
	"Run `litegauge drill` and read what it says; it likely wants room on "
	"a disk, a longer timeout or Litestream's program.",
},
[MEASURE_DRILL_INCONCLUSIVE] = {
	"drill_inconclusive", UNIT_NONE, HOW_VALUE, false, false, HOLD_COUNT,
	"sqlite_replica_drill_inconclusive", NULL,
	"1 when the last restore drill of a replica could not be tried, else "
	"0.",
	"Something stands between the agent and the backup, likely no room on "
	"a disk, too short a timeout, or credentials.",
	"Run `litegauge drill` and read what it says; until one passes, no "
	"backup is proven.",
},
[MEASURE_VERSION_RISK] = {
	"version_risk", UNIT_NONE, HOW_VALUE, false, false, HOLD_COUNT,
	"sqlite_version_risk", NULL,
	"1 when a SQLite or Litestream that uses the database is of a version "
	"with a known bug that loses or corrupts data, else 0.",
	"A SQLite before 3.51.3 (3.50.7, 3.44.6) can corrupt a database that "
	"several processes use, or Litestream is 0.5.6 to 0.5.8, unless your "
	"distribution has patched it.",
	"Look up sqlite_library_info on the agent's /metrics for the program, "
	"and upgrade it.",
},
[MEASURE_SAMPLE_LATE] = {
	"sample_late", UNIT_SECONDS, HOW_LATE, false, false, HOLD_COUNT,
	NULL, NULL,
	"How far behind its schedule the sampling of the database is.",
	"The disk that holds the database likely hangs: a read of it has not "
	"come back, and the app will wait as well.",
	"Look at the kernel log and at the disk or network volume, and at "
	"other programs that wait for it.",
},
};
