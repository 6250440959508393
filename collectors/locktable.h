/*
 * locktable - /proc/locks, read seldom and kept for all databases.
 *
 * The kernel stops every lock of the machine while it prints this file: 8 ms at
 * best, tens of ms with thousands of locks, and at a high rate it slows the app
 * that we watch.  So it is read once for all databases, at most every 10 s, and
 * less often where it is expensive.  F_GETLK answers everything else.
 */
#ifndef COLLECTORS_LOCKTABLE_H
#define COLLECTORS_LOCKTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

#define LOCKTABLE_MAX	100000	/* lines kept; more are left out */

struct lock {
	uint64_t	 ino;
	uint32_t	 dev_major, dev_minor;
	int64_t		 pid;		/* -1: an open-file-description lock */
	int64_t		 start, end;	/* both inclusive; locks merge */
	bool		 write;
};

struct locktable {
	struct lock	*locks;		/* owned; sorted by ino */
	size_t		 n, cap;
	int64_t		 cost_us;	/* what reading it took */
	int64_t		 at_us;		/* mono; when it was read */
	struct locktable *next;		/* the owner's; freed with it */
};

struct locktable *locktable_read(const char *path, struct err *);
/* One line of the file; false: not a lock that is held (a waiter), or junk. */
bool	locktable_parse_line(struct lock *, const char *line);
void	locktable_free(struct locktable *);

/*
 * The processes that hold a lock overlapping [start, end] on a file; at most
 * max go into pids, each once; returns how many there are.
 */
size_t	locktable_holders(const struct locktable *, dev_t, ino_t,
	    int64_t start, int64_t end, int64_t *pids, size_t max);
/*
 * Which of these processes hold a shared lock that ends at byte `last`, and
 * begins at `first` at the earliest, on another file as well?
 */
void	locktable_elsewhere(const struct locktable *, ino_t, int64_t first,
	    int64_t last, const int64_t *pids, size_t n, bool *elsewhere);

#endif
