/*
 * outside - the only ways in which a watched file is touched.
 *
 * Opening for reading, and asking for locks (F_GETLK changes nothing).  Whoever
 * wants to know what litegauge can do to a database reads this file: nothing
 * here writes, locks, maps or makes anything, and nothing else opens one.
 */
#ifndef COLLECTORS_OUTSIDE_H
#define COLLECTORS_OUTSIDE_H

#include <stdbool.h>
#include <stdint.h>

/* Lock bytes of the database file, in rollback mode (SQLite's os.h). */
#define PENDING_BYTE	0x40000000
#define SHARED_FIRST	(PENDING_BYTE + 2)
#define SHARED_SIZE	510

/* For reading, never through a last symbolic link, never waiting (FIFO); -1
 * with errno. */
int	file_open(const char *path);
/* The same for a file that was just made: EAGAIN rather than wait for the
 * directory, when the kernel does not have the name at hand any more. */
int	file_open_now(const char *path);
/*
 * Does anybody hold a lock on any of len bytes from start that conflicts with
 * writing?  *pid, when not NULL: one holder (0: in another PID namespace, -1:
 * an open-file-description lock).
 */
bool	lock_held(int fd, int64_t start, int64_t len, int64_t *pid);
/* The same, for conflicts with reading: somebody writes. */
bool	lock_written(int fd, int64_t start, int64_t len, int64_t *pid);

#endif
