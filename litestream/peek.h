/*
 * peek - small files of somebody else's world.
 *
 * A Litestream in a container has its own root, and a configuration may be any
 * path at all: a FIFO does not hang this, a directory or a huge file is
 * refused, and symbolic links lead to where they do for that process.  A file
 * that the process itself could not read is refused too, or anybody could have
 * root read it for them.
 */
#ifndef LITESTREAM_PEEK_H
#define LITESTREAM_PEEK_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

struct err;

struct peek {
	const char	*root;	/* "/proc/PID/root", or "" */
	uid_t		 uid;	/* as whom; 0: whatever we may read */
	gid_t		 gid;
};

/* A whole file, at most limit bytes, NUL-terminated; the caller frees.  -1
 * with errno kept: ENOENT is no trouble to some. */
int	peek_read(char **ret, size_t *n, size_t limit, const struct peek *,
	    const char *path, struct err *);
/* -1 with errno. */
int	peek_stat(struct stat *, const struct peek *, const char *path);

#endif
