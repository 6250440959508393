/*
 * look - one look at a replica in a bucket: a few questions, one after another.
 *
 * A look belongs to its remote (remote.c) and ends once, with look_done() or
 * look_fail(), which hand the finding over and free it.  Each format has its
 * own way of finding the end (look03.c, look05.c); walking all names for the
 * chain comes after that, when it was wished for (look_walk.c).
 */
#ifndef LITESTREAM_LOOK_H
#define LITESTREAM_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "litestream/chain.h"
#include "litestream/finding.h"
#include "litestream/lz4.h"
#include "litestream/s3.h"

struct look;
struct look_names;
struct remotes;
struct s3_answer;

typedef void look_step_fn(struct look *, const struct s3_answer *);

/* What is remembered of a replica between two looks. */
struct remote {
	struct remote	*next;
	struct remotes	*owner;
	char		*db, *name;	/* owned; of the replica */
	struct setup	*setup;		/* a reference */
	struct replica	*replica;	/* of that setup */
	struct s3	*s3;		/* owned */
	struct look	*look;		/* owned; under way; or NULL */
	struct wish	*pending;	/* owned; until the pause is over */
	struct loop_timer due;

	bool		 known;		/* end is */
	bool		 behind;	/* it was short of the local copy */
	struct litestream_end end;
	int64_t		 newest_ms;	/* wall, our clock; of the newest */
	/* 0.3: the newest piece, whose length is known */
	uint64_t	 piece_index;
	int64_t		 piece_offset, piece_size;
	/* 0.3: its chain goes on from here the next time */
	struct chain	 chain;
	char		*walked_key;	/* owned; the last one fed; or NULL */
	char		 walked_generation[17];

	uint64_t	 requests[S3_METHOD_COUNT], refused;
	double		 cost;
	int64_t		 skew_ms;
	int64_t		 hour_ms;	/* mono; the budget's hour began */
	int64_t		 hour_requests;
	int64_t		 pause_ms;	/* after a failure */
	int64_t		 resume_ms;	/* mono; not before */
};

struct look {
	struct remote	*remote;
	struct wish	*wish;		/* owned */
	struct s3_call	*call;		/* not owned; NULL: none is out */
	look_step_fn	*go_on;		/* with its answer */
	struct loop_timer end_timer;	/* fails where no call can be made */
	char		*why;		/* owned; of that failure */
	unsigned	 pages;		/* listings so far */

	/* where the listing stands */
	char		*prefix;	/* owned */
	char		*after;		/* owned; or NULL: the beginning */
	uint64_t	 back;		/* 0.3: how many logs it began before */
	bool		 whole;		/* from the very beginning */
	/* the furthest name of it so far */
	bool		 found;
	uint64_t	 index;
	int64_t		 offset, size, modified_ms;
	char		 generation[17];
	enum litestream_version version;

	struct lz4_meter meter;		/* 0.3: of the newest piece */
	unsigned char	 head[LTX_HEADER_SIZE];	/* 0.5 */
	size_t		 nhead;
	bool		 damaged;

	/* the walk */
	bool		 walked;
	struct chain	 chain;
	struct look_names *names;	/* owned */
};

/* Takes the wish; answers through the remotes' function, later. */
struct look	*look_new(struct remote *, struct wish *);
void		 look_free(struct look *);	/* what is out is cancelled */

/* One question, and where the look goes on: there only S3_FINE and S3_MISSING
 * arrive, everything else ends the look. */
void	look_ask(struct look *, const struct s3_question *, look_step_fn *);
/* The next page of prefix, beginning behind `after`. */
void	look_list(struct look *, look_step_fn *);
/* Go on behind the last key of this page; false: it was the last page. */
bool	look_more(struct look *, const struct s3_answer *);
void	look_set(char **text, char *value);	/* frees the old one */
/* The end is known: walk when that was wished, then tell. */
void	look_found(struct look *, const struct litestream_end *);
/* All is known. */
void	look_done(struct look *);
void	look_fail(struct look *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

void	look_begin(struct look *);
void	look03_begin(struct look *);
void	look05_begin(struct look *);
void	look_walk(struct look *);
void	look_names_free(struct look_names *);

/* The last part of a key. */
const char *look_base(const char *key);

/* remote.c: the look has ended; takes the finding, frees the look. */
void	remote_finish(struct remote *, struct finding *);
/* Is there room in this hour's budget?  Counts the request when there is. */
bool	remote_may_ask(struct remote *, enum s3_method);
struct loop *remote_loop(const struct remote *);

#endif
