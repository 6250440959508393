/*
 * paths - paths as Go's path package makes them.
 *
 * Litestream's keys and directories are what path.Clean and path.Join give, so
 * that is what is done here, to the byte.  All results are the caller's.
 */
#ifndef LITESTREAM_PATHS_H
#define LITESTREAM_PATHS_H

/* "" is "."; "a//b/../c" is "a/c"; "/.." is "/". */
char	*path_clean(const char *);
/* Cleaned; an empty one is left out; two empty ones give "". */
char	*path_join(const char *, const char *);

#endif
