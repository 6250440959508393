/*
 * wal - see wal.h for the rules that are kept here.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/database.h"
#include "collectors/frames.h"
#include "collectors/wal.h"

#define MAX_RESETS	1000000u	/* a salt further on is another log */

void
wal_init(struct wal *w, const char *shm_path, const char *wal_path)
{
	*w = (struct wal){
		.shm_path = shm_path, .wal_path = wal_path,
		.fd = -1, .notify_wd = -1,
	};
}

static void
close_gone(struct wal *w)
{
	while (w->ngone > 0)
		close(w->gone[--w->ngone]);
}

void
wal_done(struct wal *w)
{
	close_gone(w);
	if (w->fd != -1)
		close(w->fd);
	w->fd = -1;
}

void
wal_move(struct wal *w, const char *shm_path, const char *wal_path)
{
	wal_done(w);
	w->notify_wd = -1;
	w->based = w->blank = w->recovering = false;
	w->held = w->looked = false;
	w->made = w->met = 0;
	w->aside = 0;
	w->shm_path = shm_path;
	w->wal_path = wal_path;
}

void
wal_made(struct wal *w)
{
	w->made++;
}

void
wal_modified(struct wal *w)
{
	struct stat st;

	/*
	 * A longer file is a longer log.  One that was written to and is not
	 * longer was cut first (unixLockSharedMemory(): to 3 bytes).
	 */
	if (w->fd != -1 && fstat(w->fd, &st) == 0 && st.st_size <= w->size)
		w->recovering = true;
}

bool
wal_is_live(const struct wal *w)
{
	return w->fd != -1 && w->based;
}

uint32_t
wal_backlog_frames(const struct wal *w)
{
	return wal_is_live(w) ? w->h.max_frame - w->h.backfill : 0;
}

int64_t
wal_backlog_ms(const struct wal *w, int64_t now)
{
	int64_t since = 0;

	if (wal_backlog_frames(w) > 0)
		since = trail_since(&w->backlog,
		    TRAIL_POS(w->epoch, w->h.backfill));
	return since == 0 ? 0 : now - since;
}

trail_pos
wal_end(const struct wal *w)
{
	return TRAIL_POS(w->epoch, w->h.max_frame);
}

uint32_t
wal_frames_of(const struct wal *w, uint32_t epoch)
{
	uint32_t slot = epoch % WAL_EPOCHS;

	return w->epochs[slot].epoch == epoch ? w->epochs[slot].frames : 0;
}

int64_t
wal_epoch_of(const struct wal *w, const unsigned char salt[8])
{
	for (uint32_t i = 0; i < WAL_EPOCHS; i++)
		if (w->epochs[i].epoch != 0 &&
		    memcmp(w->epochs[i].salt, salt, 8) == 0)
			return w->epochs[i].epoch;
	return -1;
}

static void
begin_epoch(struct wal *w, const unsigned char salt[8])
{
	uint32_t slot = ++w->epoch % WAL_EPOCHS;

	memcpy(w->epochs[slot].salt, salt, 8);
	w->epochs[slot].epoch = w->epoch;
	w->epochs[slot].frames = 0;
}

static uint64_t
frame_bytes(const struct shm_header *h, uint32_t frames)
{
	return (uint64_t)frames * (WAL_FRAME_SIZE + h->page_size);
}

/* Commits in (after, upto] of h's log, from the log itself. */
static uint64_t
commits_in_log(const struct wal *w, const struct shm_header *h, uint32_t after)
{
	int fd = file_open(w->wal_path);
	uint64_t n = 0;

	if (fd == -1)
		return 0;
	n = frames_count_commits(fd, h->salt, h->page_size, after,
	    h->max_frame);
	close(fd);
	return n;
}

/* What was appended to the old log after we last saw it, before the new one. */
static uint32_t
frames_of_old_log(const struct wal *w, const struct shm_header *old,
    uint32_t new_max)
{
	uint32_t from = (old->max_frame > new_max ? old->max_frame : new_max) + 1;
	int fd = file_open(w->wal_path);
	uint32_t last;

	if (fd == -1)
		return 0;
	last = frames_last_of(fd, old->salt, old->page_size, from);
	close(fd);
	return last >= from ? last - old->max_frame : 0;
}

/* How many logs later this one is; 0 for one that does not follow. */
static uint32_t
logs_between(const struct shm_header *old, const struct shm_header *new)
{
	uint32_t n = be32(new->salt) - be32(old->salt);

	return n <= MAX_RESETS ? n : 0;
}

/* The same log has grown, or was checkpointed, or was recovered. */
static void
count_same_log(struct wal *w, const struct shm_header *new)
{
	const struct shm_header *old = &w->h;
	uint64_t commits = new->change;

	if (new->change >= old->change)
		commits = new->change - old->change;
	if (w->recovering || new->change < old->change) {
		uint64_t seen = commits_in_log(w, new, old->max_frame);

		if (seen > commits)
			commits = seen;
	}
	w->transactions += commits;
	if (new->max_frame > old->max_frame)
		w->written_bytes += frame_bytes(new,
		    new->max_frame - old->max_frame);
	if (new->backfill > old->backfill)
		w->checkpoints++;
}

/* The log began again: everything in the old one had been copied back. */
static void
count_new_log(struct wal *w, const struct shm_header *new)
{
	const struct shm_header *old = &w->h;
	static const unsigned char nobody[8];
	uint32_t logs = logs_between(old, new);
	uint64_t commits = new->change;

	if (new->change >= old->change)
		commits = new->change - old->change;
	if (w->recovering || new->change < old->change) {
		uint64_t seen = commits_in_log(w, new, 0);

		if (seen > commits)
			commits = seen;
		w->gaps++;	/* the end of the old log is not known */
	}
	w->transactions += commits;
	w->resets += logs ? logs : 1;
	if (logs == 1) {
		uint32_t more = frames_of_old_log(w, old, new->max_frame);

		w->written_bytes += frame_bytes(old, more);
		w->epochs[w->epoch % WAL_EPOCHS].frames += more;
	}
	w->written_bytes += frame_bytes(new, new->max_frame);
	if (old->backfill < old->max_frame)
		w->checkpoints++;
	if (new->backfill > 0)
		w->checkpoints++;
	/* Logs that came and went unseen have numbers too. */
	for (uint32_t i = 1; i < logs && i <= WAL_EPOCHS; i++)
		begin_epoch(w, nobody);
	begin_epoch(w, new->salt);
}

/* The first log of a file that we saw without one: all of it counts. */
static void
count_after_blank(struct wal *w, const struct shm_header *new)
{
	uint64_t commits = new->change;

	if (w->recovering) {
		uint64_t seen = commits_in_log(w, new, 0);

		if (seen < commits)
			w->gaps++;	/* it was not the first */
		else
			commits = seen;
	}
	w->transactions += commits;
	w->written_bytes += frame_bytes(new, new->max_frame);
}

/* The first valid header of a file that we have opened. */
static void
count_first(struct wal *w, const struct shm_header *new)
{
	bool same = w->epoch != 0 && memcmp(w->epochs[w->epoch %
	    WAL_EPOCHS].salt, new->salt, 8) == 0;

	if (!same)
		begin_epoch(w, new->salt);
	if (w->blank) {
		count_after_blank(w, new);
		return;
	}
	if (!w->fresh)
		return;
	/* A copy, or of a crash: whether it was counted is not known. */
	if (w->leftover) {
		w->gaps++;
		return;
	}
	w->transactions += new->change;
	/* A log that outlived its -shm was written before. */
	if (new->change > 0)
		w->written_bytes += frame_bytes(new, new->max_frame);
}

static bool
same_header(const struct shm_header *a, const struct shm_header *b)
{
	return a->change == b->change && a->max_frame == b->max_frame &&
	    a->backfill == b->backfill && a->pages == b->pages &&
	    memcmp(a->salt, b->salt, sizeof a->salt) == 0 &&
	    memcmp(a->marks, b->marks, sizeof a->marks) == 0;
}

/* Lay a valid header over the last one. */
static bool
take_header(struct wal *w, const struct shm_header *new, int64_t mono,
    int64_t wall)
{
	if (w->based && !w->recovering && same_header(&w->h, new)) {
		if (new->backfill == new->max_frame)
			w->complete_ms = wall;
		return false;
	}
	if (!w->based)
		count_first(w, new);
	else if (memcmp(w->h.salt, new->salt, sizeof new->salt) == 0)
		count_same_log(w, new);
	else
		count_new_log(w, new);
	w->h = *new;
	w->epochs[w->epoch % WAL_EPOCHS].frames = new->max_frame;
	w->based = true;
	w->blank = w->recovering = false;
	if (new->max_frame > 0) {
		trail_push(&w->backlog, wal_end(w), mono);
		trail_push(&w->unreplicated, wal_end(w), mono);
	}
	trail_forget(&w->backlog, TRAIL_POS(w->epoch, new->backfill));
	if (new->backfill == new->max_frame)
		w->complete_ms = wall;
	return true;
}

/* A valid header, and no log: a new one, or what was left after a crash. */
static bool
take_blank(struct wal *w)
{
	bool news = !w->blank;

	if (w->based)
		w->gaps++;	/* the log that could tell is gone */
	w->based = w->recovering = false;
	w->blank = true;
	return news;
}

static bool
read_header(struct wal *w, int64_t mono, int64_t wall)
{
	unsigned char b[SHM_HEADER_SIZE];
	struct shm_header h;

	if (pread(w->fd, b, sizeof b, 0) != (ssize_t)sizeof b ||
	    !shm_header_parse(&h, b, sizeof b))
		return false;	/* being made, or torn: what we have stands */
	if (h.page_size == 0)
		return take_blank(w);
	return take_header(w, &h, mono, wall);
}

/* The last connection has closed, and the file is gone. */
static void
let_go(struct wal *w)
{
	struct stat st;

	w->aside = 0;
	if (fstat(w->fd, &st) == 0 && st.st_nlink > 0) {
		w->aside = st.st_ino;
		w->aside_dev = st.st_dev;
	}
	if (w->ngone == WAL_GONE_MAX)
		close_gone(w);
	w->gone[w->ngone++] = w->fd;
	w->fd = -1;
	w->notify_wd = -1;	/* the kernel drops it with the file */
	w->left = w->based;
	w->based = w->blank = false;
	w->recovering = false;
	w->held = false;
}

/* All was copied back and the log deleted, unless it is still there. */
static void
look_after_leaving(struct wal *w, int64_t wall)
{
	struct stat st;

	close_gone(w);
	if (w->left && stat(w->wal_path, &st) == -1) {
		if (w->h.backfill < w->h.max_frame)
			w->checkpoints++;
		w->complete_ms = wall;
	}
	w->left = false;
}

/* Is the file that we hold still the one of that name? */
static bool
is_ours(const struct wal *w, enum wal_reason why, const struct stat *held)
{
	struct stat st;

	if (held->st_nlink == 0)
		return false;
	if (why != WAL_SAMPLE)
		return true;
	if (stat(w->shm_path, &st) == -1)
		return errno != ENOENT;
	return st.st_ino == held->st_ino && st.st_dev == held->st_dev;
}

static bool
attach(struct wal *w, enum wal_reason why)
{
	struct stat st;

	w->fd = why == WAL_MADE ? file_open_now(w->shm_path) :
	    file_open(w->shm_path);
	if (w->fd == -1) {
		/* What we may not open can be older than our watch. */
		w->looked |= errno == ENOENT;
		return false;
	}
	w->fresh = w->looked || w->made > w->met;
	w->looked = true;
	w->leftover = true;
	/* Moved away and back: h is of this file. */
	w->based = w->aside != 0 && fstat(w->fd, &st) == 0 &&
	    st.st_ino == w->aside && st.st_dev == w->aside_dev;
	w->size = 0;
	if (w->fresh)
		w->met++;
	return true;
}

/* What came and went unseen may have had commits. */
static void
count_unseen(struct wal *w)
{
	if (w->made > w->met) {
		w->gaps += w->made - w->met;
		w->met = w->made;
	}
}

bool
wal_look(struct wal *w, enum wal_reason why, int64_t mono, int64_t wall)
{
	bool changed = false;
	struct stat st;

	/* Twice at most: the file we had, and the one that came after it. */
	for (int turn = 0; turn < 2; turn++) {
		if (w->fd == -1) {
			if (why == WAL_EVENT || !attach(w, why))
				break;
			changed = true;
		}
		/* In this order: the last one unlinks it, then lets go. */
		if (why == WAL_SAMPLE || !w->based)
			w->held = lock_held(w->fd, SHM_DMS, 1, NULL);
		if (fstat(w->fd, &st) == -1)
			break;
		if (w->held || st.st_nlink == 0)
			w->leftover = false;
		if (st.st_size < w->size)
			w->recovering = true;
		w->size = st.st_size;
		changed |= read_header(w, mono, wall);
		if (is_ours(w, why, &st))
			break;
		/* It may have been written to until its name went. */
		if (st.st_nlink > 0)
			(void)read_header(w, mono, wall);
		let_go(w);
		changed = true;
	}
	if (why != WAL_EVENT)
		count_unseen(w);
	if (why == WAL_SAMPLE)
		look_after_leaving(w, wall);
	return changed;
}
