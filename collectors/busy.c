/*
 * busy - how often a connection found the lock taken: an estimate.
 *
 * Nobody outside the app sees SQLite retry.  What can be seen is how often the
 * writer lock is taken, and by whom; a transaction that comes at a random
 * moment meets another process's lock with that probability.  So for a span
 * with n commits of which a share `held` of the looks found the lock taken,
 * n * held * (share of other processes) transactions had to wait, half a hold
 * each on average, and at least the 1 ms of SQLite's first sleep.
 *
 * Conflicts between the threads of one process are not in it (the kernel lock
 * is the process's), nor is giving up: those need a source inside the app or
 * the kernel, which add rows with another `source` to the same families.
 */
#include "base/batch.h"
#include "collectors/collector.h"
#include "collectors/database.h"

#define FIRST_SLEEP_S	0.001	/* sqliteDefaultBusyCallback() */

enum { RETRIES, WAIT, TIMEOUTS };

static const struct metric metrics[] = {
	[RETRIES] = { "sqlite_busy_retries_total", METRIC_COUNTER,
	    "source=\"sampled\"",
	    "Times a connection found the lock taken and waited; "
	    "source=\"sampled\" is an estimate from how often the lock is "
	    "taken." },
	[WAIT] = { "sqlite_busy_wait_seconds_total", METRIC_COUNTER,
	    "source=\"sampled\"",
	    "Time spent waiting for a taken lock; source=\"sampled\" is an "
	    "estimate." },
	[TIMEOUTS] = { "sqlite_busy_timeouts_total", METRIC_COUNTER, NULL,
	    "Times a connection gave up and SQLITE_BUSY reached the app; "
	    "sampling cannot see it, so there is no source=\"sampled\"." },
};

struct busy_state {
	bool		 based;
	bool		 wal;		/* the mode that commits is of */
	uint64_t	 commits;	/* at the last sample */
	int64_t		 mono_ms;
	double		 retries, wait_s;
};

static uint64_t
commits(const struct database *db)
{
	return database_is_wal(db) ? db->wal.transactions :
	    db->header.change_counter;
}

static void
estimate(struct busy_state *s, const struct database *db)
{
	const struct occupancy *o = &db->occupancy;
	double span_s = (double)(db->mono_ms - s->mono_ms) / 1000;
	double n = (double)(commits(db) - s->commits);
	double held, met, hold_s;

	if (o->looks == 0 || n < 1 || n > 1e9 || span_s <= 0)
		return;
	held = (double)o->held / o->looks;
	met = n * held * o->others;
	hold_s = held * span_s / n / 2;
	s->retries += met;
	s->wait_s += met * (hold_s > FIRST_SLEEP_S ? hold_s : FIRST_SLEEP_S);
}

static int
busy_sample(struct database *db, void *state, struct batch *out, struct err *e)
{
	struct busy_state *s = state;

	(void)e;
	if (s->based && !db->replaced && s->wal == database_is_wal(db))
		estimate(s, db);
	s->based = true;
	s->wal = database_is_wal(db);
	s->commits = commits(db);
	s->mono_ms = db->mono_ms;
	db->occupancy.looks = db->occupancy.held = 0;
	batch_add(out, &metrics[RETRIES], s->retries);
	batch_add(out, &metrics[WAIT], s->wait_s);
	return 0;
}

const struct collector collector_busy = {
	.name		= "busy",
	.help		= "Busy retries, estimated from the lock looks.",
	COLLECTOR_METRICS(metrics),
	.state_size	= sizeof(struct busy_state),
	.sample		= busy_sample,
};
