/*
 * aims - whose sleeps are whose: from the processes of each database to one
 * answer for each process.
 *
 * A process that has one database open sleeps for that one.  One that has
 * several, watched or not, is nobody's: its sleeps do not say which lock they
 * wait for.  Pure.
 */
#ifndef TRACER_AIMS_H
#define TRACER_AIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/shared.h"

#define AIMS_MAX	256	/* processes of one database */

struct aim_proc {
	uint32_t	 tgid;
	bool		 elsewhere;	/* has an unwatched database open */
};

struct named {
	uint32_t	 tgid;
	uint32_t	 slot;		/* TRACE_NOBODY: of several */
};

struct aims {
	struct {
		struct aim_proc	*procs;	/* owned */
		size_t		 n;
	} of[TRACE_SLOTS];
};

void	aims_done(struct aims *);
/* The processes of a database; those beyond AIMS_MAX are left out. */
void	aims_set(struct aims *, unsigned slot, const struct aim_proc *,
	    size_t n);
/* Every process once, by tgid, at most TRACE_PROCS; the caller frees. */
struct named *aims_resolve(const struct aims *, size_t *n);
/* Is some process of this database nobody's? */
bool	aims_is_mixed(const struct aims *, const struct named *, size_t n,
	    unsigned slot);

#endif
