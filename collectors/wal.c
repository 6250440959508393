/*
 * wal - see wal.h for the rules that are kept here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "collectors/outside.h"
#include "collectors/tally.h"
#include "collectors/wal.h"

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
	free(w->gone);
	w->gone = NULL;
}

static void
let_all_go(struct wal *w)
{
	close_gone(w);
	if (w->fd != -1)
		close(w->fd);
	w->fd = -1;
}

void
wal_done(struct wal *w)
{
	let_all_go(w);
	free(w->epochs);
	free(w->backlog);
	free(w->unreplicated);
	w->epochs = NULL;
	w->backlog = w->unreplicated = NULL;
}

void
wal_move(struct wal *w, const char *shm_path, const char *wal_path)
{
	let_all_go(w);
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

void
wal_follow_replicas(struct wal *w, int64_t mono)
{
	if (w->unreplicated != NULL)
		return;
	NEW(w->unreplicated);
	if (w->epoch > 0 && w->h.max_frame > 0)
		trail_push(w->unreplicated, wal_end(w), w->transactions, mono);
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
		since = trail_since(w->backlog,
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
	const struct wal_epoch *known = w->epochs;

	if (known == NULL || known[epoch % WAL_EPOCHS].epoch != epoch)
		return 0;
	return known[epoch % WAL_EPOCHS].frames;
}

int64_t
wal_epoch_of(const struct wal *w, const unsigned char salt[8])
{
	for (uint32_t i = 0; w->epochs != NULL && i < WAL_EPOCHS; i++)
		if (w->epochs[i].epoch != 0 &&
		    memcmp(w->epochs[i].salt, salt, 8) == 0)
			return w->epochs[i].epoch;
	return -1;
}

static bool
read_header(struct wal *w, int64_t mono, int64_t wall)
{
	unsigned char b[SHM_HEADER_SIZE];
	struct shm_header h;

	if (pread(w->fd, b, sizeof b, 0) != (ssize_t)sizeof b ||
	    !shm_header_parse(&h, b, sizeof b))
		return false;	/* being made, or torn: what we have stands */
	return tally_take(w, &h, mono, wall);
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
	if (w->gone == NULL)
		w->gone = mem_new(WAL_GONE_MAX, sizeof *w->gone);
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
