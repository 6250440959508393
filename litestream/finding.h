/*
 * finding - what passes between the sampler and the loop about a replica.
 *
 * The sampler knows the log and may wait for a disk; the loop may ask a bucket
 * and waits for nothing.  So the sampler wishes (in its batch), the loop looks
 * (remote.c) and the finding goes back as an order.  Whoever holds the pointer
 * owns it.
 */
#ifndef LITESTREAM_FINDING_H
#define LITESTREAM_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "litestream/chain.h"
#include "litestream/files.h"
#include "litestream/replica.h"
#include "litestream/s3.h"

/* Please look how far this replica has come. */
struct wish {
	struct wish	*next;
	struct setup	*setup;		/* a reference */
	size_t		 replica;	/* of setup->replicas */
	enum litestream_version version;	/* of the local copy */
	struct litestream_end local;	/* as far as that one is */
	int64_t		 mono_ms;	/* now */
	bool		 audit;		/* nothing is new; is it still there? */
	bool		 chain;		/* walk all of its names as well */
};

struct finding {
	struct finding	*next;
	char		*replica;	/* owned; its name */
	char		*why;		/* owned; NULL: the look succeeded */
	bool		 known;		/* end says how far it is */
	struct litestream_end end;	/* confirmed at asked_ms or later */
	int64_t		 asked_ms;	/* mono; of the wish */
	int64_t		 newest_ms;	/* wall, our clock; of the newest
					   object; 0: not known */
	bool		 walked;	/* chain is of this look */
	struct chain	 chain;
	uint64_t	 requests[S3_METHOD_COUNT];	/* since the start */
	uint64_t	 refused;	/* by our own budget, since the start */
	double		 cost;		/* dollars, since the start */
	int64_t		 skew_ms;	/* the bucket's clock less ours */
};

void	wish_free(struct wish *);	/* and all after it */
void	finding_free(struct finding *);	/* and all after it */
/* The one of that replica, taken out of a list; NULL: there is none. */
struct finding	*finding_take(struct finding **list, const char *replica);

#endif
