/*
 * discover - which Litestream looks after which database on this machine.
 *
 * In the usual case nothing has to be configured: a running `litestream
 * replicate` says in /proc where its configuration is, with which environment
 * and from which directory it reads it.  Without one, /etc/litestream.yml is
 * read.  Databases are matched by device and inode, so that a path inside a
 * container finds the file it is.
 *
 * May wait for the disk: runs on the sampler's thread, or in a command.
 */
#ifndef LITESTREAM_DISCOVER_H
#define LITESTREAM_DISCOVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "litestream/replica.h"

#define DISCOVER_MAX_PROCESSES	64	/* of Litestream; more are left out */
#define DISCOVER_MAX_NOTES	16
#define DISCOVER_DEFAULT_FILE	"/etc/litestream.yml"

struct discovery;

/*
 * Look around.  proc is "/proc" and file DISCOVER_DEFAULT_FILE but in tests.
 * Never fails: what could not be read is a note.
 */
struct discovery *discovery_new(const char *proc, const char *file);
void		 discovery_free(struct discovery *);
/* How Litestream looks after this file, one reference; or NULL, when nothing is
 * known of it.  real: its path with links followed. */
struct setup	*discovery_setup(const struct discovery *, const char *real,
		    dev_t, ino_t);
/* Sentences for people ("/etc/litestream.yml: Permission denied"). */
size_t		 discovery_notes(const struct discovery *);
const char	*discovery_note(const struct discovery *, size_t);
/*
 * The executable of a running Litestream, as a path that can be run, which the
 * caller frees; or NULL.  Only one that nobody but root and we could have put
 * there: else whoever calls a program litestream could have it run by us.
 */
char		*discovery_program(const struct discovery *);

#endif
