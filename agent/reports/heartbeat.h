/*
 * heartbeat - a sign of life for somebody who notices when it stops.
 *
 * A machine that dies sends no alert.  So a watcher elsewhere (healthchecks.io,
 * Uptime Kuma and the like) is sent a GET every minute, and raises its voice
 * when none comes.  It is sent only while the agent does its work: the loop is
 * on time and batches come from the sampler.  That state.db cannot be written
 * is no reason to stop, for alerts go out all the same.
 *
 * The URL is a secret: it is read anew for each ping and never told.
 */
#ifndef AGENT_REPORTS_HEARTBEAT_H
#define AGENT_REPORTS_HEARTBEAT_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct heartbeat;
struct loop;
struct wire;

#define HEARTBEAT_GAP_MS	12000	/* between two GETs: 5 a minute */
#define HEARTBEAT_TRIES		4	/* of one ping */
#define HEARTBEAT_LATE_MS	5000	/* a loop that is not on time */
#define HEARTBEAT_AGAIN_MS	1000	/* when it was in doubt */

struct heartbeat_options {
	const char	*url, *url_file;	/* borrowed; neither: off */
	int64_t		 every_ms;
};

/* What the agent has done lately. */
struct heartbeat_proof {
	int64_t		 batch_ms;	/* mono; the last batch; 0: none */
	int64_t		 interval_ms;	/* the shortest of the databases' */
	bool		 stuck;		/* no thread is left to sample with */
};
typedef void heartbeat_prove_fn(void *arg, struct heartbeat_proof *);

/* Why no ping may be sent; NULL: it may.  due_ms: when the loop was to ask. */
const char	*heartbeat_doubt(const struct heartbeat_proof *,
		    int64_t due_ms, int64_t now_ms);
/* The URL as it is now; secret_wipe() it.  -1 and a sentence without it. */
int		 heartbeat_url(char **ret, const struct heartbeat_options *,
		    struct err *);

struct heartbeat *heartbeat_new(struct loop *, struct wire *,
		    heartbeat_prove_fn *, void *arg);
void		 heartbeat_free(struct heartbeat *);
/* Copies the options; what has not changed goes on. */
void		 heartbeat_set(struct heartbeat *,
		    const struct heartbeat_options *);
/* Wall; when a ping was last answered well; 0: never. */
int64_t		 heartbeat_success_ms(const struct heartbeat *);
/* Why the last ping failed, or none is sent; NULL: nothing is wrong. */
const char	*heartbeat_trouble(const struct heartbeat *);
/* 1: the last ping was answered well; 0: not; -1: off, or not yet sent. */
int		 heartbeat_up(const struct heartbeat *);

#endif
