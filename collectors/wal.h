/*
 * wal - following one database's log from outside, without losing count.
 *
 * The wal-index header has a counter that grows by one with every write
 * transaction (iChange).  It is exact, and it forgets: recovery after a crash
 * sets it to zero, and the whole file goes away when the last connection
 * closes.  What makes the sum of it exact all the same:
 *
 *   1. The descriptor of -shm is kept open.  The last value stays readable
 *	after the file was unlinked, and its inode cannot be used again.
 *   2. A counter that went back starts a new count; never a difference of
 *	unsigned numbers.
 *   3. The kernel says when -shm is made or goes (inotify on the directory), so
 *	a run of an app that is shorter than our interval is seen as well.
 *   4. The kernel says when -shm is truncated (inotify on the file: stores to a
 *	mapping do not fire it), which only recovery does.  Commits that
 *	recovery hid from the counter are counted in the log itself.  It also
 *	says when a process that used -shm is gone, killed or not: then the
 *	counter is read before the next one can recover it.
 *   5. A count that begins with a file we did not see made begins at what the
 *	file says, so nothing from before is counted.  So does one with a file
 *	that nobody has open: it was left by a crash, or laid there as a copy.
 *
 * Where commits could have been missed all the same, `gaps` grows and the count
 * is a lower bound; it is never too high.
 *
 * One loss stays unknown: a recovery whose event comes between our reading of
 * the events and of the header, when the new counter has passed the old one by
 * then.  It takes a crash and a fast writer in the same few milliseconds.
 */
#ifndef COLLECTORS_WAL_H
#define COLLECTORS_WAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "collectors/format.h"
#include "collectors/trail.h"

#define WAL_GONE_MAX	32	/* removed -shm files not closed yet */
#define WAL_EPOCHS	16	/* logs whose salts are remembered */

/* A log whose salt is remembered. */
struct wal_epoch {
	unsigned char	salt[8];
	uint32_t	epoch;
	uint32_t	frames;		/* how long it was when last seen */
};

struct wal {
	/* set once */
	const char	*shm_path, *wal_path;	/* not owned */

	/* the wal-index that is open */
	int		 fd;		/* of -shm; -1: there is none */
	off_t		 size;		/* of -shm when last looked at */
	bool		 based;		/* h is of this file */
	bool		 fresh;		/* made while we watched */
	bool		 blank;		/* had no log yet: counts from 0 */
	bool		 recovering;	/* was truncated; not yet valid again */
	bool		 held;		/* somebody has it open (byte 128) */
	bool		 leftover;	/* nobody had, whenever we looked */
	struct shm_header h;		/* the last valid header */
	int		 notify_wd;	/* the sampler's watch on it; -1 */
	int		*gone;		/* owned; to be closed by a sample; */
	unsigned	 ngone;		/*   NULL: none */
	bool		 left;		/* -wal is to be looked for */
	ino_t		 aside;		/* the one before, when it was moved */
	dev_t		 aside_dev;	/* away and not removed; 0: was not */

	/* totals since the agent began to watch */
	bool		 looked;	/* the first look is over */
	uint64_t	 transactions, written_bytes, resets, checkpoints;
	uint64_t	 gaps;		/* times when commits may be missing */
	uint64_t	 made, met;	/* -shm files: made, and opened by us */
	int64_t		 complete_ms;	/* wall; backlog last seen at 0 */

	/* the logs one after the other */
	uint32_t	 epoch;		/* of the log in h */
	struct wal_epoch *epochs;	/* owned; WAL_EPOCHS, the newest at
					   epoch % WAL_EPOCHS; NULL: none */
	struct trail	*backlog;	/* owned; not yet copied back; NULL:
					   nothing ever was to be */
	struct trail	*unreplicated;	/* owned; NULL: nobody asks */
};

void	wal_init(struct wal *, const char *shm_path, const char *wal_path);
void	wal_done(struct wal *);
/* Another file now: the old one is let go of, its totals stay. */
void	wal_move(struct wal *, const char *shm_path, const char *wal_path);

/*
 * Look now: count what is new, follow a file that was replaced, let go of one
 * that was deleted.  Returns true when anything at all has changed.
 *
 * Looking up a name waits while SQLite makes or removes a file beside it, for
 * as long as the file system's journal takes, and so does the last close of a
 * removed file.  Runs of an app would come and go meanwhile, so a name is
 * looked up only when it is known to be there, or in a sample.
 */
enum wal_reason {
	WAL_SAMPLE,	/* time has come: look up everything */
	WAL_MADE,	/* -shm was made: open it */
	WAL_EVENT,	/* look at what is open, no more */
};

bool	wal_look(struct wal *, enum wal_reason, int64_t mono_ms,
	    int64_t wall_ms);
/* The directory said that -shm was made. */
void	wal_made(struct wal *);
/* The kernel said that -shm was written to: truncated, or made longer. */
void	wal_modified(struct wal *);

/* From now on note what replicas may lack; once or more. */
void	wal_follow_replicas(struct wal *, int64_t mono_ms);

/* True while there is a log whose numbers mean something. */
bool	wal_is_live(const struct wal *);
uint32_t wal_backlog_frames(const struct wal *);
/* Age of the oldest commit not yet copied back, in ms; 0 when none. */
int64_t	wal_backlog_ms(const struct wal *, int64_t mono_ms);
/* The live end, or that of the last log, as a place in the trail. */
trail_pos wal_end(const struct wal *);
/* How long one of the last 16 logs became; 0: not known any more. */
uint32_t wal_frames_of(const struct wal *, uint32_t epoch);
/* The epoch of a log by its salt; -1: not one of the last 16. */
int64_t	wal_epoch_of(const struct wal *, const unsigned char salt[8]);

#endif
