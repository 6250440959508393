/*
 * tally - see tally.h; the rules that are kept here are those of wal.h.
 */
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "collectors/frames.h"
#include "collectors/outside.h"
#include "collectors/tally.h"
#include "collectors/wal.h"

#define MAX_RESETS	1000000u	/* a salt further on is another log */

static void
begin_epoch(struct wal *w, const unsigned char salt[8])
{
	struct wal_epoch *new;

	if (w->epochs == NULL)
		w->epochs = mem_new(WAL_EPOCHS, sizeof *w->epochs);
	new = &w->epochs[++w->epoch % WAL_EPOCHS];
	*new = (struct wal_epoch){ .epoch = w->epoch };
	memcpy(new->salt, salt, sizeof new->salt);
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
	uint32_t from = old->max_frame > new_max ? old->max_frame : new_max;
	int fd = file_open(w->wal_path);
	uint32_t last;

	if (fd == -1)
		return 0;
	last = frames_last_of(fd, old->salt, old->page_size, from + 1);
	close(fd);
	return last > from ? last - old->max_frame : 0;
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

bool
tally_take(struct wal *w, const struct shm_header *new, int64_t mono,
    int64_t wall)
{
	if (new->page_size == 0)
		return take_blank(w);
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
		if (w->backlog == NULL)
			NEW(w->backlog);
		trail_push(w->backlog, wal_end(w), w->transactions, mono);
		if (w->unreplicated != NULL)
			trail_push(w->unreplicated, wal_end(w),
			    w->transactions, mono);
	}
	if (w->backlog != NULL)
		trail_forget(w->backlog, TRAIL_POS(w->epoch, new->backfill));
	if (new->backfill == new->max_frame)
		w->complete_ms = wall;
	return true;
}
