/*
 * litestream - how old is the oldest commit that the backup does not have?
 *
 * Litestream's own metrics cannot tell: they stand still when it is blind.  So
 * positions are compared, not claims: the live end of the log (wal.h) with the
 * end of Litestream's local copy and with the end of each replica.  The age is
 * that of the first commit beyond, by our own notes of when the log was how
 * long (trail.h): no clock but ours is in it.  When a look fails, the last
 * known end stands, so the lag grows, and the replica is down.
 *
 * Litestream's own copy is told as replica "local".  File replicas are looked
 * at here; for one in a bucket a wish is put into the batch, and what the loop
 * found lies in db->findings some time later.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/batch.h"
#include "base/err.h"
#include "base/mem.h"
#include "collectors/collector.h"
#include "collectors/database.h"
#include "collectors/litestream_state.h"
#include "litestream/discover.h"

#define FIND_EVERY_MS	10000	/* how often a copy is looked for ... */
#define EXPECT_EVERY_MS	1000	/* ... and one that there should be */

static const struct metric metrics[] = {
	[LS_UP] = { "sqlite_replica_up", METRIC_GAUGE, NULL,
	    "1 when the last look at the replica succeeded; replica=\"local\" "
	    "is Litestream's own copy beside the database." },
	[LS_UNCHECKED] = { "sqlite_replica_unchecked", METRIC_GAUGE, NULL,
	    "1 for a replica of a kind that litegauge cannot look at: whether "
	    "anything is on it is not known; else 0." },
	[LS_LAG_SECONDS] = { "sqlite_replica_lag_seconds", METRIC_GAUGE, NULL,
	    "Age of the oldest commit that is not on the replica, as seen by "
	    "the agent; 0 only when nothing is missing." },
	[LS_OVERDUE] = { "sqlite_replica_overdue_seconds", METRIC_GAUGE, NULL,
	    "The lag beyond what Litestream's own monitor and sync intervals "
	    "and ours allow; 0 while it is within them." },
	[LS_LAG_BYTES] = { "sqlite_replica_lag_bytes", METRIC_GAUGE, NULL,
	    "Bytes of the log that are not on the replica." },
	[LS_LAG_COMMITS] = { "sqlite_replica_lag_transactions", METRIC_GAUGE,
	    NULL,
	    "Write transactions that are not on the replica, Litestream's own "
	    "among them." },
	[LS_LAST_SYNC] = { "sqlite_replica_last_sync_timestamp_seconds",
	    METRIC_GAUGE, NULL,
	    "Up to when the replica has every commit: now when nothing is "
	    "missing; 0 when that is not known." },
	[LS_AHEAD] = { "sqlite_replica_ahead", METRIC_GAUGE, NULL,
	    "1 when the replica has more than the local copy: a second writer, "
	    "or the wrong path; else 0." },
	[LS_SNAPSHOT] = { "sqlite_replica_snapshot_timestamp_seconds",
	    METRIC_GAUGE, NULL,
	    "When the newest snapshot was written; 0 when there is none; at "
	    "most an hour old." },
	[LS_CHAIN] = { "sqlite_replica_chain_ok", METRIC_GAUGE, NULL,
	    "1 when by their names the files go on without a hole from the "
	    "newest snapshot to the end, 0 when not; at most an hour old." },
	[LS_CHAIN_TIME] = { "sqlite_replica_chain_timestamp_seconds",
	    METRIC_GAUGE, NULL, "When all the names were last looked at." },
	[LS_GENERATIONS] = { "sqlite_replica_generation_changes_total",
	    METRIC_COUNTER, NULL,
	    "Times Litestream lost the thread and began anew with the whole "
	    "database: a new generation (0.3), or a pass that holds every page "
	    "(0.5)." },
	[LS_REQUESTS] = { "sqlite_replica_requests_total", METRIC_COUNTER, NULL,
	    "Requests that litegauge made to the bucket." },
	[LS_REFUSED] = { "sqlite_replica_requests_refused_total",
	    METRIC_COUNTER, NULL,
	    "Looks at the bucket that were not taken because the hour's budget "
	    "was used up." },
	[LS_COST] = { "sqlite_replica_request_cost_dollars_total",
	    METRIC_COUNTER, NULL,
	    "What Amazon S3 takes for these requests (us-east-1, Standard); an "
	    "estimate for other buckets." },
	[LS_SKEW] = { "sqlite_replica_clock_skew_seconds", METRIC_GAUGE, NULL,
	    "The bucket's clock less this machine's; beyond 15 minutes a "
	    "bucket refuses every request." },
	[LS_INFO] = { "sqlite_replica_info", METRIC_INFO, NULL,
	    "The replica's type, the format version of Litestream, and where "
	    "it was learned of; always 1." },
};

const struct metric *
litestream_metric(enum litestream_row row)
{
	return &metrics[row];
}

/*
 * How it is set up may be learned, and change, at any time.  When nobody knows
 * any more, because Litestream is down, what was known stands: its replicas
 * matter all the more.  But what our own file said and says no more, goes.
 */
static void
find_setup(struct litestream_state *s, const struct database *db)
{
	bool said = db->setup != NULL && db->setup->nreplicas > 0;
	struct setup *setup = NULL;

	if (s->settled && s->configured == db->setup &&
	    s->discovery_no == db->discovery_no && !db->replaced)
		return;
	s->settled = true;
	s->configured = db->setup;
	s->discovery_no = db->discovery_no;
	if (said)
		setup = setup_ref(db->setup);
	else if (db->discovery != NULL)
		setup = discovery_setup(db->discovery, db->real, db->dev,
		    db->ino);
	if (setup != NULL || s->said)
		litestream_take_setup(s, setup);
	s->said = said;
}

static char *
place_of_copy(const struct litestream_state *s, const struct database *db)
{
	const char *slash = strrchr(db->real, '/');

	if (s->setup != NULL && s->setup->meta != NULL)
		return mem_strdup(s->setup->meta);
	return mem_printf("%.*s/.%s-litestream", (int)(slash - db->real),
	    db->real, slash + 1);
}

/* Nobody replicates it, as far as is known. */
static bool
is_alone(const struct litestream_state *s)
{
	return s->version == LITESTREAM_NONE && s->setup == NULL;
}

static void
find_copy(struct litestream_state *s, const struct database *db)
{
	int64_t every = s->version == LITESTREAM_NONE && s->setup != NULL ?
	    EXPECT_EVERY_MS : FIND_EVERY_MS;
	enum litestream_version v;

	if (s->find_ms != 0 && db->mono_ms - s->find_ms < every &&
	    (s->dir != NULL || is_alone(s)))
		return;
	s->find_ms = db->mono_ms;
	free(s->dir);		/* a link may point elsewhere now */
	s->dir = place_of_copy(s, db);
	v = litestream_version_of(s->dir);
	/* One that was there and is gone is news, not "none". */
	if (v != LITESTREAM_NONE)
		s->version = v;
	if (is_alone(s)) {
		free(s->dir);
		s->dir = NULL;
	}
}

static int
litestream_sample(struct database *db, void *state, struct batch *out,
    struct err *e)
{
	struct litestream_state *s = state;
	int status = 0;
	struct err why;

	find_setup(s, db);
	find_copy(s, db);
	if (is_alone(s))
		return 0;
	litestream_begin(s, db);
	if (litestream_look_local(s, db, out, &why) == -1)
		status = err_set(e, "replica local: %s", why.text);
	for (size_t i = 0; s->setup != NULL && i < s->setup->nreplicas; i++)
		if (litestream_look_replica(s, db, i, out, &why) == -1)
			status = err_set(e, "replica %s: %s",
			    s->setup->replicas[i].name, why.text);
	litestream_forget_trail(s, db);
	/* The numbers stand although a look has failed: the lag must grow. */
	out->keep = status == -1;
	return status;
}

static void
litestream_done(struct database *db, void *state)
{
	struct litestream_state *s = state;

	(void)db;
	litestream_take_setup(s, NULL);
	free(s->dir);
}

const struct collector collector_litestream = {
	.name		= "litestream",
	.help		= "How far Litestream's local copy and its replicas "
			  "are behind, by position.",
	COLLECTOR_METRICS(metrics),
	.state_size	= sizeof(struct litestream_state),
	.sample		= litestream_sample,
	.done		= litestream_done,
};
