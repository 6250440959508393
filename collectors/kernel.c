/*
 * kernel - waits and holds as the kernel counts them: exact where it says so.
 *
 * The tracer (tracer.h) counts the sleeps of SQLite's busy handler in the
 * processes that have the database open, and in bursts also refused locks, how
 * long they are held, and fsyncs.  This tells it which processes and files
 * those are, whenever /proc/locks was read anew or -shm is another, and makes
 * metrics of what it counted.
 *
 * Nothing is said rather than something wrong: there are no retries while a
 * process that has the database open has others open too (its sleeps do not
 * say for which), nor while writers are refused and do not sleep as SQLite's
 * own handler does (RECKON: blindness).  In rollback mode no lock says who has
 * the database open, so there only bursts tell something.
 */
#include <linux/magic.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/batch.h"
#include "base/mem.h"
#include "collectors/collector.h"
#include "collectors/database.h"
#include "collectors/locktable.h"
#include "collectors/process.h"
#include "tracer/reckon.h"
#include "tracer/tracer.h"

#define BLIND_ABOVE	0.5	/* share of refusals that nobody slept after */
#define WRONG_SHARE	0.7	/* of the time: the lock is held too much */
#define WRONG_HOLD_MS	1000
#define QUANTILES_MS	60000	/* of holds while locks are always traced */

enum { RETRIES, WAIT, SEEN, REFUSALS, UNSLEPT, TRACED, SPANS };
enum { COUNT, TIME, MEDIAN, WORST, PER_SPAN };

#define KERNEL	"source=\"kernel\""
#define BURST	"; measured by the kernel, in bursts."
#define SPAN(i, many, one, what)					\
	[SPANS + (i) * PER_SPAN + COUNT] = { many "_total",		\
	    METRIC_COUNTER, KERNEL, "How many " what " were measured" BURST }, \
	[SPANS + (i) * PER_SPAN + TIME] = { one "_seconds_total",	\
	    METRIC_COUNTER, KERNEL, "Time that these " what " took" BURST }, \
	[SPANS + (i) * PER_SPAN + MEDIAN] = { one "_p50_seconds",	\
	    METRIC_GAUGE, KERNEL, "Half of the " what " in the last burst " \
	    "took no longer; up to twice too large." },			\
	[SPANS + (i) * PER_SPAN + WORST] = { one "_p99_seconds",	\
	    METRIC_GAUGE, KERNEL, "99 % of the " what " in the last burst " \
	    "took no longer; up to twice too large." }

static const struct metric metrics[] = {
	[RETRIES] = { "sqlite_busy_retries_total", METRIC_COUNTER, KERNEL,
	    "Times a connection found the lock taken and waited." },
	[WAIT] = { "sqlite_busy_wait_seconds_total", METRIC_COUNTER, KERNEL,
	    "Time spent waiting for a taken lock." },
	[SEEN] = { "sqlite_traced_processes", METRIC_GAUGE, NULL,
	    "Processes whose waits the kernel counts for this database; 0 "
	    "while its count is not to be believed." },
	[REFUSALS] = { "sqlite_write_lock_refusals_total", METRIC_COUNTER,
	    KERNEL, "Times the kernel refused the writer lock to a process"
	    BURST },
	[UNSLEPT] = { "sqlite_busy_unslept_ratio", METRIC_GAUGE, KERNEL,
	    "Share of these refusals after which nobody slept as SQLite's "
	    "busy handler does." },
	[TRACED] = { "sqlite_traced_seconds_total", METRIC_COUNTER, KERNEL,
	    "How long locks were traced in the kernel." },
	SPAN(SPAN_WRITE, "sqlite_write_lock_holds", "sqlite_write_lock_hold",
	    "holds of the writer lock"),
	SPAN(SPAN_CHECKPOINT, "sqlite_checkpoint_lock_holds",
	    "sqlite_checkpoint_lock_hold", "holds of the checkpoint lock"),
	SPAN(SPAN_SYNC, "sqlite_fsyncs", "sqlite_fsync",
	    "fsyncs of the database and its log"),
};

/* Of a database that has a place in the kernel's table. */
struct traced {
	int		  slot;
	struct trace_slot base;		/* when it got the place */
	struct tracer_view view;	/* the last */
	struct trace_hist burst[SPAN_COUNT];	/* when the burst began */
	bool		  over[SPAN_COUNT];	/* what comes is of a new one */
	int64_t		  burst_ms;
};

struct kernel_state {
	struct traced	*traced;	/* owned; NULL: has no place */
	int64_t		 table_us;	/* the lock table it was aimed by */
	ino_t		 ino;		/* the -shm it was aimed by */
	bool		 known;		/* who has it open is known */
	int64_t		 mono_ms;	/* of the last sample; 0: none */
	double		 traced_s;
	struct sight	 sight;
};

static bool
take_place(struct kernel_state *s, struct database *db)
{
	int slot = s->traced == NULL ? tracer_join(db->tracer) : -1;

	if (slot == -1)
		return s->traced != NULL;
	NEW(s->traced);
	s->traced->slot = slot;
	tracer_read(db->tracer, slot, &s->traced->view);
	s->traced->base = s->traced->view.counts;
	return true;
}

/* How fsyncs of what lies there are seen best. */
static enum trace_syncs
syncs_of(int fd)
{
	struct statfs st;

	if (fstatfs(fd, &st) == -1)
		return TRACE_BY_CALLS;
	return st.f_type == EXT4_SUPER_MAGIC ? TRACE_BY_EXT4 :
	    st.f_type == TMPFS_MAGIC || st.f_type == RAMFS_MAGIC ?
	    TRACE_NO_SYNCS : TRACE_BY_CALLS;
}

static void
add_file(struct tracer_target *t, const struct stat *st, enum trace_kind kind,
    enum trace_syncs syncs)
{
	t->files[t->nfiles++] = (struct tracer_file){ st->st_dev, st->st_ino,
	    kind, syncs };
}

/* Litestream waits in ways that are not seen, and for many databases. */
static bool
is_litestream(int64_t pid)
{
	char command[sizeof((struct culprit *)NULL)->command];

	process_command(pid, command, sizeof command);
	return process_is_litestream(command);
}

static void
add_processes(struct tracer_target *t, const struct database *db, ino_t ino,
    dev_t dev)
{
	int64_t pids[AIMS_MAX];
	bool elsewhere[AIMS_MAX];
	size_t n = locktable_holders(db->locks, dev, ino, SHM_WRITE, SHM_DMS,
	    pids, AIMS_MAX);

	locktable_elsewhere(db->locks, ino, SHM_WRITE, SHM_DMS, pids, n,
	    elsewhere);
	for (size_t i = 0; i < n; i++) {
		bool unknown = pids[i] <= 0;	/* sleeps, and we cannot tell */

		if (unknown || !is_litestream(pids[i]))
			t->procs[t->nprocs++] = (struct aim_proc){
			    unknown ? 0 : (uint32_t)pids[i],
			    unknown || elsewhere[i] };
	}
}

/* Tell the tracer who and what is to be seen, when that may have changed. */
static void
aim(struct kernel_state *s, struct database *db)
{
	enum trace_syncs syncs;
	struct tracer_target *t;
	struct stat shm = { 0 }, st;

	if (db->wal.fd != -1 && fstat(db->wal.fd, &shm) == -1)
		shm.st_ino = 0;
	if (db->locks == NULL || (db->locks->at_us == s->table_us &&
	    shm.st_ino == s->ino && !db->replaced))
		return;
	NEW(t);
	syncs = syncs_of(db->fd);
	if (fstat(db->fd, &st) == 0)
		add_file(t, &st, database_is_wal(db) ? TRACE_PLAIN : TRACE_DB,
		    syncs);
	if (shm.st_ino != 0) {
		/* Nobody syncs it. */
		add_file(t, &shm, TRACE_SHM, TRACE_NO_SYNCS);
		if (stat(db->wal_path, &st) == 0)
			add_file(t, &st, TRACE_PLAIN, syncs);
		add_processes(t, db, shm.st_ino, shm.st_dev);
	}
	tracer_aim(db->tracer, s->traced->slot, t);
	free(t);
	s->table_us = db->locks->at_us;
	s->ino = shm.st_ino;
	s->known = database_is_wal(db);
}

/* Quantiles are of the last burst in which there was something to measure, so
 * they stay until there is something newer. */
static void
keep_bursts(struct traced *t, const struct tracer_view *now, int64_t mono_ms)
{
	const struct trace_hist *last = t->view.counts.hists;
	bool begins = now->bursts != t->view.bursts || (now->locks &&
	    mono_ms - t->burst_ms >= QUANTILES_MS);

	if (begins)
		t->burst_ms = mono_ms;
	for (int i = 0; i < SPAN_COUNT; i++) {
		t->over[i] |= begins;
		if (!t->over[i] ||
		    now->counts.hists[i].count == last[i].count)
			continue;
		t->burst[i] = last[i];
		t->over[i] = false;
	}
}

/* Take in the view of now; returns how many sleeps are new. */
static uint64_t
look(struct kernel_state *s, struct database *db)
{
	struct traced *t = s->traced;
	struct tracer_view *last = &t->view, *now;
	uint64_t sleeps;

	NEW(now);
	tracer_read(db->tracer, t->slot, now);
	sleeps = now->counts.retries - last->counts.retries;
	keep_bursts(t, now, db->mono_ms);
	if (now->locks && last->locks) {
		s->traced_s += (double)(db->mono_ms - s->mono_ms) / 1000;
		sight_add(&s->sight, reckon_refusals(&now->counts) -
		    reckon_refusals(&last->counts), sleeps);
	}
	*last = *now;
	free(now);
	return sleeps;
}

/* Reasons to look closer. */
static bool
is_wrong(const struct database *db, uint64_t sleeps)
{
	struct share share;

	looks_share(&db->looks, db->mono_ms, &share);
	return sleeps > 0 || share.ratio > WRONG_SHARE ||
	    (db->writer_ms != 0 &&
	    db->wall_ms - db->writer_ms > WRONG_HOLD_MS);
}

/* A count that is not to be believed any more is taken back: it is NAN.  One
 * that nothing adds to any more stands still, and SEEN is 0. */
static void
tell_waits(const struct kernel_state *s, struct batch *out)
{
	const struct traced *t = s->traced;
	double unslept = sight_unslept(&s->sight);
	bool blind = !s->known || t->view.mixed || unslept > BLIND_ABOVE;

	if (!isnan(unslept))
		batch_add(out, &metrics[UNSLEPT], unslept);
	batch_add(out, &metrics[SEEN], blind || !t->view.sleeps ? 0 :
	    (double)t->view.nprocs);
	batch_add(out, &metrics[RETRIES], blind ? (double)NAN :
	    (double)(t->view.counts.retries - t->base.retries));
	batch_add(out, &metrics[WAIT], blind ? (double)NAN :
	    (double)(t->view.counts.wait_ns - t->base.wait_ns) / 1e9);
}

static void
tell_span(const struct traced *t, enum trace_span span, struct batch *out)
{
	const struct metric *m = &metrics[SPANS + (int)span * PER_SPAN];
	const struct trace_hist *now = &t->view.counts.hists[span];
	const struct trace_hist *base = &t->base.hists[span];
	double median = reckon_quantile(now, &t->burst[span], 0.5);

	batch_add(out, &m[COUNT], (double)(now->count - base->count));
	batch_add(out, &m[TIME], (double)(now->total_ns - base->total_ns) /
	    1e9);
	if (isnan(median))
		return;
	batch_add(out, &m[MEDIAN], median);
	batch_add(out, &m[WORST], reckon_quantile(now, &t->burst[span], 0.99));
}

static int
kernel_sample(struct database *db, void *state, struct batch *out,
    struct err *e)
{
	struct kernel_state *s = state;

	(void)e;
	if (db->tracer == NULL || !take_place(s, db))
		return 0;
	aim(s, db);
	if (is_wrong(db, look(s, db)))
		tracer_wish(db->tracer, db->mono_ms);
	s->mono_ms = db->mono_ms;
	tell_waits(s, out);
	if (s->traced_s <= 0)
		return 0;
	batch_add(out, &metrics[TRACED], s->traced_s);
	batch_add(out, &metrics[REFUSALS],
	    (double)(reckon_refusals(&s->traced->view.counts) -
	    reckon_refusals(&s->traced->base)));
	for (int i = 0; i < SPAN_COUNT; i++)
		tell_span(s->traced, (enum trace_span)i, out);
	return 0;
}

static void
kernel_done(struct database *db, void *state)
{
	struct kernel_state *s = state;

	if (s->traced != NULL)
		tracer_leave(db->tracer, s->traced->slot);
	free(s->traced);
}

const struct collector collector_kernel = {
	.name		= "kernel",
	.help		= "Busy retries, lock holds and fsyncs, counted in "
			  "the kernel.",
	COLLECTOR_METRICS(metrics),
	.state_size	= sizeof(struct kernel_state),
	.sample		= kernel_sample,
	.done		= kernel_done,
};
