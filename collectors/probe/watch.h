/*
 * watch - what the calls of one connection on one database mean.
 *
 * SQLite tells nobody that it retries or that it gave up: it asks for a lock,
 * is refused, and asks again or does not.  What is asked for next, and whether
 * SQLite returned to the app in between, tells which.  So a refusal is pending
 * until the next call of its connection:
 *
 *	refused --- asks again, in the same call of the app ---> a retry
 *	   |------- anything, in a later call of the app ------> a timeout
 *	   `------- the file is closed ------------------------> a timeout
 *
 * The write lock of the log granted on an index that is not the one this
 * transaction reads is SQLITE_BUSY_SNAPSHOT; the same function of SQLite makes
 * the same comparison.  Where nothing was read yet SQLite drops its read lock
 * and treats it like any refusal; where a transaction was reading, the app gets
 * the error and no handler is asked.
 *
 * SQLite calls for one connection from one thread at a time, and a watch is no
 * more thread-safe than that.
 */
#ifndef COLLECTORS_PROBE_WATCH_H
#define COLLECTORS_PROBE_WATCH_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "collectors/probe/share.h"

#define WATCH_INDEX_WORDS 12	/* of the wal-index header's first copy */

/* All that the probe asks of SQLite. */
struct watch_api {
	int		 (*version)(void);
	sqlite3_vfs	*(*vfs_find)(const char *);
	int		 (*vfs_register)(sqlite3_vfs *, int);
	sqlite3_stmt	*(*next_stmt)(sqlite3 *, sqlite3_stmt *);
	int		 (*stmt_status)(sqlite3_stmt *, int, int);
	int		 (*db_status)(sqlite3 *, int, int *, int *, int);
	int		 (*errcode)(sqlite3 *);
};

enum watch_pending {
	WATCH_NOTHING,
	WATCH_REFUSED,		/* a lock */
	WATCH_STALE,		/* the write lock, for an old snapshot */
	WATCH_MAYBE		/* one that only a complete checkpoint waits
				   for; others go on without */
};

/* Changes whenever the app calls SQLite for this connection. */
struct watch_mark {
	const sqlite3	*db;	/* NULL: not known */
	int		 error;
	uint64_t	 statements, steps, runs, allocations;
};

struct watch {
	const struct watch_api *api;
	struct probe_slot *slot;
	sqlite3		**db;		/* SQLITE_FCNTL_PDB; or NULL */
	/* locks held */
	int		 level;		/* on the database file */
	unsigned	 reading;	/* a bit for each read slot */
	bool		 checkpointing, writing, journaling;
	bool		 copied;	/* pages, while checkpointing */
	bool		 dirty;		/* pages, while journaling */
	int64_t		 since_ns;	/* of writing or journaling */
	/* the wal-index */
	const uint32_t	*index;		/* its first page; NULL: none */
	uint32_t	 snapshot[WATCH_INDEX_WORDS];
	/* the refusal */
	enum watch_pending pending;
	enum probe_lock	 lock;
	int		 offset;	/* of the lock byte */
	int64_t		 refused_ns;
	struct watch_mark mark;
};

int64_t	watch_now_ns(void);

/* Before a call that asks for a lock, in the wal-index and on the database. */
void	watch_ask(struct watch *, int offset);
void	watch_ask_level(struct watch *, int level);
/* After it: flags and result are those of xShmLock and xLock. */
void	watch_shm_answer(struct watch *, int offset, int n, int flags, int rc);
void	watch_lock_answer(struct watch *, int level, int rc);
/* Before a call that gives one back. */
void	watch_shm_unlock(struct watch *, int offset, int n, int flags);
void	watch_unlock(struct watch *, int level);
void	watch_write(struct watch *);
void	watch_committed(struct watch *); /* SQLITE_FCNTL_COMMIT_PHASETWO */
void	watch_synced(struct watch *, int64_t took_ns);
void	watch_close(struct watch *);

#endif
