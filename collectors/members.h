/*
 * members - the processes whose probes count for one database.
 *
 * Their files are looked for every few seconds, and then kept open: what a
 * process counted last is read after its end, and stays in the total.  What it
 * counted before the agent began, or while it was one too many, is in none.
 */
#ifndef COLLECTORS_MEMBERS_H
#define COLLECTORS_MEMBERS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "collectors/probe_file.h"

#define MEMBERS_MAX	64	/* processes, of one database */
#define MEMBERS_AWAY	256	/* and those of what lay there before */

struct member {
	uint64_t	 pid, start;
	dev_t		 dev, of_dev;	/* its file, and of which database */
	ino_t		 ino, of_ino;
	int		 fd;		/* owned; -1: of another database */
	int		 slot;
	uint64_t	 base[PROBE_COUNTERS];	/* not ours to tell */
	uint64_t	 n[PROBE_COUNTERS];	/* as last read */
};

/* What the searches for several databases tell each other, from any thread. */
struct probe_dirs {
	atomic_llong	 empty_ms;	/* mono; no file was there; 0: never */
};

struct members {
	bool		 begun;
	uint64_t	 since;		/* ticks: who began before has a base */
	size_t		 n, cap;
	struct member	*at;		/* owned; those that live */
	uint64_t	*ended;		/* owned; PROBE_COUNTERS sums of those
					   that do not; NULL: nobody has */
	unsigned	 ignored[PROBE_VERDICTS];	/* at the last search */
};

/* Who has begun, who has ended; of the database that is open as fd.  False:
 * nobody was looked for, since a moment ago there was nobody at all.  The dirs
 * may be NULL. */
bool	members_search(struct members *, int fd, struct probe_dirs *,
	    int64_t mono_ms);
/* Reads what those that live say now. */
void	members_read(struct members *);
/* How many processes live: one may have two files, with two SQLites in it. */
size_t	members_processes(const struct members *);
/* It is another database from now on: the total stays, and what of it is read
 * already is known when the old one comes back. */
void	members_forget(struct members *);
void	members_free(struct members *);
/* Sums, of all that live or lived. */
uint64_t members_sum(const struct members *, unsigned counter);
uint64_t members_max(const struct members *, unsigned counter);

#endif
