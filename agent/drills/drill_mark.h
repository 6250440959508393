/*
 * drill_mark - where a database is when a drill begins, and how far its copies
 * are from there.
 *
 * The live end of the log is noted, by reading from outside as the agent does.
 * Then Litestream's local copy is waited for until it covers that, which says
 * what the replica must have: a TXID (0.5), or a generation, an index and an
 * offset (0.3).  Then the replica is.
 */
#ifndef AGENT_DRILLS_DRILL_MARK_H
#define AGENT_DRILLS_DRILL_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "litestream/files.h"

struct database;
struct drill_remote;
struct err;
struct setup;

#define MARK_PATIENCE_MS	15000	/* beyond Litestream's own intervals */

/* Unseen: the replica cannot be looked at, or nothing can be compared. */
enum mark_end { MARK_REACHED, MARK_SHORT, MARK_UNSEEN, MARK_STOPPED };

struct drill_mark {
	/* set by drill_mark_note() */
	char		*dir;		/* owned; of the local copy */
	enum litestream_version version;	/* NONE: there is none */
	int64_t		 at_ms;		/* wall */
	bool		 live;		/* there is a log, and it ends here: */
	unsigned char	 salt[8];
	int64_t		 offset;
	bool		 known;		/* first is the local copy's end then */
	struct litestream_end first;

	/* by drill_mark_wait() */
	bool		 targeted;	/* target is what it must have */
	struct litestream_end target, local, replica;
	bool		 seen;		/* replica is where that one ends */
	char		 why[256];	/* unseen: why, a clause */
};

/* -1: the database cannot be looked at. */
int	drill_mark_note(struct drill_mark *, struct database *,
	    const struct setup *, struct err *);
void	drill_mark_done(struct drill_mark *);
/* remote: for buckets; NULL when there is no way to ask one. */
enum mark_end drill_mark_wait(struct drill_mark *, struct database *,
	    struct setup *, size_t replica, struct drill_remote *);
/* Of the log, from the replica's end to the noted one; -1: not known. */
int64_t	drill_mark_behind(const struct drill_mark *);

/* drill_remote.c: how far a bucket is, asked here and now. */
struct drill_remote *drill_remote_new(struct err *);
void	drill_remote_free(struct drill_remote *);
/* -1: it cannot be asked.  Waits for the network, for a bounded time. */
int	drill_remote_end(struct drill_remote *, struct litestream_end *,
	    const char *db, struct setup *, size_t replica,
	    enum litestream_version, const struct litestream_end *local,
	    struct err *);

#endif
