/*
 * plan - what a litestream.yml says, read as Litestream reads it.
 *
 * The text is expanded first ($VAR, ${VAR}, as Go's os.Expand does on the raw
 * bytes), then parsed with libyaml, then given a meaning: every default, every
 * form of an S3 URL, 0.3's `replicas` and 0.5's `replica` and global settings.
 * What litegauge does not need is passed over; what no Litestream would accept
 * is an error with its line.  Where 0.3 and 0.5 differ, either's way is enough:
 * which of them runs is not known here.
 */
#ifndef LITESTREAM_PLAN_H
#define LITESTREAM_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "litestream/replica.h"

struct err;

#define PLAN_MAX_BYTES	(1u << 20)	/* of the file, and of it expanded */
#define PLAN_MAX_DBS	10000u
#define PLAN_MAX_TEXT	(16u << 20)	/* of all that is kept of it */

/* Where the text is from, and what Litestream knows about its surroundings. */
struct plan_source {
	const char	*file;		/* for messages, and setup.config */
	const char	*cwd;		/* relative paths begin here */
	const char	*home;		/* for "~/"; NULL: not known */
	/* "/proc/PID/root" when its files are in another mount namespace; or
	 * "".  Put before file replicas' paths and meta-path. */
	const char	*root;
	int64_t		 pid;		/* ${PID}; 0: not running */
	/* As whom files are read (credentials): see peek.h.  0: root. */
	uid_t		 uid;
	gid_t		 gid;
	bool		 expand;	/* not -no-expand-env */
	/* A variable of its environment, or NULL. */
	const char	*(*env)(void *arg, const char *name);
	void		*arg;
};

/* One entry of dbs: a path, or a directory with a pattern. */
struct plan_db {
	char		*path;		/* owned; absolute; NULL: by dir */
	char		*dir, *pattern;	/* owned; or NULL */
	bool		 recursive;
	char		*meta_path, *meta_dir;	/* owned; or NULL */
	int64_t		 monitor_ms;
	struct replica	*replicas;	/* owned; named, and all different */
	size_t		 nreplicas;
	/* A file replica of a directory by URL: what is put after its path is
	 * escaped as in a URL, for that is what Litestream does. */
	bool		 escaped[REPLICAS_MAX];
};

struct plan {
	char		*file;		/* owned; NULL: from a command line */
	struct plan_db	*dbs;		/* owned */
	size_t		 ndbs;
};

/* -1 and a sentence with the line; ret is not touched then. */
int	plan_parse(struct plan *ret, const char *text, size_t n,
	    const struct plan_source *, struct err *);
/* `litestream replicate DB URL...`: no file at all.  words are what follows the
 * flags, and end with NULL. */
int	plan_from_words(struct plan *ret, const char *const *words,
	    const struct plan_source *, struct err *);
void	plan_done(struct plan *);
/*
 * The setup of one database: dbs[i], and for a directory the path below it
 * ("tenants/a.db"; NULL for one with a path).  One reference.
 */
struct setup *plan_setup(const struct plan *, size_t i, const char *below,
	    const struct plan_source *);

/* A replica from its URL ("s3://...", "file:///...", "sftp://..."), with the
 * credentials of the source's environment. */
int	plan_replica_from_url(struct replica *ret, const char *url,
	    const struct plan_source *, struct err *);

#endif
