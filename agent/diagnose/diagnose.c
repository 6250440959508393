/*
 * diagnose - see diagnose.h; how each is recognised and told is in the other
 * files of that name.
 */
#include <math.h>

#include "agent/diagnose/diagnose.h"
#include "agent/diagnose/diagnose_facts.h"

const char *
diagnose_figure(char text[UNIT_TEXT_MAX], const struct facts *f,
    enum measure_id id)
{
	return unit_print(text, measures[id].unit, f->values[id]);
}

const char *
diagnose_seconds(char text[UNIT_TEXT_MAX], double s)
{
	return unit_print(text, UNIT_SECONDS, s);
}

double
diagnose_held_s(const struct facts *f, enum hold what)
{
	const struct culprit *c = &f->culprits[what];

	return c->since_ms == 0 || c->since_ms > f->wall_ms ? 0 :
	    (double)(f->wall_ms - c->since_ms) / 1000;
}

/* Measures as bits: what an alert about one of them is told. */
#define M(name)		(UINT64_C(1) << MEASURE_##name)
#define WAITS		(M(BUSY_RETRIES) | M(BUSY_WAIT) | M(BUSY_TIMEOUTS))
#define HOLDS		(M(WRITER_HOLD) | M(WRITER_HOLD_MAX) | \
			 M(WRITE_LOCK_BUSY) | M(WRITE_CEILING))
#define LAGS		(M(CHECKPOINT_LAG) | M(CHECKPOINT_LAG_FRAMES) | \
			 M(CHECKPOINT_LAG_BYTES))
#define LOG		(M(WAL_SIZE) | M(WAL_FRAMES))
#define COPY		(M(REPLICATION_LAG) | M(REPLICATION_OVERDUE) | \
			 M(REPLICATION_LAG_BYTES) | \
			 M(REPLICATION_LAG_TRANSACTIONS))

_Static_assert(MEASURE_COUNT <= 64, "a bit for each measure");

/* The gravest first. */
static const struct row {
	const char	*name;
	bool		 likely;
	diagnose_is_fn	*is_so;
	diagnose_tell_fn *tell;
	uint64_t	 about;		/* measures it speaks about */
	const char	*next_step;
} rows[] = {
	{ "checkpoint-blocks-writers", false, is_checkpoint_blocks,
	    tell_checkpoint_blocks, WAITS | HOLDS,
	    "End or shorten the long read; if it is Litestream that "
	    "checkpoints, set truncate-page-n: 0 or upgrade it to 0.5.15 at "
	    "least." },
	{ "long-writer", false, is_long_writer, tell_long_writer, WAITS | HOLDS,
	    "Let that program commit in batches of about 200 ms." },
	{ "backup-stale", true, is_stale, tell_stale, COPY,
	    "Restart Litestream, which is safe, upgrade it if it is 0.5.6 to "
	    "0.5.8, and then run `litegauge drill` as a proof." },
	{ "pinned-reader", false, is_pinned, tell_pinned,
	    LAGS | LOG | M(OLDEST_READER_AGE),
	    "End that request or transaction in its program: look for a cursor "
	    "or an iterator that is not closed, or an open sqlite3 shell." },
	{ "litestream-only-checkpointer", true, is_litestream_alone,
	    tell_litestream_alone, LAGS | LOG | M(OLDEST_READER_AGE),
	    "Check that the Litestream process is healthy; a restart of it is "
	    "safe." },
	{ "snapshot-upgrade", false, is_upgrade, tell_upgrade,
	    M(SNAPSHOT_REFUSALS) | M(BUSY_TIMEOUTS),
	    "Begin transactions that will write with BEGIN IMMEDIATE (Django: "
	    "transaction_mode IMMEDIATE; Go: _txlock=immediate; Rails 8 does "
	    "already)." },
	{ "no-busy-timeout", true, is_no_timeout, tell_no_timeout,
	    M(BUSY_UNSLEPT) | M(BUSY_TIMEOUTS),
	    "Set PRAGMA busy_timeout = 5000 on every connection, and begin "
	    "transactions that will write with BEGIN IMMEDIATE." },
	{ "slow-fsync", false, is_slow_fsync, tell_slow_fsync,
	    M(FSYNC_TIME) | M(WRITE_LOCK_BUSY) | M(WRITE_CEILING) |
	    M(BUSY_RETRIES) | M(BUSY_WAIT),
	    "With WAL use synchronous=NORMAL (no corruption, but the last "
	    "commits may be lost at power loss), or a local disk." },
	{ "overlapping-readers", true, is_overlapping, tell_overlapping,
	    LOG | M(READERS),
	    "Run PRAGMA wal_checkpoint(RESTART) from the app at a quiet time, "
	    "on a schedule, or shorten the longest reads." },
	{ "freelist", false, is_freelist, tell_freelist,
	    M(DATABASE_SIZE) | M(FREE_SIZE),
	    "VACUUM INTO a copy and swap it in while the app is stopped; set "
	    "auto_vacuum = INCREMENTAL before that if deletes go on." },
	{ "wal-big-but-fine", false, is_wal_fine, tell_wal_fine, M(WAL_SIZE),
	    "Nothing has to be done; to have the room back set PRAGMA "
	    "journal_size_limit, or run one PRAGMA wal_checkpoint(TRUNCATE) "
	    "from the app while it is idle." },
};

#define ROWS	(sizeof rows / sizeof rows[0])

_Static_assert(ROWS <= DIAGNOSES_MAX, "no room");

static void
say(struct diagnosis *ret, const struct row *r, const struct facts *f)
{
	ret->name = r->name;
	ret->likely = r->likely;
	ret->next_step = r->next_step;
	r->tell(f, ret->text, sizeof ret->text);
}

size_t
diagnose(const double values[MEASURE_COUNT],
    const struct culprit culprits[HOLD_COUNT], int64_t wall_ms,
    struct diagnosis found[DIAGNOSES_MAX])
{
	const struct facts f = { values, culprits, wall_ms };
	size_t n = 0;

	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].is_so(&f))
			say(&found[n++], &rows[i], &f);
	return n;
}

bool
diagnose_about(enum measure_id about, const double values[MEASURE_COUNT],
    const struct culprit culprits[HOLD_COUNT], int64_t wall_ms,
    struct diagnosis *ret)
{
	const struct facts f = { values, culprits, wall_ms };

	for (size_t i = 0; i < ROWS; i++) {
		if ((rows[i].about >> about & 1) == 0 || !rows[i].is_so(&f))
			continue;
		say(ret, &rows[i], &f);
		return true;
	}
	return false;
}
