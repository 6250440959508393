/*
 * diagnose_locks - who waits for the write lock, and why.
 */
#include <math.h>
#include <stdio.h>

#include "agent/diagnose/diagnose_facts.h"

#define LONG_HOLD_S	1.0	/* who waits for it notices */
#define BUDGET_S	5.0	/* the busy_timeout that people set */
#define FREE_LOCK	0.5	/* busy below: it is not for want of room */
#define SHORT_HOLD_S	0.5	/* any busy_timeout would outlast it */
#define SLOW_FSYNC_S	0.02	/* 50 a second */
#define UNSLEPT		0.5	/* of the refusals */

bool
is_checkpoint_blocks(const struct facts *f)
{
	const struct culprit *c = f->culprits;

	return diagnose_held_s(f, HOLD_CHECKPOINT) >= LONG_HOLD_S &&
	    diagnose_held_s(f, HOLD_WRITER) >= LONG_HOLD_S &&
	    c[HOLD_CHECKPOINT].pid == c[HOLD_WRITER].pid;
}

void
tell_checkpoint_blocks(const struct facts *f, char *text, size_t size)
{
	char whose[CULPRIT_TEXT_MAX], reader[CULPRIT_TEXT_MAX];
	char time[UNIT_TEXT_MAX];
	bool waits = f->culprits[HOLD_READER].since_ms != 0;

	(void)snprintf(text, size, "Writers have waited for %s: %s holds the "
	    "writer and the checkpoint lock%s%s.",
	    diagnose_seconds(time, diagnose_held_s(f, HOLD_WRITER)),
	    culprit_text(whose, &f->culprits[HOLD_CHECKPOINT]),
	    waits ? " and likely waits for the reader " : "",
	    waits ? culprit_text(reader, &f->culprits[HOLD_READER]) : "");
}

bool
is_long_writer(const struct facts *f)
{
	return !is_checkpoint_blocks(f) && (diagnose_held_s(f, HOLD_WRITER) >=
	    LONG_HOLD_S ||
	    f->values[MEASURE_WRITER_HOLD_MAX] >= LONG_HOLD_S);
}

void
tell_long_writer(const struct facts *f, char *text, size_t size)
{
	double now = diagnose_held_s(f, HOLD_WRITER);
	double most = fmax(now, f->values[MEASURE_WRITER_HOLD_MAX]);
	char time[UNIT_TEXT_MAX], budget[UNIT_TEXT_MAX];
	char whose[CULPRIT_TEXT_MAX];

	if (now >= LONG_HOLD_S)
		(void)snprintf(text, size, "%s has held the write lock for %s; "
		    "others commonly give up after %s.",
		    culprit_text(whose, &f->culprits[HOLD_WRITER]),
		    diagnose_seconds(time, now),
		    diagnose_seconds(budget, BUDGET_S));
	else
		(void)snprintf(text, size, "A write transaction held the write "
		    "lock for %s within the last 5 minutes; others commonly "
		    "give up after %s.", diagnose_seconds(time, most),
		    diagnose_seconds(budget, BUDGET_S));
}

/* The lock was free most of the time, and no hold was long. */
static bool
lock_was_free(const struct facts *f)
{
	return f->values[MEASURE_WRITE_LOCK_BUSY] < FREE_LOCK &&
	    fmax(diagnose_held_s(f, HOLD_WRITER),
	    f->values[MEASURE_WRITER_HOLD_MAX]) < SHORT_HOLD_S;
}

bool
is_upgrade(const struct facts *f)
{
	return f->values[MEASURE_SNAPSHOT_REFUSALS] > 0 && lock_was_free(f);
}

void
tell_upgrade(const struct facts *f, char *text, size_t size)
{
	char rate[UNIT_TEXT_MAX], share[UNIT_TEXT_MAX];

	(void)snprintf(text, size, "%s times \"database is locked\" although "
	    "the write lock was free %s of the time: this is not load.  A "
	    "transaction reads first and writes later, and SQLite refuses it "
	    "at once, whatever busy_timeout says.",
	    diagnose_figure(rate, f, MEASURE_SNAPSHOT_REFUSALS),
	    unit_print(share, UNIT_RATIO,
	    1 - f->values[MEASURE_WRITE_LOCK_BUSY]));
}

/* Who has read and wants to write does not wait for a taken lock either. */
bool
is_no_timeout(const struct facts *f)
{
	if (is_upgrade(f))
		return false;
	return f->values[MEASURE_BUSY_UNSLEPT] > UNSLEPT ||
	    (f->values[MEASURE_BUSY_TIMEOUTS] > 0 && lock_was_free(f) &&
	    !(f->values[MEASURE_BUSY_RETRIES] > 0));
}

void
tell_no_timeout(const struct facts *f, char *text, size_t size)
{
	char share[UNIT_TEXT_MAX];

	if (f->values[MEASURE_BUSY_UNSLEPT] > UNSLEPT)
		(void)snprintf(text, size, "After %s of the times that a "
		    "connection found the write lock taken it did not wait as "
		    "SQLite does: likely its busy_timeout is 0; or it has a "
		    "busy handler of its own, or had read before in the same "
		    "transaction.", unit_print(share, UNIT_RATIO,
		    f->values[MEASURE_BUSY_UNSLEPT]));
	else
		(void)snprintf(text, size, "\"database is locked\" came "
		    "without any waiting, and no write lock was held for long: "
		    "likely a busy_timeout is 0, or a transaction had read "
		    "before it wanted to write, and may not wait then.");
}

bool
is_slow_fsync(const struct facts *f)
{
	return f->values[MEASURE_FSYNC_TIME] >= SLOW_FSYNC_S;
}

void
tell_slow_fsync(const struct facts *f, char *text, size_t size)
{
	double fsync_s = f->values[MEASURE_FSYNC_TIME];
	char time[UNIT_TEXT_MAX], most[UNIT_TEXT_MAX], now[UNIT_TEXT_MAX];
	double rate = f->values[MEASURE_WRITE_RATE];

	(void)snprintf(text, size, "An fsync takes up to %s here (the median): "
	    "with synchronous=FULL that is about %s commits, and the app makes "
	    "%s now.  Another database on this disk would be as slow.",
	    diagnose_seconds(time, fsync_s),
	    unit_print(most, UNIT_PER_SECOND, 1 / fsync_s),
	    isnan(rate) ? "some" : unit_print(now, UNIT_PER_SECOND, rate));
}
