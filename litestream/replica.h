/*
 * replica - where Litestream puts copies of a database.
 *
 * A setup is how Litestream looks after one database: where its local copy lies
 * and where the replicas are.  It is made once, by whoever knows: discover.c
 * (from litestream.yml or a running Litestream) or the agent's configuration.
 * After that nobody changes it, so threads share it by reference; when the
 * configuration changes there is a new one.
 *
 * It holds credentials.  They leave it only into a signature (s3_sign.c) or the
 * environment of `litestream restore`; never into a text that people see: that
 * is what `place` is for.
 */
#ifndef LITESTREAM_REPLICA_H
#define LITESTREAM_REPLICA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLICAS_MAX	8	/* per database; Litestream 0.5 has one */

enum replica_type { REPLICA_FILE, REPLICA_S3, REPLICA_GS, REPLICA_ABS,
	REPLICA_SFTP, REPLICA_WEBDAV, REPLICA_NATS, REPLICA_OSS,
	REPLICA_TYPE_COUNT };

struct replica {
	char	*name;		/* owned, as all text here; the metrics' label,
				   unique in the setup, never "local" */
	enum replica_type type;
	/*
	 * File: the directory, as this process can open it.  S3: what
	 * Litestream puts before "/" in keys, as it stands in its
	 * configuration ("" when there is none, "." for s3://bucket in 0.5):
	 * see s3_key_05().
	 */
	char	*path;
	char	*place;		/* for people: "s3://bucket/app", no secrets */
	int64_t	 sync_ms;	/* its sync-interval */
	bool	 encrypted;	/* age: pieces cannot be measured */

	/* S3; NULL where nothing was said */
	char	*bucket, *region;
	char	*endpoint;	/* "https://host:port"; NULL: Amazon's own */
	bool	 path_style, skip_verify;
	char	*access_key, *secret_key, *session_token;
};

struct setup {
	atomic_uint	 refs;
	char		*source;	/* for people: "/etc/litestream.yml" */
	char		*meta;		/* of the local copy; NULL: beside the
					   database, .NAME-litestream */
	int64_t		 monitor_ms;	/* its monitor-interval */
	struct replica	*replicas;	/* owned, each with its text */
	size_t		 nreplicas;

	/* for a restore: litestream restore -config CONFIG DB */
	char		*config;	/* NULL: there is no file; by URL */
	char		*db;		/* as Litestream calls it; or NULL */
	int64_t		 pid;		/* that runs it; 0: none was seen */
};

#define REPLICA_SYNC_MS		1000	/* Litestream's own defaults */
#define REPLICA_MONITOR_MS	1000

struct setup	*setup_new(void);		/* with one reference */
struct setup	*setup_ref(struct setup *);	/* NULL gives NULL */
void		 setup_unref(struct setup *);
/* A zeroed replica with defaults; filled by the caller before it is shared. */
struct replica	*setup_add(struct setup *);
/* Says the same, the process aside. */
bool		 setup_is_same(const struct setup *, const struct setup *);
/* Frees the text of one that is not in a setup. */
void		 replica_done(struct replica *);
void		 replica_copy(struct replica *ret, const struct replica *);

/* "file", "s3", ... */
const char	*replica_type_name(enum replica_type);
/* By Litestream's word ("gcs" is "gs"); -1: there is none. */
int		 replica_type_find(const char *);
/* Can litegauge look at what is on it?  Else only the local copy is known. */
bool		 replica_is_checked(const struct replica *);

#endif
