/*
 * database - one watched SQLite file, as all collectors see it.
 *
 * database_look() opens what is to be opened, notices a file that was replaced
 * or went away, reads the header and follows the log (wal.h); then the
 * collectors run and find all that here.  Owned by the sampler's thread.
 *
 * It never opens the file through SQLite, takes no lock (F_GETLK only asks),
 * maps nothing, and holds descriptors for reading only.  Closing them is
 * harmless: POSIX locks belong to a process, and this one has none.
 */
#ifndef COLLECTORS_DATABASE_H
#define COLLECTORS_DATABASE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/batch.h"
#include "collectors/format.h"
#include "collectors/looks.h"
#include "collectors/wal.h"

struct binaries;
struct discovery;
struct drill;
struct err;
struct finding;
struct locktable;
struct probe_dirs;
struct setup;
struct tracer;

/* The writer lock since the last sample, as the looks at it found it. */
struct occupancy {
	unsigned	 looks, held;	/* looks; of those found it taken */
	double		 others;	/* of held: by others than who comes */
};

struct database {
	/* set once */
	char		*name;		/* owned; the label db */
	char		*path;		/* owned; as configured */
	char		*real;		/* owned; with links followed; NULL:
					   not found yet */
	char		*shm_path, *wal_path, *journal_path;	/* behind it */
	int64_t		 interval_ms;

	/* how Litestream looks after it, and what others found out */
	struct setup	*setup;		/* as configured here, a reference; or
					   NULL */
	struct finding	*findings;	/* owned; the newest per replica */
	struct drill	*drills;	/* owned; the newest per replica */
	bool		 changed_drills;	/* since the last look */

	/* this look */
	int64_t		 mono_ms, wall_ms;
	int		 fd;		/* of the file; -1: not open */
	dev_t		 dev;		/* of the file that is open */
	ino_t		 ino;
	int64_t		 size;		/* bytes */
	struct db_header header;
	bool		 empty;		/* no bytes yet: a database to be */
	bool		 absent;	/* was not there, nor was its log */
	bool		 replaced;	/* another file since the last look */
	bool		 changed;	/* something differs from last time */
	bool		 restless;	/* a collector wants the next one */
	struct wal	 wal;

	/* locks.c fills these for busy.c and kernel.c */
	int64_t		 writer_ms;	/* wall; writes since; 0: nobody */
	struct occupancy occupancy;
	struct looks	 looks;	/* for contention.c and kernel.c */

	/* the sampler's: /proc/locks as read at most every 10 s */
	const struct locktable *locks;	/* not owned; NULL: not known */
	/* the sampler's: what is known of Litestream on this machine */
	const struct discovery *discovery;	/* not owned; NULL: nothing */
	unsigned	 discovery_no;	/* another number: another discovery */
	int64_t		 remote_ms;	/* a bucket is asked no more often */
	/* the sampler's: which programs are known, where probes are not */
	struct binaries	*binaries;	/* not owned */
	struct probe_dirs *probe_dirs;	/* not owned; NULL: nobody tells */
	/* the agent's; NULL: it is off */
	struct tracer	*tracer;	/* not owned */
};

struct database	*database_new(const char *name, const char *path,
		    int64_t interval_ms);
void		 database_free(struct database *);
/* Each takes what it is given, in place of what it had. */
void		 database_set_setup(struct database *, struct setup *);
void		 database_take_finding(struct database *, struct finding *);
/* at_ms 0: there is none of this replica any more. */
void		 database_take_drill(struct database *, struct drill *);
/* -1 and why it is down; everything is let go of then. */
int		 database_look(struct database *, struct err *);
bool		 database_is_wal(const struct database *);
/* Somebody writes, reads or checkpoints at this moment. */
bool		 database_is_locked(const struct database *);

#endif
