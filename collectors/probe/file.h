/*
 * file - one open file, of which every call is passed on and some are counted.
 */
#ifndef COLLECTORS_PROBE_FILE_H
#define COLLECTORS_PROBE_FILE_H

#include "collectors/probe/watch.h"

/* What SQLite must allocate where the VFS below wants this much. */
int	file_size(int under);
int	file_open_under(sqlite3_vfs *under, const struct watch_api *,
	    const char *name, sqlite3_file *, int flags, int *out);

#endif
