/*
 * scratch - a private directory for one restore, which is gone afterwards.
 *
 * Whoever has it holds a lock on it, which the kernel drops however the process
 * ends; so what a killed drill left behind is known by its being unlocked, and
 * the next one sweeps it away.
 */
#ifndef LITESTREAM_SCRATCH_H
#define LITESTREAM_SCRATCH_H

#include <stdint.h>

struct err;

#define SCRATCH_PREFIX		"litegauge-drill-"
#define SCRATCH_MAX_DEPTH	8	/* directories within, when removed */

struct scratch {
	char	*path;		/* owned */
	int	 fd;		/* of it; holds the lock */
};

/*
 * Below base, which is made when it is not there.  keep_out: a directory
 * that must not hold it, at any depth (the one of the database).
 */
int	scratch_make(struct scratch *, const char *base, const char *keep_out,
	    struct err *);
/* With all that is in it. */
void	scratch_remove(struct scratch *);
/* Those below base whose owners are gone; how many. */
unsigned scratch_sweep(const char *base);
/* Bytes that may still be written there; -1 with errno. */
int64_t	scratch_room(const struct scratch *);

#endif
