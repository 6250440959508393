/*
 * digest_text - the three sentences of a digest.
 *
 * Pure: from what was found to what is told.  However many databases there are,
 * three are told of and the rest are counted.
 */
#ifndef AGENT_REPORTS_DIGEST_TEXT_H
#define AGENT_REPORTS_DIGEST_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_SHOWN	3	/* databases, and open alerts */
#define DIGEST_NAME_MAX	64	/* bytes of a name, with its NUL */

/* One database; what is not known is NAN or 0. */
struct digest_room {
	char		 db[DIGEST_NAME_MAX];
	double		 rate, rate_limit;	/* p95 of write_rate */
	double		 size, size_limit;
	int64_t		 full_ms;	/* wall; when size reaches its limit */
	bool		 copied;	/* it has a replica */
	double		 lag_s;		/* the worst */
	int64_t		 drilled_ms;	/* wall; when one last passed */
};

struct digest_open {
	const char	*rule, *db;	/* borrowed */
};

struct digest_facts {
	int64_t		 now_ms;	/* wall */
	int64_t		 span_ms;	/* what was looked at */
	size_t		 ndbs;
	size_t		 nopen;		/* alerts, and not silenced */
	size_t		 nsilenced;
	struct digest_open open[DIGEST_SHOWN];	/* the first of them */
	uint64_t	 nfired;	/* since the last digest */
	struct digest_room tight[DIGEST_SHOWN];	/* the tightest first */
	size_t		 ntight;
	size_t		 nuncopied;	/* databases without a replica */
	size_t		 nundrilled;	/* with one that was never restored */
};

/* The share of a limit that is used, of the tighter one; 0: not known. */
double	digest_used(const struct digest_room *);
/* Put it among the tightest, if it is one of them. */
void	digest_offer(struct digest_facts *, const struct digest_room *);
/* All three are the caller's to free. */
void	digest_say(const struct digest_facts *, char **summary, char **cause,
	    char **next_step);

#endif
