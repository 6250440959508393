/*
 * diagnose_log - why the log grows, or why that is no fault.
 *
 * The size of the file is a high-water mark and never the fault itself: what
 * counts is how much of the log waits to be copied back, and who reads.
 */
#include <math.h>
#include <stdio.h>

#include "agent/diagnose/diagnose_facts.h"

#define AUTOCHECKPOINT	1000	/* frames after which SQLite checkpoints */
#define PINNED_S	10.0	/* no query of a healthy app */
#define SEEN_S		15.0	/* so late may a reader be first seen */
#define BRIEF_S		60.0	/* a read that does not hold up for long */
#define NO_CHECKPOINT_S	600.0	/* Litestream's own are a minute apart */
#define BIG_WAL		67108864.0	/* bytes */
#define SOON_S		604800.0	/* a full disk is worth a word */

static double
lag_frames(const struct facts *f)
{
	return f->values[MEASURE_CHECKPOINT_LAG_FRAMES];
}

static const struct culprit *
reader(const struct facts *f)
{
	return &f->culprits[HOLD_READER];
}

/* All that waits came after the reader did. */
bool
is_pinned(const struct facts *f)
{
	double held = diagnose_held_s(f, HOLD_READER);

	return lag_frames(f) >= AUTOCHECKPOINT && held >= PINNED_S &&
	    f->values[MEASURE_CHECKPOINT_LAG] <= held + SEEN_S &&
	    !culprit_is_litestream(reader(f));
}

/* "; at 150 kB/s the disk would be full in 3h 10m" */
static void
tell_full(const struct facts *f, char *text, size_t size)
{
	double rate = f->values[MEASURE_WRITTEN_BYTES];
	double s = f->values[MEASURE_DISK_FREE] / rate;
	char speed[UNIT_TEXT_MAX], time[UNIT_TEXT_MAX];

	text[0] = '\0';
	if (rate > 0 && s < SOON_S)
		(void)snprintf(text, size, "; at %s the disk would be full in "
		    "%s", diagnose_figure(speed, f, MEASURE_WRITTEN_BYTES),
		    diagnose_seconds(time, s));
}

void
tell_pinned(const struct facts *f, char *text, size_t size)
{
	char who[CULPRIT_TEXT_MAX], full[2 * UNIT_TEXT_MAX + 64];
	char bytes[UNIT_TEXT_MAX], time[UNIT_TEXT_MAX];

	tell_full(f, full, sizeof full);
	(void)snprintf(text, size, "The log cannot begin again: %s of commits "
	    "wait behind a read that %s has held for %s%s.",
	    diagnose_figure(bytes, f, MEASURE_CHECKPOINT_LAG_BYTES),
	    culprit_text(who, reader(f)),
	    diagnose_seconds(time, diagnose_held_s(f, HOLD_READER)), full);
}

/* Its read mark is normal; that nothing is copied back is not. */
bool
is_litestream_alone(const struct facts *f)
{
	return lag_frames(f) >= AUTOCHECKPOINT &&
	    f->values[MEASURE_CHECKPOINT_LAG] >= NO_CHECKPOINT_S &&
	    diagnose_held_s(f, HOLD_READER) > 0 &&
	    culprit_is_litestream(reader(f));
}

void
tell_litestream_alone(const struct facts *f, char *text, size_t size)
{
	char who[CULPRIT_TEXT_MAX], time[UNIT_TEXT_MAX], n[UNIT_TEXT_MAX];

	(void)snprintf(text, size, "The oldest read mark is the one that "
	    "Litestream always holds, %s, which is normal; but the oldest of "
	    "%s frames has waited for %s to be copied back, and Litestream "
	    "usually makes a checkpoint every minute: likely it does not "
	    "now.", culprit_text(who, reader(f)),
	    diagnose_figure(n, f, MEASURE_CHECKPOINT_LAG_FRAMES),
	    diagnose_figure(time, f, MEASURE_CHECKPOINT_LAG));
}

/* All is copied back, so only readers can keep the log from its beginning; and
 * none of them stays. */
bool
is_overlapping(const struct facts *f)
{
	return f->values[MEASURE_WAL_FRAMES] >= 10.0 * AUTOCHECKPOINT &&
	    lag_frames(f) < AUTOCHECKPOINT && f->values[MEASURE_READERS] > 0 &&
	    diagnose_held_s(f, HOLD_READER) < BRIEF_S &&
	    !culprit_is_litestream(reader(f));
}

void
tell_overlapping(const struct facts *f, char *text, size_t size)
{
	char n[UNIT_TEXT_MAX], lag[UNIT_TEXT_MAX], time[UNIT_TEXT_MAX];

	(void)snprintf(text, size, "The log has %s frames and does not begin "
	    "again, although all but %s of them are copied back and no reader "
	    "is stuck (the oldest reads for %s): likely reads overlap, so that "
	    "there is no moment without one.",
	    diagnose_figure(n, f, MEASURE_WAL_FRAMES),
	    diagnose_figure(lag, f, MEASURE_CHECKPOINT_LAG_FRAMES),
	    diagnose_seconds(time, diagnose_held_s(f, HOLD_READER)));
}

bool
is_wal_fine(const struct facts *f)
{
	return f->values[MEASURE_WAL_SIZE] >= BIG_WAL &&
	    lag_frames(f) < AUTOCHECKPOINT && !is_overlapping(f);
}

void
tell_wal_fine(const struct facts *f, char *text, size_t size)
{
	char bytes[UNIT_TEXT_MAX], n[UNIT_TEXT_MAX];

	(void)snprintf(text, size, "The -wal file is %s, but only %s frames "
	    "wait to be copied back: it is an old high-water mark that is used "
	    "again and not a fault.",
	    diagnose_figure(bytes, f, MEASURE_WAL_SIZE),
	    diagnose_figure(n, f, MEASURE_CHECKPOINT_LAG_FRAMES));
}
