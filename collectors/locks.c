/*
 * locks - who writes, who reads, and for how long.
 *
 * SQLite's locks are byte ranges that the kernel knows: F_GETLK tells for 0.6
 * microseconds whether one is held and by which process, and changes nothing.
 * The writer's byte is looked at 20 times a second, with jitter, while the
 * database is active; the share of looks that find it taken is the share of
 * time, with a standard error of sqrt(p (1 - p) / looks).
 *
 * A read lock is a reader only when its holder does not write: a writer holds
 * one too.  A read mark without its lock is nothing.  A reader is *the oldest*
 * when its snapshot is out of date, or when it was there at every one of
 * CERTAIN_LOOKS looks: short reads that follow each other look alike.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/batch.h"
#include "base/mem.h"
#include "collectors/collector.h"
#include "collectors/database.h"
#include "collectors/locktable.h"
#include "collectors/outside.h"
#include "collectors/process.h"

#define CERTAIN_LOOKS	20
#define MAX_WRITERS	8	/* processes whose share is kept */
#define MAX_PROCESSES	256	/* counted per database */
#define SHARE_DECAY	0.9	/* per sample: the last ten count */

enum { HELD, READERS, OLDEST, PROCESSES };

static const struct metric metrics[] = {
	[HELD] = { "sqlite_write_lock_held_seconds_total", METRIC_COUNTER,
	    NULL, "Time the writer lock was held, sampled; the standard error "
	    "over n looks of which a share p found it held is "
	    "sqrt(p(1-p)/n)." },
	[READERS] = { "sqlite_readers", METRIC_GAUGE, NULL,
	    "Read locks held now by processes that do not write; those that "
	    "share one of SQLite's five read slots count once." },
	[OLDEST] = { "sqlite_oldest_reader_timestamp_seconds", METRIC_GAUGE,
	    NULL, "Since when the oldest read mark is held; 0 when none." },
	[PROCESSES] = { "sqlite_processes", METRIC_GAUGE, NULL,
	    "Processes that have the database open and have used it; at most "
	    "10 seconds old." },
};

struct slot {
	bool		 locked;
	uint32_t	 mark;
	int64_t		 pid;
	int64_t		 since_ms;	/* mono */
	unsigned	 looks;		/* in a row */
};

struct locks_state {
	double		 held_s;
	bool		 peeked;	/* there were looks since the sample */
	/* the writer at the last look */
	bool		 writing;
	int64_t		 writer;	/* pid */
	int64_t		 since_ms;	/* wall; of this hold */
	uint32_t	 change;	/* commits then; more: a new hold */
	/* whose the looks that found it taken were, decaying */
	struct {
		int64_t	 pid;
		double	 weight;
	} writers[MAX_WRITERS];
	struct slot	 slots[SHM_READ_SLOTS];
	struct slot	 shared;	/* rollback mode's one kind of reader */
	/* the last name that was looked up for each kind of hold */
	struct culprit	 named[HOLD_COUNT];
};

/* Of a database that nobody has ever had open there is nothing to remember. */
struct locks_place {
	struct locks_state *state;	/* owned; NULL: none yet */
};

static void
add_share(struct locks_state *s, int64_t pid)
{
	unsigned least = 0;

	for (unsigned i = 0; i < MAX_WRITERS; i++) {
		if (s->writers[i].weight > 0 && s->writers[i].pid == pid) {
			s->writers[i].weight += 1;
			return;
		}
		if (s->writers[i].weight < s->writers[least].weight)
			least = i;
	}
	s->writers[least].pid = pid;
	s->writers[least].weight = 1;
}

static bool
has_written(const struct locks_state *s, int64_t pid)
{
	for (unsigned i = 0; i < MAX_WRITERS; i++)
		if (s->writers[i].weight > 0.1 && s->writers[i].pid == pid)
			return true;
	return false;
}

/* Chance that a writer who comes finds somebody else's lock: 1 - sum(p^2). */
static double
share_of_others(const struct locks_state *s)
{
	double sum = 0, squares = 0;

	for (unsigned i = 0; i < MAX_WRITERS; i++) {
		sum += s->writers[i].weight;
		squares += s->writers[i].weight * s->writers[i].weight;
	}
	return sum > 0 ? 1 - squares / (sum * sum) : 0;
}

static bool
find_writer(const struct database *db, int64_t *pid)
{
	if (database_is_wal(db))
		return db->wal.fd != -1 &&
		    lock_held(db->wal.fd, SHM_WRITE, 1, pid);
	return lock_written(db->fd, PENDING_BYTE, 2 + SHARED_SIZE, pid);
}

/* One look at the writer's byte, dt_us after the one before. */
static void
look_at_writer(struct locks_state *s, struct database *db, int64_t dt_us,
    int64_t wall)
{
	uint32_t change = database_is_wal(db) ? db->wal.h.change :
	    db->header.change_counter;
	int64_t pid = 0;
	bool held = find_writer(db, &pid);

	db->occupancy.looks++;
	if (held) {
		db->occupancy.held++;
		s->held_s += (double)dt_us / 1e6;
		add_share(s, pid);
		if (!s->writing || s->writer != pid || s->change != change)
			s->since_ms = wall;
	}
	looks_add(&db->looks, db->mono_ms, dt_us, held, held ?
	    wall - s->since_ms : 0);
	s->writing = held;
	s->writer = pid;
	s->change = change;
}

static void
look_at_slot(struct locks_state *s, struct slot *slot, bool locked,
    uint32_t mark, int64_t pid, bool outdated, int64_t now)
{
	if (!locked) {
		*slot = (struct slot){ 0 };
		return;
	}
	if (s->writing && pid == s->writer && !outdated)
		return;		/* its write transaction, not a reader */
	if (!slot->locked || slot->mark != mark ||
	    (slot->pid != pid && !outdated))
		*slot = (struct slot){ true, mark, pid, now, 0 };
	slot->pid = pid;
	slot->looks++;
}

/* Does a lock on this slot keep frames from being copied back? */
static bool
is_outdated(const struct shm_header *h, unsigned slot)
{
	return slot == 0 ? h->backfill < h->max_frame :
	    h->marks[slot] < h->max_frame;
}

static void
look_at_readers(struct locks_state *s, struct database *db, int64_t now)
{
	const struct wal *w = &db->wal;
	int64_t pid = 0;

	if (!database_is_wal(db)) {
		bool locked = !s->writing && lock_held(db->fd, SHARED_FIRST,
		    SHARED_SIZE, &pid);

		look_at_slot(s, &s->shared, locked, 0, pid, false, now);
		return;
	}
	for (unsigned i = 0; i < SHM_READ_SLOTS; i++) {
		bool locked = wal_is_live(w) &&
		    lock_held(w->fd, SHM_READ0 + i, 1, &pid);

		look_at_slot(s, &s->slots[i], locked, w->h.marks[i], pid,
		    is_outdated(&w->h, i), now);
	}
}

static void
look(struct locks_state *s, struct database *db, int64_t dt_us)
{
	s->peeked = true;
	look_at_writer(s, db, dt_us, db->wall_ms);
	look_at_readers(s, db, db->mono_ms);
}

/* Without a -shm file there is no lock in WAL mode. */
static struct locks_state *
state_of(struct locks_place *p, const struct database *db)
{
	if (p->state == NULL && (!database_is_wal(db) || db->wal.fd != -1))
		NEW(p->state);
	return p->state;
}

static bool
locks_peek(struct database *db, void *state, int64_t dt_us)
{
	struct locks_state *s = state_of(state, db);

	if (s != NULL)
		look(s, db, dt_us);
	return s != NULL && s->writing;
}

/* A process that just committed is in the tail of its write transaction when
 * its read lock is seen once; a reader is seen again. */
static bool
is_reader(const struct locks_state *s, const struct slot *slot)
{
	return slot->locked && slot->looks > 0 &&
	    (slot->looks > 1 || !has_written(s, slot->pid));
}

static void
name_culprit(struct locks_state *s, enum hold what, int64_t pid,
    int64_t since_ms)
{
	struct culprit *known = &s->named[what];

	if (since_ms == 0) {
		*known = (struct culprit){ 0 };
		return;
	}
	/* The same holder as at the last sample: its name stands. */
	if (known->since_ms == 0 || known->pid != pid)
		process_command(pid, known->command, sizeof known->command);
	known->pid = pid;
	known->since_ms = since_ms;
}

/* Since when, as mono_ms, the slot's snapshot is held at least; 0: unknown. */
static int64_t
held_since(const struct database *db, const struct slot *slot, unsigned i)
{
	int64_t since = slot->since_ms, passed;

	if (!database_is_wal(db) || !is_outdated(&db->wal.h, i))
		return slot->looks >= CERTAIN_LOOKS ? since : 0;
	/* Nobody takes a mark that the log has already passed. */
	passed = trail_since(db->wal.backlog,
	    TRAIL_POS(db->wal.epoch, db->wal.h.marks[i]));
	return i > 0 && passed != 0 && passed < since ? passed : since;
}

/* Litestream holds a read lock by design; it is no fault of it. */
static bool
is_by_design(struct locks_state *s, int64_t pid)
{
	struct culprit *known = &s->named[HOLD_READER];
	char command[sizeof known->command];

	if (known->since_ms != 0 && known->pid == pid)
		return false;
	process_command(pid, command, sizeof command);
	return process_is_litestream(command);
}

static double
find_oldest_reader(struct locks_state *s, struct database *db)
{
	const struct slot *slots = database_is_wal(db) ? s->slots : &s->shared;
	unsigned n = database_is_wal(db) ? SHM_READ_SLOTS : 1;
	int64_t oldest = 0, pid = 0;

	for (unsigned i = 0; i < n; i++) {
		int64_t since;

		if (!is_reader(s, &slots[i]))
			continue;
		since = held_since(db, &slots[i], i);
		if (since != 0 && (oldest == 0 || since < oldest) &&
		    !is_by_design(s, slots[i].pid)) {
			oldest = since;
			pid = slots[i].pid;
		}
	}
	if (oldest != 0)
		oldest += db->wall_ms - db->mono_ms;
	name_culprit(s, HOLD_READER, pid, oldest);
	return (double)oldest / 1000;
}

static unsigned
count_readers(const struct locks_state *s, const struct database *db)
{
	unsigned n = 0;

	if (!database_is_wal(db))
		return is_reader(s, &s->shared);
	for (unsigned i = 0; i < SHM_READ_SLOTS; i++)
		n += is_reader(s, &s->slots[i]);
	return n;
}

static void
find_checkpointer(struct locks_state *s, struct database *db)
{
	int64_t pid = 0, since = 0;

	if (database_is_wal(db) && db->wal.fd != -1 &&
	    lock_held(db->wal.fd, SHM_CKPT, 1, &pid))
		since = s->named[HOLD_CHECKPOINT].since_ms != 0 &&
		    s->named[HOLD_CHECKPOINT].pid == pid ?
		    s->named[HOLD_CHECKPOINT].since_ms : db->wall_ms;
	name_culprit(s, HOLD_CHECKPOINT, pid, since);
}

/* Only WAL mode, where who has it open has its index too. */
static void
count_processes(const struct database *db, struct batch *out)
{
	int64_t pids[MAX_PROCESSES];
	struct stat st;
	size_t n = 0;

	if (!database_is_wal(db) || (db->locks == NULL && db->wal.fd != -1))
		return;
	if (db->wal.fd != -1 && fstat(db->wal.fd, &st) == 0)
		n = locktable_holders(db->locks, st.st_dev, st.st_ino,
		    SHM_WRITE, SHM_DMS, pids, MAX_PROCESSES);
	batch_add(out, &metrics[PROCESSES], (double)n);
}

static void
sample(struct locks_state *s, struct database *db, struct batch *out)
{
	if (!s->peeked)		/* this look stands for the whole interval */
		look(s, db, s->writing ? db->interval_ms * 1000 : 0);
	s->peeked = false;
	find_checkpointer(s, db);
	db->writer_ms = s->writing ? s->since_ms : 0;
	name_culprit(s, HOLD_WRITER, s->writer, db->writer_ms);
	batch_add(out, &metrics[HELD], s->held_s);
	batch_add(out, &metrics[OLDEST], find_oldest_reader(s, db));
	batch_add(out, &metrics[READERS], count_readers(s, db));
	memcpy(out->culprits, s->named, sizeof out->culprits);
	db->occupancy.others = share_of_others(s);
	for (unsigned i = 0; i < MAX_WRITERS; i++)
		s->writers[i].weight *= SHARE_DECAY;
}

static int
locks_sample(struct database *db, void *state, struct batch *out,
    struct err *e)
{
	struct locks_state *s = state_of(state, db);

	(void)e;
	for (int i = HELD; s == NULL && i <= OLDEST; i++)
		batch_add(out, &metrics[i], 0);
	if (s != NULL)
		sample(s, db, out);
	count_processes(db, out);
	return 0;
}

static void
locks_done(struct database *db, void *state)
{
	struct locks_place *p = state;

	(void)db;
	free(p->state);
}

const struct collector collector_locks = {
	.name		= "locks",
	.help		= "Readers, the writer and how long they hold, from "
			  "the lock bytes.",
	COLLECTOR_METRICS(metrics),
	.state_size	= sizeof(struct locks_place),
	.sample		= locks_sample,
	.peek		= locks_peek,
	.done		= locks_done,
};
