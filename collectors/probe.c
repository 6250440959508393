/*
 * probe - what apps count themselves, where they have the probe.
 *
 * The probe (collectors/probe/) is a part of the app: it knows each retry, each
 * wait and each SQLITE_BUSY that the app got to see.  Here its files are found,
 * distrusted, and added up over processes.  What an ended process counted stays
 * in the total; while sqlite_probe_processes is 0 the total stands still, and
 * measures are of the next best source.
 *
 * A file that is ignored is no failure, for anybody may leave one: how many,
 * and why, is a row of its own.
 */
#include "base/batch.h"
#include "collectors/collector.h"
#include "collectors/database.h"
#include "collectors/members.h"

#define SEARCH_MS	5000	/* new files, ended processes */
#define SOURCE		"source=\"probe\""
#define BY_LOCK		"Times a connection waited, by the lock that it " \
	"waited for; only from the probe."
#define IGNORED_FILES	"Files in the directories of the probe that are not " \
	"believed, by reason."

enum way { SUM, MAX, RETRIES_SUM };

static const struct metric metrics[] = {
	{ "sqlite_busy_retries_total", METRIC_COUNTER, SOURCE,
	    "Times a connection found the lock taken and waited; "
	    "source=\"sampled\" is an estimate from how often the lock is "
	    "taken." },
	{ "sqlite_busy_wait_seconds_total", METRIC_COUNTER, SOURCE,
	    "Time spent waiting for a taken lock; source=\"sampled\" is an "
	    "estimate." },
	{ "sqlite_busy_timeouts_total", METRIC_COUNTER, SOURCE,
	    "Times a connection gave up and SQLITE_BUSY reached the app; "
	    "sampling cannot see it, so there is no source=\"sampled\"." },
	{ "sqlite_snapshot_refusals_total", METRIC_COUNTER, SOURCE,
	    "Times a transaction that had read could not write because "
	    "somebody else had written (SQLITE_BUSY_SNAPSHOT)." },
	{ "sqlite_busy_retries_by_lock_total", METRIC_COUNTER,
	    "lock=\"write\"", BY_LOCK },
	{ "sqlite_busy_retries_by_lock_total", METRIC_COUNTER,
	    "lock=\"checkpoint\"", BY_LOCK },
	{ "sqlite_busy_retries_by_lock_total", METRIC_COUNTER,
	    "lock=\"recovery\"", BY_LOCK },
	{ "sqlite_busy_retries_by_lock_total", METRIC_COUNTER,
	    "lock=\"shared\"", BY_LOCK },
	{ "sqlite_busy_retries_by_lock_total", METRIC_COUNTER,
	    "lock=\"reserved\"", BY_LOCK },
	{ "sqlite_busy_retries_by_lock_total", METRIC_COUNTER,
	    "lock=\"exclusive\"", BY_LOCK },
	{ "sqlite_busy_pending", METRIC_GAUGE, SOURCE,
	    "Connections that were refused a lock and have done nothing since: "
	    "they wait, or gave up." },
	{ "sqlite_commits_total", METRIC_COUNTER, SOURCE,
	    "Commits of processes with the probe that changed the database." },
	{ "sqlite_write_holds_total", METRIC_COUNTER, SOURCE,
	    "Times a process with the probe took the write lock." },
	{ "sqlite_write_hold_seconds_total", METRIC_COUNTER, SOURCE,
	    "Time for which processes with the probe held the write lock." },
	{ "sqlite_write_hold_longest_seconds", METRIC_GAUGE, SOURCE,
	    "Longest time that a process with the probe, and which still runs, "
	    "held the write lock." },
	{ "sqlite_fsyncs_total", METRIC_COUNTER, SOURCE,
	    "Syncs of the database, its log and its journal by processes with "
	    "the probe." },
	{ "sqlite_fsync_seconds_total", METRIC_COUNTER, SOURCE,
	    "Time that these syncs took." },
	{ "sqlite_fsync_longest_seconds", METRIC_GAUGE, SOURCE,
	    "Longest such sync of a process that still runs." },
	{ "sqlite_copying_checkpoints_total", METRIC_COUNTER, SOURCE,
	    "Checkpoints that copied pages back, by processes with the "
	    "probe." },
	/* by itself */
	{ "sqlite_probe_processes", METRIC_GAUGE, NULL,
	    "Processes that have used the database through the probe; compare "
	    "sqlite_processes." },
	/* one for each verdict but the good one */
	{ "sqlite_probe_files_ignored", METRIC_GAUGE, "reason=\"damaged\"",
	    IGNORED_FILES },
	{ "sqlite_probe_files_ignored", METRIC_GAUGE, "reason=\"version\"",
	    IGNORED_FILES },
	{ "sqlite_probe_files_ignored", METRIC_GAUGE, "reason=\"dead\"",
	    IGNORED_FILES },
	{ "sqlite_probe_files_ignored", METRIC_GAUGE, "reason=\"namespace\"",
	    IGNORED_FILES },
	{ "sqlite_probe_files_ignored", METRIC_GAUGE, "reason=\"owner\"",
	    IGNORED_FILES },
	{ "sqlite_probe_files_ignored", METRIC_GAUGE, "reason=\"stranger\"",
	    IGNORED_FILES },
	{ "sqlite_probe_files_ignored", METRIC_GAUGE, "reason=\"too_many\"",
	    IGNORED_FILES },
};

/* Where the first rows come from, in their order. */
static const struct {
	enum way	 way;
	unsigned	 counter;
	double		 unit;
} rows[] = {
	{ RETRIES_SUM,	0,				1 },
	{ SUM,		PROBE_WAIT_NS,			1e9 },
	{ SUM,		PROBE_TIMEOUTS,			1 },
	{ SUM,		PROBE_SNAPSHOTS,		1 },
	{ SUM,		PROBE_RETRIES + PROBE_WRITE,	1 },
	{ SUM,		PROBE_RETRIES + PROBE_CHECKPOINT, 1 },
	{ SUM,		PROBE_RETRIES + PROBE_RECOVERY,	1 },
	{ SUM,		PROBE_RETRIES + PROBE_SHARED,	1 },
	{ SUM,		PROBE_RETRIES + PROBE_RESERVED,	1 },
	{ SUM,		PROBE_RETRIES + PROBE_EXCLUSIVE, 1 },
	{ SUM,		PROBE_PENDING,			1 },
	{ SUM,		PROBE_COMMITS,			1 },
	{ SUM,		PROBE_HOLDS,			1 },
	{ SUM,		PROBE_HOLD_NS,			1e9 },
	{ MAX,		PROBE_HOLD_MAX_NS,		1e9 },
	{ SUM,		PROBE_FSYNCS,			1 },
	{ SUM,		PROBE_FSYNC_NS,			1e9 },
	{ MAX,		PROBE_FSYNC_MAX_NS,		1e9 },
	{ SUM,		PROBE_CHECKPOINTS,		1 },
};

#define ROWS		(sizeof rows / sizeof *rows)
#define PROCESSES	ROWS
#define IGNORED		(ROWS + 1 - PROBE_DAMAGED)	/* and a verdict */

_Static_assert(sizeof metrics / sizeof *metrics ==
    ROWS + PROBE_VERDICTS - PROBE_DAMAGED + 1, "every row has its metric");

struct probe_state {
	bool		 searched;
	bool		 seen;		/* a process, ever */
	int64_t		 searched_ms;
	dev_t		 dev;
	ino_t		 ino;
	struct members	 members;
};

static uint64_t
retries(const struct members *m)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < PROBE_LOCKS; i++)
		sum += members_sum(m, PROBE_RETRIES + i);
	return sum;
}

static void
add_rows(const struct members *m, struct batch *out)
{
	for (size_t i = 0; i < ROWS; i++) {
		uint64_t n = rows[i].way == RETRIES_SUM ? retries(m) :
		    rows[i].way == MAX ? members_max(m, rows[i].counter) :
		    members_sum(m, rows[i].counter);

		batch_add(out, &metrics[i], (double)n / rows[i].unit);
	}
	batch_add(out, &metrics[PROCESSES],
	    (double)members_processes(m));
}

static void
search(struct probe_state *s, const struct database *db)
{
	if (s->searched && (s->dev != db->dev || s->ino != db->ino))
		members_forget(&s->members);
	else if (s->searched && db->mono_ms - s->searched_ms < SEARCH_MS)
		return;
	s->searched = true;
	if (members_search(&s->members, db->fd, db->probe_dirs, db->mono_ms))
		s->searched_ms = db->mono_ms;
	s->dev = db->dev;
	s->ino = db->ino;
}

static int
probe_sample(struct database *db, void *state, struct batch *out,
    struct err *e)
{
	struct probe_state *s = state;

	(void)e;
	if (db->fd == -1)
		return 0;
	search(s, db);
	members_read(&s->members);
	s->seen = s->seen || members_processes(&s->members) > 0;
	if (s->seen)
		add_rows(&s->members, out);
	/* Nothing changes in the files while somebody waits. */
	if (members_sum(&s->members, PROBE_PENDING) > 0)
		db->restless = true;
	for (unsigned v = PROBE_DAMAGED; v < PROBE_VERDICTS; v++)
		if (s->members.ignored[v] > 0)
			batch_add(out, &metrics[IGNORED + v],
			    s->members.ignored[v]);
	return 0;
}

static void
probe_done(struct database *db, void *state)
{
	(void)db;
	members_free(&((struct probe_state *)state)->members);
}

const struct collector collector_probe = {
	.name		= "probe",
	.help		= "Busy retries, waits and syncs, as counted by the "
			  "probe inside the apps.",
	COLLECTOR_METRICS(metrics),
	.state_size	= sizeof(struct probe_state),
	.sample		= probe_sample,
	.done		= probe_done,
};
