/*
 * vfs - stands between SQLite and its own VFS, and passes everything on.
 *
 * Registered as the default, it is there for every connection that is opened
 * afterwards without naming a VFS.  Database files, their logs and journals are
 * wrapped; anything else is opened by the VFS below and never seen again.  No
 * call is added, left out or answered differently.
 */
#ifndef COLLECTORS_PROBE_VFS_H
#define COLLECTORS_PROBE_VFS_H

#include "collectors/probe/watch.h"

/* Once for each SQLite in the process; again is harmless, and so is one that is
 * too old, which stays as it is.  An SQLite code. */
int	vfs_install(const struct watch_api *);

#endif
