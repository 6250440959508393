/*
 * notify - the kernel's word that a file was made, removed or cut (inotify).
 *
 * Directories are watched for names that come and go (not for writes: the log
 * would flood us), and a -shm file for being truncated or extended, and for
 * being closed by a process that used it: also by one that was killed.  Without
 * inotify (too many watches) everything still works at the sampling interval;
 * what is lost is short runs of an app between two samples.
 */
#ifndef BASE_NOTIFY_H
#define BASE_NOTIFY_H

#include <stdbool.h>

struct err;
struct notify;

enum notify_what {
	NOTIFY_MADE, NOTIFY_GONE,	/* a name in a directory */
	NOTIFY_WRITTEN,			/* a file: truncated or extended */
	NOTIFY_CLOSED,			/* a file: by one who could write */
	NOTIFY_LOST			/* the kernel's queue was full */
};

/* name: in the directory, else NULL.  wd: -1 for NOTIFY_LOST. */
typedef void notify_fn(void *arg, int wd, enum notify_what, const char *name);

struct notify	*notify_new(struct err *);
void		 notify_free(struct notify *);
int		 notify_fd(const struct notify *);
/* The watch, or -1. */
int		 notify_directory(struct notify *, const char *path);
/* By descriptor, so that it is that very file and not one of its name. */
int		 notify_file(struct notify *, int fd);
void		 notify_forget(struct notify *, int wd);
/* Hand out everything that has happened; never waits. */
void		 notify_drain(struct notify *, notify_fn *, void *arg);

#endif
