/*
 * said - from what is said of a replica to where it is.
 *
 * A replica is described by a URL or by keys, with a dozen forms and defaults.
 * The texts are borrowed, NULL or "" when nothing was said.
 */
#ifndef LITESTREAM_SAID_H
#define LITESTREAM_SAID_H

#include "litestream/plan.h"
#include "litestream/yaml_fields.h"

struct said {
	const char	*type, *name, *path, *url;
	const char	*bucket, *region, *endpoint;
	const char	*access_key, *secret_key;
	const char	*host, *user, *webdav_url;
	enum yaml_flag	 path_style, skip_verify;
	int64_t		 sync_ns;	/* YAML_NO_TIME */
	bool		 encrypted;
};

/* From a map, or of the top one the settings that are for all replicas. */
int	said_read(struct said *ret, struct yaml_tree *, yaml_at map,
	    bool global, struct err *);
void	said_take_defaults(struct said *, const struct said *global);
/* Names are labels: each its own, and "local" is the copy beside the database.
 */
void	said_tell_apart(struct plan_db *);
/* -1 and a sentence that shows no secret. */
int	said_replica(struct replica *ret, const struct said *,
	    const struct plan_source *, struct err *);
/* An absolute path as Litestream sees it; NULL: it is in a home directory that
 * is not known, or below a directory that is not.  The caller frees. */
char	*said_path(const char *, const struct plan_source *, struct err *);

#endif
