/*
 * diagnose - see diagnose.h.
 */
#include <math.h>
#include <stdio.h>

#include "agent/diagnose.h"

#define LONG_HOLD_S	1.0	/* who waits for it notices */
#define BUDGET_S	5.0	/* the busy_timeout that people set */
#define FREE_LOCK	0.5	/* busy below: it is not for want of room */
#define SHORT_HOLD_S	0.5	/* any busy_timeout would outlast it */
#define SLOW_FSYNC_S	0.02	/* 50 a second */
#define UNSLEPT		0.5	/* of the refusals */

struct facts {
	const double		*values;	/* by measure */
	const struct culprit	*culprits;
	int64_t			 wall_ms;
};

/* A measure that the probe brings: this agent may not have it. */
static double
named(const struct facts *f, const char *measure)
{
	int id = measure_find(measure);

	return id == -1 ? (double)NAN : f->values[id];
}

static double
held_s(const struct facts *f, enum hold what)
{
	const struct culprit *c = &f->culprits[what];

	return c->since_ms == 0 || c->since_ms > f->wall_ms ? 0 :
	    (double)(f->wall_ms - c->since_ms) / 1000;
}

/* "PID 9001 (rake import)". */
static const char *
who(const struct facts *f, enum hold what, char *text, size_t size)
{
	const struct culprit *c = &f->culprits[what];

	if (c->pid <= 0)
		(void)snprintf(text, size, "a process of another container");
	else if (c->command[0] == '\0')
		(void)snprintf(text, size, "PID %lld", (long long)c->pid);
	else
		(void)snprintf(text, size, "PID %lld (%s)", (long long)c->pid,
		    c->command);
	return text;
}

static const char *
seconds(double s, char text[UNIT_TEXT_MAX])
{
	return unit_print(text, UNIT_SECONDS, s);
}

static bool
checkpoint_blocks(const struct facts *f)
{
	const struct culprit *c = f->culprits;

	return held_s(f, HOLD_CHECKPOINT) >= LONG_HOLD_S &&
	    held_s(f, HOLD_WRITER) >= LONG_HOLD_S &&
	    c[HOLD_CHECKPOINT].pid == c[HOLD_WRITER].pid;
}

static void
tell_checkpoint(const struct facts *f, char *text, size_t size)
{
	char whose[96], reader[96], time[UNIT_TEXT_MAX];
	bool waits = f->culprits[HOLD_READER].since_ms != 0;

	(void)snprintf(text, size, "Writers have waited for %s: %s holds the "
	    "writer and the checkpoint lock%s%s.",
	    seconds(held_s(f, HOLD_WRITER), time),
	    who(f, HOLD_CHECKPOINT, whose, sizeof whose),
	    waits ? " and likely waits for the reader " : "",
	    waits ? who(f, HOLD_READER, reader, sizeof reader) : "");
}

static bool
has_long_writer(const struct facts *f)
{
	return !checkpoint_blocks(f) && (held_s(f, HOLD_WRITER) >=
	    LONG_HOLD_S ||
	    f->values[MEASURE_WRITER_HOLD_MAX] >= LONG_HOLD_S);
}

static void
tell_long_writer(const struct facts *f, char *text, size_t size)
{
	double now = held_s(f, HOLD_WRITER);
	double most = fmax(now, f->values[MEASURE_WRITER_HOLD_MAX]);
	char whose[96], time[UNIT_TEXT_MAX], budget[UNIT_TEXT_MAX];

	if (now >= LONG_HOLD_S)
		(void)snprintf(text, size, "%s has held the write lock for %s; "
		    "others commonly give up after %s.",
		    who(f, HOLD_WRITER, whose, sizeof whose),
		    seconds(now, time), seconds(BUDGET_S, budget));
	else
		(void)snprintf(text, size, "A write transaction held the write "
		    "lock for %s within the last 5 minutes; others commonly "
		    "give up after %s.", seconds(most, time),
		    seconds(BUDGET_S, budget));
}

/* The lock was free most of the time, and no hold was long. */
static bool
lock_was_free(const struct facts *f)
{
	return f->values[MEASURE_WRITE_LOCK_BUSY] < FREE_LOCK &&
	    fmax(held_s(f, HOLD_WRITER),
	    f->values[MEASURE_WRITER_HOLD_MAX]) < SHORT_HOLD_S;
}

static bool
has_upgrades(const struct facts *f)
{
	return named(f, "snapshot_refusals") > 0 && lock_was_free(f);
}

static void
tell_upgrades(const struct facts *f, char *text, size_t size)
{
	char rate[UNIT_TEXT_MAX], share[UNIT_TEXT_MAX];

	(void)snprintf(text, size, "%s times \"database is locked\" although "
	    "the write lock was free %s of the time: this is not load.  A "
	    "transaction reads first and writes later, and SQLite refuses it "
	    "at once, whatever busy_timeout says.",
	    unit_print(rate, UNIT_PER_SECOND, named(f, "snapshot_refusals")),
	    unit_print(share, UNIT_RATIO,
	    1 - f->values[MEASURE_WRITE_LOCK_BUSY]));
}

/* Who has read and wants to write does not wait for a taken lock either. */
static bool
has_no_timeout(const struct facts *f)
{
	if (has_upgrades(f))
		return false;
	return f->values[MEASURE_BUSY_UNSLEPT] > UNSLEPT ||
	    (named(f, "busy_timeouts") > 0 && lock_was_free(f) &&
	    !(f->values[MEASURE_BUSY_RETRIES] > 0));
}

static void
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
		    "a busy_timeout of 0 is likely.");
}

static bool
has_slow_fsync(const struct facts *f)
{
	return f->values[MEASURE_FSYNC_TIME] >= SLOW_FSYNC_S;
}

static void
tell_slow_fsync(const struct facts *f, char *text, size_t size)
{
	double fsync_s = f->values[MEASURE_FSYNC_TIME];
	char time[UNIT_TEXT_MAX], most[UNIT_TEXT_MAX], now[UNIT_TEXT_MAX];
	double rate = f->values[MEASURE_WRITE_RATE];

	(void)snprintf(text, size, "An fsync takes up to %s here (the median): "
	    "with synchronous=FULL that is about %s commits, and the app makes "
	    "%s now.  Another database on this disk would be as slow.",
	    seconds(fsync_s, time),
	    unit_print(most, UNIT_PER_SECOND, 1 / fsync_s),
	    isnan(rate) ? "some" : unit_print(now, UNIT_PER_SECOND, rate));
}

/* The gravest first. */
static const struct {
	const char	*name;
	bool		 likely;
	bool		(*is_so)(const struct facts *);
	void		(*tell)(const struct facts *, char *, size_t);
	const char	*next_step;
} rows[] = {
	{ "checkpoint-blocks-writers", false, checkpoint_blocks,
	    tell_checkpoint, "End or shorten the long read; if it is "
	    "Litestream that checkpoints, set truncate-page-n: 0 or upgrade "
	    "it to 0.5.15 at least." },
	{ "long-writer", false, has_long_writer, tell_long_writer,
	    "Let that program commit in batches of about 200 ms." },
	{ "snapshot-upgrade", false, has_upgrades, tell_upgrades,
	    "Begin transactions that will write with BEGIN IMMEDIATE (Django: "
	    "transaction_mode IMMEDIATE; Go: _txlock=immediate; Rails 8 does "
	    "already)." },
	{ "no-busy-timeout", true, has_no_timeout, tell_no_timeout,
	    "Set PRAGMA busy_timeout = 5000 on every connection, and begin "
	    "transactions that will write with BEGIN IMMEDIATE." },
	{ "slow-fsync", false, has_slow_fsync, tell_slow_fsync,
	    "With WAL use synchronous=NORMAL (no corruption, but the last "
	    "commits may be lost at power loss), or a local disk." },
};

_Static_assert(sizeof rows / sizeof rows[0] <= DIAGNOSES_MAX, "no room");

size_t
diagnose(const double values[MEASURE_COUNT],
    const struct culprit culprits[HOLD_COUNT], int64_t wall_ms,
    struct diagnosis found[DIAGNOSES_MAX])
{
	const struct facts f = { values, culprits, wall_ms };
	size_t n = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!rows[i].is_so(&f))
			continue;
		found[n].name = rows[i].name;
		found[n].likely = rows[i].likely;
		found[n].next_step = rows[i].next_step;
		rows[i].tell(&f, found[n].text, sizeof found[n].text);
		n++;
	}
	return n;
}
