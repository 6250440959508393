/*
 * copy - see copy.h.
 */
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/copy.h"
#include "collectors/database.h"
#include "collectors/frames.h"
#include "collectors/outside.h"

/* Written so much later than the copy: there may be commits it lacks. */
#define SLACK_MS	5000

static uint32_t
frames_in(int64_t bytes, uint32_t page_size)
{
	return bytes <= WAL_HEADER_SIZE ? 0 : (uint32_t)((bytes -
	    WAL_HEADER_SIZE) / (WAL_FRAME_SIZE + (int64_t)page_size));
}

bool
copy_place_before(const struct database *db, const unsigned char salt[8],
    uint32_t page_size, uint64_t logs, int64_t offset, trail_pos *ret)
{
	int64_t epoch = wal_epoch_of(&db->wal, salt);

	if (epoch == -1 || logs >= (uint64_t)epoch)
		return false;
	*ret = TRAIL_POS(epoch - (int64_t)logs, frames_in(offset, page_size));
	return true;
}

bool
copy_place(const struct database *db, const unsigned char salt[8],
    uint32_t page_size, int64_t offset, trail_pos *ret)
{
	return copy_place_before(db, salt, page_size, 0, offset, ret);
}

/* Commits in frames (after, upto] of the log that is live. */
static uint32_t
commits_between(const struct wal *w, uint32_t after, uint32_t upto)
{
	int fd = file_open(w->wal_path);
	uint64_t n = 0;

	if (fd == -1)
		return 0;
	n = frames_count_commits(fd, w->h.salt, w->h.page_size, after, upto);
	close(fd);
	return (uint32_t)n;
}

/*
 * Our notes are some commits apart; between two of them the log itself is
 * asked.  When it is not there any more the note before stands: rather too many
 * are missing than too few.
 */
static uint32_t
count_upto(const struct wal *w, trail_pos pos)
{
	const struct trail *t = w->unreplicated;
	int i = trail_step(t, pos);

	if (i == 0 && pos == 0)		/* all of that log, at least */
		pos = TRAIL_POS(t->steps[0].end >> 32, 0);
	if (i == -1)
		return (uint32_t)w->transactions;
	if (t->steps[i].end == pos)
		return t->commits[i];
	if (t->steps[i].end >> 32 == w->epoch && pos >> 32 == w->epoch)
		return t->commits[i] - commits_between(w, (uint32_t)pos,
		    (uint32_t)t->steps[i].end);
	return i > 0 ? t->commits[i - 1] : t->commits[0] - 1;
}

static double
bytes_beyond(const struct wal *w, trail_pos pos)
{
	double frame = WAL_FRAME_SIZE + (double)w->h.page_size;
	double frames = 0;

	for (uint32_t epoch = (uint32_t)(pos >> 32); epoch < w->epoch; epoch++)
		frames += wal_frames_of(w, epoch);
	frames += w->h.max_frame;
	frames -= (double)(uint32_t)pos;
	return frames > 0 ? frames * frame : 0;
}

static int64_t
mtime_ms(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000 +
	    st->st_mtim.tv_nsec / 1000000;
}

/* When the database or its log was last written to, as far as files tell. */
static int64_t
written_ms(const struct database *db)
{
	struct stat st;
	int64_t at = fstat(db->fd, &st) == 0 ? mtime_ms(&st) : 0, log;

	if (stat(db->wal_path, &st) == -1 || st.st_size == 0)
		return at;
	log = mtime_ms(&st);
	return log > at ? log : at;
}

/*
 * The copy is of a log that we never saw.  Either nothing was written since its
 * newest file, or what is missing is as old as that file at most.
 */
static int64_t
age_by_files(const struct copy *c, const struct database *db)
{
	if (c->end.modified_ms == 0 ||
	    written_ms(db) <= c->end.modified_ms + SLACK_MS)
		return 0;
	return db->wall_ms - c->end.modified_ms;
}

/*
 * ms since the oldest missing commit; 0: nothing is missing, as far as is
 * known.  sure: that is known.
 */
static int64_t
age(const struct copy *c, const struct database *db, int64_t began,
    int64_t sync_ms, bool *sure)
{
	int64_t since = trail_since(db->wal.unreplicated, c->pos);
	int64_t ours = since == 0 ? 0 : db->mono_ms - since, bound;

	*sure = c->placed;
	/* Our own notes tell, but for what was there before them. */
	if (c->placed && (since == 0 || since > began))
		return ours;
	/* It was complete once, and now it is of another log. */
	if (!c->placed && c->synced_ms != 0)
		return db->wall_ms - c->synced_ms;
	if (db->mono_ms - began < COPY_GRACE_MS + sync_ms)
		return ours;
	bound = c->known ? age_by_files(c, db) : 0;
	*sure = c->known;
	return bound > ours ? bound : ours;
}

void
copy_missing(struct copy *c, const struct database *db, int64_t began,
    int64_t sync_ms, struct missing *ret)
{
	const struct wal *w = &db->wal;
	bool sure;
	int64_t ms = age(c, db, began, sync_ms, &sure);

	*ret = (struct missing){ 0 };
	if (ms <= 0 && trail_since(w->unreplicated, c->pos) == 0) {
		if (sure)
			c->synced_ms = db->wall_ms;
		return;
	}
	if (!c->counted || c->counted_pos != c->pos) {
		c->commits = count_upto(w, c->pos);
		c->counted_pos = c->pos;
		c->counted = true;
	}
	ret->seconds = (double)ms / 1000;
	ret->bytes = bytes_beyond(w, c->pos);
	ret->commits = (double)(uint32_t)((uint32_t)w->transactions -
	    c->commits);
	if (sure)
		c->synced_ms = db->wall_ms - ms;
}
