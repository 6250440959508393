/*
 * litestream_state - what the collector litestream remembers of one database.
 *
 * Its parts: litestream.c finds the copies, litestream_look.c looks at them,
 * litestream_remote.c wishes for looks at buckets, litestream_tell.c writes the
 * samples.
 */
#ifndef COLLECTORS_LITESTREAM_STATE_H
#define COLLECTORS_LITESTREAM_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/copy.h"
#include "litestream/chain.h"
#include "litestream/files.h"
#include "litestream/finding.h"
#include "litestream/replica.h"

struct batch;
struct database;
struct err;
struct metric;

enum litestream_row { LS_UP, LS_UNCHECKED, LS_LAG_SECONDS, LS_OVERDUE,
	LS_LAG_BYTES, LS_LAG_COMMITS, LS_LAST_SYNC, LS_AHEAD, LS_SNAPSHOT,
	LS_CHAIN, LS_CHAIN_TIME, LS_GENERATIONS, LS_REQUESTS, LS_REFUSED,
	LS_COST, LS_SKEW, LS_INFO };

#define CHAIN_EVERY_MS	3600000		/* all names of a replica */
#define CHAIN_AGAIN_MS	60000		/* one with a hole in it */
#define CHAIN_FIRST_MS	15000		/* the first time, after we began */
#define AUDIT_EVERY_MS	900000		/* is it still there?  (buckets) */
#define WISH_PATIENCE_MS 120000		/* then the loop has forgotten it */

/* One replica of the setup, by the same index. */
struct replica_state {
	struct copy	 copy;
	bool		 ahead;
	/* its chain, when it was walked */
	bool		 walked;
	struct chain	 chain;
	int64_t		 chain_ms;	/* mono; the last walk, or try; 0 */
	int64_t		 chain_at_ms;	/* wall; of the walk that succeeded */
	/* of a bucket */
	bool		 waiting;	/* a wish is out */
	bool		 asked;		/* an answer has come */
	int64_t		 wished_ms;	/* mono; when it was made; 0: never */
	int64_t		 heard_ms;	/* mono; asked_ms of the last finding */
	char		*why;		/* owned; the last answer's failure */
	uint64_t	 requests[S3_METHOD_COUNT], refused;
	double		 cost;
	int64_t		 skew_ms;
};

struct litestream_state {
	struct setup	*setup;		/* a reference; NULL: not known */
	struct replica_state *replicas;	/* owned; setup->nreplicas of them */
	bool		 settled;	/* by the two that follow */
	const struct setup *configured;	/* only to be compared */
	bool		 said;		/* setup is what our own file says */
	unsigned	 discovery_no;

	char		*dir;		/* owned; of the local copy; or NULL */
	enum litestream_version version;
	int64_t		 find_ms;	/* mono; when it was looked for */
	int64_t		 began_ms;	/* mono; when we began to note; 0 */
	struct copy	 local;
	uint64_t	 changes;	/* of generations */
};

const struct metric *litestream_metric(enum litestream_row);

/* What is kept of the replicas that are in both.  Takes the reference. */
void	litestream_take_setup(struct litestream_state *, struct setup *);

/* litestream_look.c; each writes its samples, and -1 with a sentence when the
 * look failed. */
void	litestream_begin(struct litestream_state *, struct database *);
int	litestream_look_local(struct litestream_state *, struct database *,
	    struct batch *, struct err *);
int	litestream_look_replica(struct litestream_state *, struct database *,
	    size_t i, struct batch *, struct err *);
bool	litestream_chain_is_due(const struct litestream_state *,
	    const struct replica_state *, int64_t mono_ms);
/* What no copy lacks any more need not be remembered. */
void	litestream_forget_trail(const struct litestream_state *,
	    struct database *);

/* litestream_remote.c: take what was found, and wish for the next look. */
int	litestream_look_remote(struct litestream_state *, struct database *,
	    size_t i, struct batch *, struct err *);

/* litestream_tell.c */
enum told_up { TOLD_DOWN, TOLD_UP, TOLD_UNKNOWN };
void	litestream_tell_copy(struct litestream_state *, struct database *,
	    struct batch *, struct copy *, const char *name, enum told_up,
	    int64_t allowed_ms, int64_t sync_ms);
void	litestream_tell_replica(const struct litestream_state *, size_t i,
	    struct batch *);
void	litestream_tell_info(const struct litestream_state *, struct batch *,
	    const char *name, const char *type);

#endif
