/*
 * probe_file - the file in which an app's probe counts, as a stranger's bytes.
 *
 * Anybody may put a file where the probes put theirs, so nothing in one is
 * believed before it is looked at.  What the numbers in it mean is said in
 * collectors/probe/layout.h.
 */
#ifndef COLLECTORS_PROBE_FILE_H
#define COLLECTORS_PROBE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "collectors/probe/layout.h"

/* Why a file is ignored. */
enum probe_verdict {
	PROBE_GOOD,
	PROBE_DAMAGED,		/* not a probe's file, or not all of it */
	PROBE_OTHER_VERSION,
	PROBE_DEAD,		/* its process has ended */
	PROBE_OTHER_NAMESPACE,	/* its process has another number here */
	PROBE_OTHER_OWNER,	/* it is not its process's */
	PROBE_STRANGER,		/* its user may not write the database */
	PROBE_TOO_MANY,		/* processes already */
	PROBE_VERDICTS
};

/* How this machine and this agent are called. */
struct probe_here {
	char		 boot_id[40];
	uint64_t	 pid_ns;
};

/* The head, out of the first n bytes of a file; unchanged when not good. */
enum probe_verdict probe_file_read(const void *bytes, size_t n,
		    struct probe_head *ret);
enum probe_verdict probe_file_is_of(const struct probe_head *,
		    const struct probe_here *);
/* The number of the slot of that database in a whole file; -1: none. */
int		 probe_file_find(const void *bytes, size_t n, uint64_t dev,
		    uint64_t ino);
/* May a user who has this file be believed about that database? */
enum probe_verdict probe_file_may_write(const struct stat *file,
		    const struct stat *database);

#endif
