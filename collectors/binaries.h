/*
 * binaries - which SQLite and which Litestream a process runs, for everybody.
 *
 * One process may hold thousands of databases, and one library serves every
 * process: so what was read of either is kept here, once for all databases.  A
 * file is known by device, inode, size and time of change, and read a slice at
 * a time; a process by its PID and start.
 *
 * Any thread may call.  The lock is not held while a file is looked at: one
 * that hangs in a dead disk does so alone.
 */
#ifndef COLLECTORS_BINARIES_H
#define COLLECTORS_BINARIES_H

#include <stdbool.h>
#include <stdint.h>

#define BINARIES_FILES	256	/* remembered; more are not looked at */
#define BINARIES_PROCESSES 1024
#define BINARIES_FRESH_MS 60000	/* a process may load a library any time */

struct binaries;

struct program {
	char	 name[32];
	char	 sqlite[16];	/* version, or date; "": none, or not known */
	char	 litestream[16];	/* version; "": none */
	bool	 dated;		/* sqlite is a date */
	bool	 wal_reset;	/* has that bug; see stamp.c */
	bool	 stops;		/* Litestream: in silence */
};

struct binaries	*binaries_new(void);
void		 binaries_free(struct binaries *);
/*
 * What is known of the process; at most *budget bytes of files are read for it,
 * and taken from it.  True: there is more to read, so ask again soon.
 */
bool		 binaries_ask(struct binaries *, int64_t pid, int64_t mono_ms,
		    int64_t *budget, struct program *ret);
/* True the first time that somebody asks about this text. */
bool		 binaries_is_news(struct binaries *, const char *text);

#endif
