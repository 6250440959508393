/*
 * watch - see watch.h.
 */
#include <string.h>
#include <time.h>

#include "collectors/probe/watch.h"

/* The lock bytes of a wal-index, as xShmLock numbers them (SQLite's wal.c). */
#define SHM_WRITE	0
#define SHM_CKPT	1
#define SHM_RECOVER	2
#define SHM_READ0	3
#define INDEX_CHANGE	2	/* word: counts commits */
#define MAX_STATEMENTS	4096	/* looked at */
#define NO_OFFSET	(-1)	/* of xLock */

int64_t
watch_now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
count(struct watch *w, unsigned counter, uint64_t n)
{
	share_add(w->slot, counter, n);
}

static uint64_t
statistic(const struct watch *w, sqlite3 *db, int which, bool now)
{
	int current = 0, all = 0;

	(void)w->api->db_status(db, which, &current, &all, 0);
	return (unsigned)(now ? current : all);
}

/* What the connection asked of its lookaside memory: what it got, what was too
 * large, what found it full. */
static uint64_t
allocations(const struct watch *w, sqlite3 *db)
{
	return statistic(w, db, SQLITE_DBSTATUS_LOOKASIDE_HIT, false) +
	    statistic(w, db, SQLITE_DBSTATUS_LOOKASIDE_MISS_SIZE, false) +
	    statistic(w, db, SQLITE_DBSTATUS_LOOKASIDE_MISS_FULL, false);
}

/* A statement in its first call lies in there, where there is any. */
static bool
has_lookaside(const struct watch *w, sqlite3 *db)
{
	return statistic(w, db, SQLITE_DBSTATUS_LOOKASIDE_USED, true) > 0;
}

/* The runs of a statement in its first call, which are 1. */
static void
forget_runs(const struct watch *w, sqlite3_stmt *st)
{
	if (w->api->stmt_status(st, SQLITE_STMTSTATUS_VM_STEP, 0) == 0)
		(void)w->api->stmt_status(st, SQLITE_STMTSTATUS_RUN, 1);
}

/*
 * SQLite adds up a statement's steps when it returns to the app, counts its
 * runs when it begins, keeps an error, and takes memory to prepare: waiting for
 * a lock does none of these.  So while all that is the same, this is the same
 * call of the app.
 *
 * A statement in its first call that was dropped, and another made in its
 * place, differ in that memory only.  Where SQLite has no lookaside, which
 * counts it, the runs of one that is refused are set to 0 instead (refused),
 * and a new one has 1: nothing else that an app can see is ever changed.
 */
static void
take_mark(const struct watch *w, struct watch_mark *m, bool refused)
{
	sqlite3 *db = w->db == NULL ? NULL : *w->db;
	sqlite3_stmt *st = NULL;
	bool forget;

	*m = (struct watch_mark){ .db = db };
	if (db == NULL)
		return;
	forget = refused && !has_lookaside(w, db);
	m->allocations = allocations(w, db);
	while (m->statements < MAX_STATEMENTS &&
	    (st = w->api->next_stmt(db, st)) != NULL) {
		if (forget)
			forget_runs(w, st);
		m->statements++;
		m->steps += (uint64_t)w->api->stmt_status(st,
		    SQLITE_STMTSTATUS_VM_STEP, 0);
		m->runs += (uint64_t)w->api->stmt_status(st,
		    SQLITE_STMTSTATUS_RUN, 0);
	}
}

/*
 * Is this still the call of the app that was refused?  For its error a
 * connection is asked last: about one that is being closed SQLite would
 * complain to the app's log, and that one has no statements left.
 */
static bool
is_same_call(const struct watch *w)
{
	struct watch_mark now;

	take_mark(w, &now, false);
	return now.db != NULL && now.db == w->mark.db &&
	    now.allocations == w->mark.allocations &&
	    now.statements == w->mark.statements &&
	    now.steps == w->mark.steps && now.runs == w->mark.runs &&
	    w->api->errcode(*w->db) == w->mark.error;
}

static void
refuse(struct watch *w, enum watch_pending what, enum probe_lock lock,
    int offset)
{
	take_mark(w, &w->mark, true);
	if (w->mark.db != NULL)
		w->mark.error = w->api->errcode(*w->db);
	w->pending = what;
	w->lock = lock;
	w->offset = offset;
	w->refused_ns = watch_now_ns();
	count(w, PROBE_PENDING, 1);
}

static void
settle(struct watch *w)
{
	w->pending = WATCH_NOTHING;
	count(w, PROBE_PENDING, (uint64_t)-1);
}

static void
give_up(struct watch *w)
{
	if (w->pending == WATCH_REFUSED)
		count(w, PROBE_TIMEOUTS, 1);
	if (w->pending == WATCH_STALE)
		count(w, PROBE_SNAPSHOTS, 1);
	settle(w);
}

static void
retry(struct watch *w)
{
	count(w, PROBE_RETRIES + w->lock, 1);
	count(w, PROBE_WAIT_NS, (uint64_t)(watch_now_ns() - w->refused_ns));
	settle(w);
}

/* Before it asks its busy handler, SQLite lets go of what it has read, so that
 * the handler never waits inside a transaction. */
static bool
may_retry(const struct watch *w, int offset)
{
	switch (w->pending) {
	case WATCH_REFUSED:
		if (w->lock == PROBE_RESERVED)
			return w->level == SQLITE_LOCK_NONE;
		return w->lock != PROBE_WRITE || w->reading == 0;
	case WATCH_MAYBE:
		return offset == w->offset;
	case WATCH_STALE:
	case WATCH_NOTHING:
	default:
		return false;
	}
}

void
watch_ask_level(struct watch *w, int level)
{
	if (w->index == NULL || level <= SQLITE_LOCK_SHARED)
		watch_ask(w, NO_OFFSET);
	else if (w->pending != WATCH_NOTHING)
		give_up(w);	/* it is closed, or changes its mode */
}

void
watch_ask(struct watch *w, int offset)
{
	if (w->pending == WATCH_NOTHING)
		return;
	if (may_retry(w, offset) && is_same_call(w))
		retry(w);
	else
		give_up(w);
}

static void
begin_write(struct watch *w)
{
	if (w->index == NULL)
		return;
	if (memcmp(w->snapshot, w->index, sizeof w->snapshot) != 0) {
		refuse(w, WATCH_STALE, PROBE_WRITE, SHM_WRITE);
		return;
	}
	w->writing = true;
	w->since_ns = watch_now_ns();
}

/* The lock is still held here. */
static void
end_hold(struct watch *w)
{
	const uint64_t ns = (uint64_t)(watch_now_ns() - w->since_ns);

	share_add_alone(w->slot, PROBE_HOLDS, 1);
	share_add_alone(w->slot, PROBE_HOLD_NS, ns);
	share_max(w->slot, PROBE_HOLD_MAX_NS, ns);
}

/* While the write lock is held nobody else changes the index. */
static void
end_write(struct watch *w)
{
	if (w->index != NULL) {
		share_add_alone(w->slot, PROBE_COMMITS,
		    w->index[INDEX_CHANGE] - w->snapshot[INDEX_CHANGE]);
		memcpy(w->snapshot, w->index, sizeof w->snapshot);
	}
	end_hold(w);
	w->writing = false;
}

static bool
covers(int offset, int n, int byte)
{
	return offset <= byte && byte < offset + n;
}

static void
granted(struct watch *w, int offset, int n, int flags)
{
	if ((flags & SQLITE_SHM_SHARED) && offset >= SHM_READ0) {
		w->reading |= 1U << (offset - SHM_READ0);
		if (w->index != NULL)
			memcpy(w->snapshot, w->index, sizeof w->snapshot);
	} else if ((flags & SQLITE_SHM_EXCLUSIVE) && offset == SHM_WRITE) {
		if (w->reading != 0)
			begin_write(w);
	} else if ((flags & SQLITE_SHM_EXCLUSIVE) &&
	    covers(offset, n, SHM_CKPT)) {
		w->checkpointing = true;
		w->copied = false;
	}
}

/* What else is refused in a wal-index is given up without a word: marks, the
 * checkpoint itself, and the write lock of who found a torn header. */
static void
refused(struct watch *w, int offset, int flags)
{
	const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;

	if (!exclusive && offset == SHM_RECOVER)
		refuse(w, WATCH_REFUSED, PROBE_RECOVERY, offset);
	else if (exclusive && w->checkpointing &&
	    (offset == SHM_WRITE || offset >= SHM_READ0))
		refuse(w, WATCH_MAYBE, PROBE_CHECKPOINT, offset);
	else if (exclusive && offset == SHM_WRITE && w->reading != 0)
		refuse(w, WATCH_REFUSED, PROBE_WRITE, offset);
}

void
watch_shm_answer(struct watch *w, int offset, int n, int flags, int rc)
{
	if (rc == SQLITE_OK)
		granted(w, offset, n, flags);
	else if (rc == SQLITE_BUSY)
		refused(w, offset, flags);
}

/* A later call of the app that gives a lock back settles it as well. */
static void
look_back(struct watch *w)
{
	if (w->pending != WATCH_NOTHING && !is_same_call(w))
		give_up(w);
}

void
watch_shm_unlock(struct watch *w, int offset, int n, int flags)
{
	if ((flags & SQLITE_SHM_SHARED) && offset >= SHM_READ0) {
		look_back(w);
		w->reading &= ~(1U << (offset - SHM_READ0));
		if (w->pending == WATCH_STALE)
			w->pending = WATCH_REFUSED;
	} else if (offset == SHM_WRITE && w->writing) {
		end_write(w);
	} else if (covers(offset, n, SHM_CKPT) && w->checkpointing) {
		if (w->copied)
			count(w, PROBE_CHECKPOINTS, 1);
		if (w->pending == WATCH_MAYBE)
			settle(w);	/* it went on without */
		w->checkpointing = false;
	}
}

/* In WAL mode only the last connection to close asks for more than SHARED, and
 * goes without when it is not the last. */
void
watch_lock_answer(struct watch *w, int level, int rc)
{
	if (rc == SQLITE_OK) {
		w->level = level;
		if (level >= SQLITE_LOCK_RESERVED && !w->journaling &&
		    w->index == NULL) {
			w->journaling = true;
			w->dirty = false;
			w->since_ns = watch_now_ns();
		}
	} else if (rc == SQLITE_BUSY && w->index == NULL) {
		refuse(w, WATCH_REFUSED, level == SQLITE_LOCK_SHARED ?
		    PROBE_SHARED : level == SQLITE_LOCK_RESERVED ?
		    PROBE_RESERVED : PROBE_EXCLUSIVE, NO_OFFSET);
	}
}

void
watch_unlock(struct watch *w, int level)
{
	if (level < w->level)
		look_back(w);	/* else nothing is given back */
	if (w->journaling && level <= SQLITE_LOCK_SHARED) {
		end_hold(w);
		w->journaling = false;
	}
	w->level = level;
}

void
watch_write(struct watch *w)
{
	w->dirty = true;
	w->copied = true;
}

void
watch_committed(struct watch *w)
{
	if (w->journaling && w->dirty)
		share_add_alone(w->slot, PROBE_COMMITS, 1);
	w->dirty = false;
}

void
watch_synced(struct watch *w, int64_t took_ns)
{
	count(w, PROBE_FSYNCS, 1);
	count(w, PROBE_FSYNC_NS, (uint64_t)took_ns);
	share_max(w->slot, PROBE_FSYNC_MAX_NS, (uint64_t)took_ns);
}

void
watch_close(struct watch *w)
{
	if (w->pending != WATCH_NOTHING)
		give_up(w);
	if (w->journaling)
		watch_unlock(w, SQLITE_LOCK_NONE);
}
