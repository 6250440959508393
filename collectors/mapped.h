/*
 * mapped - which files with a SQLite in them does a process run?
 *
 * The program itself, and what it has mapped under a name with "sqlite" in it:
 * libsqlite3, a driver, a gem's or a wheel's own copy.
 */
#ifndef COLLECTORS_MAPPED_H
#define COLLECTORS_MAPPED_H

#include <stddef.h>
#include <stdint.h>

#define MAPPED_MAX	4	/* files of one process */
#define MAPPED_LINES	20000	/* of /proc/PID/maps that are read */

/* Opens them for reading, the program last; at most MAPPED_MAX.  Returns how
 * many; 0: it is gone, or another user's.  The caller closes. */
size_t	mapped_open(int64_t pid, int fds[MAPPED_MAX]);
/* The file of a line of /proc/PID/maps when it is one of those: into name and,
 * as "START-END", into range; else NULL.  line loses its end. */
const char *mapped_parse(char *line, char range[40]);

#endif
