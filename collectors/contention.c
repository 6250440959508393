/*
 * contention - how busy the writer's lock is, and how much more would fit.
 *
 * From the looks of locks.c (looks.h): no look is made for this.  If the lock
 * is held a share b of the time while w transactions a second commit, w / b a
 * second would hold it all the time: more than that this disk and these
 * transactions do not allow, however many write.
 */
#include <math.h>

#include "base/batch.h"
#include "collectors/collector.h"
#include "collectors/database.h"

#define CEILING_COMMITS	20	/* fewer say little of what one takes */
#define CEILING_CERTAIN	0.25	/* the error is at most so much of the share */

enum { RATIO, ERROR, LONGEST, CEILING };

static const struct metric metrics[] = {
	[RATIO] = { "sqlite_write_lock_busy_ratio", METRIC_GAUGE, NULL,
	    "Share of the time in which the writer lock was held, in the last "
	    "30 to 60 seconds as far as the database was active; sampled." },
	[ERROR] = { "sqlite_write_lock_busy_error", METRIC_GAUGE, NULL,
	    "Half the width of the interval in which "
	    "sqlite_write_lock_busy_ratio lies with 95 % certainty (Wilson)."
	    },
	[LONGEST] = { "sqlite_write_lock_hold_max_seconds", METRIC_GAUGE, NULL,
	    "The longest that the writer lock was seen held in one piece in "
	    "the last 5 minutes; sampled, so at least that long." },
	[CEILING] = { "sqlite_write_ceiling_per_second", METRIC_GAUGE, NULL,
	    "Write transactions a second that would keep the writer lock held "
	    "all the time, as they and the disk are now; absent while the "
	    "lock is too seldom held to say." },
};

struct contention_state {
	bool		 based;
	bool		 wal;
	uint64_t	 commits;
};

static void
count_commits(struct contention_state *s, struct database *db)
{
	bool is_wal = database_is_wal(db);
	uint64_t now = is_wal ? db->wal.transactions :
	    db->header.change_counter;

	if (s->based && s->wal == is_wal && !db->replaced &&
	    now > s->commits && now - s->commits < 1000000000)
		looks_commits(&db->looks, db->mono_ms, now - s->commits);
	*s = (struct contention_state){ true, is_wal, now };
}

static double
ceiling(const struct share *share)
{
	if (isnan(share->ratio) || share->commits < CEILING_COMMITS ||
	    share->seconds < 1 ||
	    share->error > CEILING_CERTAIN * share->ratio)
		return (double)NAN;
	return share->commits / share->seconds / share->ratio;
}

static int
contention_sample(struct database *db, void *state, struct batch *out,
    struct err *e)
{
	struct share share;
	double most;

	(void)e;
	count_commits(state, db);
	looks_share(&db->looks, db->mono_ms, &share);
	most = ceiling(&share);
	if (!isnan(share.ratio)) {
		batch_add(out, &metrics[RATIO], share.ratio);
		batch_add(out, &metrics[ERROR], share.error);
	}
	batch_add(out, &metrics[LONGEST],
	    (double)looks_longest_ms(&db->looks, db->mono_ms) / 1000);
	if (!isnan(most))
		batch_add(out, &metrics[CEILING], most);
	return 0;
}

const struct collector collector_contention = {
	.name		= "contention",
	.help		= "How busy the writer lock is, and what would fit.",
	COLLECTOR_METRICS(metrics),
	.state_size	= sizeof(struct contention_state),
	.sample		= contention_sample,
};
