/*
 * litestream_process - what /proc tells of a running `litestream replicate`.
 *
 * Its arguments, its environment, its directory and its root.  All but the
 * arguments may be closed to us; then they are not known.
 */
#ifndef LITESTREAM_LITESTREAM_PROCESS_H
#define LITESTREAM_LITESTREAM_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_MAX_ARGS	65536u		/* bytes of its command line */
#define PROCESS_MAX_ENVIRON	(1u << 20)
#define PROCESS_MAX_WORDS	64u

struct litestream_process {
	int64_t		 pid;
	uid_t		 uid;
	gid_t		 gid;
	char		*root;		/* owned, as all here; as in peek.h */
	char		*cwd;		/* NULL: not known */
	char		*home;		/* NULL: not known */
	char		*program;	/* NULL: none that we would run */
	char		*args;		/* words and config point into it */
	const char	*words[PROCESS_MAX_WORDS];	/* DB URL..., NULL */
	const char	*config;	/* -config; or NULL */
	bool		 expand;	/* not -no-expand-env */
	char		*environ;	/* NULL: not known */
	size_t		 environ_bytes;
};

/* False: it is not one, or it is gone.  pid: digits, a directory of proc. */
bool	litestream_process_read(struct litestream_process *ret,
	    const char *proc, const char *pid);
void	litestream_process_done(struct litestream_process *);
/* A variable of its environment, or NULL. */
const char *litestream_process_env(const struct litestream_process *,
	    const char *name);

#endif
