/*
 * state_file - the file that state.db is, before SQLite opens it.
 *
 * Who holds it, whether it is ours at all, and where it goes when it is broken.
 * A path that names the database of somebody else must not be opened, moved or
 * written, so the first look is at the bytes of its header.
 */
#ifndef AGENT_STATE_STATE_FILE_H
#define AGENT_STATE_STATE_FILE_H

#include <stdint.h>

struct err;

#define STATE_APPLICATION_ID	0x6c676765	/* "lgge", in the header */

enum state_file {
	STATE_FILE_NONE,	/* no file, or an empty one */
	STATE_FILE_OURS,
	STATE_FILE_FOREIGN,	/* a database of another program */
	STATE_FILE_DAMAGED,	/* not a database */
};

/* What kept us from it. */
enum state_fault {
	STATE_FAULT_DISK,	/* full, read-only, gone: it may come back */
	STATE_FAULT_DAMAGED,	/* the file itself */
	STATE_FAULT_FOREIGN,	/* it is another's, or a newer one's */
};

/*
 * Make the directory, then take the lock that one agent holds for its life; the
 * kernel drops it whichever way the process ends.  A descriptor, or -1.
 */
int	state_file_lock(const char *path, enum state_fault *, struct err *);
int	state_file_look(enum state_file *ret, const char *path, struct err *);
int	state_file_refuse(const char *path, struct err *);	/* if foreign */
/* Rename it; the note says why and whereto (the caller frees it). */
int	state_file_move_aside(const char *path, const char *why, char **note,
	    struct err *);
/* Put the finished file at from in the place of path, for good. */
int	state_file_install(const char *from, const char *path, struct err *);
/* Remove a file with all that SQLite keeps beside it. */
void	state_file_remove(const char *path);

#endif
