/*
 * transactions - how many write transactions were committed, in either mode.
 *
 * In WAL mode the wal-index counts (wal.c).  In rollback mode the file change
 * counter of the header does: it grows by one with every transaction, except
 * under locking_mode=EXCLUSIVE, where SQLite moves it only once.  In WAL mode
 * that counter does not count transactions and is ignored; when the mode
 * changes, counting begins at what the header says then.
 *
 * Sources: file format document, section 1.3.7; changeCountDone in pager.c.
 */
#include "base/batch.h"
#include "collectors/collector.h"
#include "collectors/database.h"

static const struct metric metrics[] = {
	{ "sqlite_write_transactions_total", METRIC_COUNTER, NULL,
	    "Committed write transactions since the agent began to watch: "
	    "exact, or a lower bound where "
	    "sqlite_write_transactions_gaps_total grew." },
};

struct transactions_state {
	bool		 seen;		/* not the first sample */
	bool		 based;		/* counter is of this file and mode */
	uint32_t	 counter;
	uint64_t	 total;		/* in rollback mode */
};

static void
count_rollback(struct transactions_state *s, const struct database *db)
{
	uint32_t now = db->header.change_counter;

	/* The counter may wrap; it may also go back, after a rollback of a
	 * crashed transaction: an unsigned difference would be billions. */
	if (s->based && !db->replaced && now - s->counter < UINT32_MAX / 2)
		s->total += now - s->counter;
	s->counter = now;
	s->based = true;
}

static int
transactions_sample(struct database *db, void *state, struct batch *out,
    struct err *e)
{
	struct transactions_state *s = state;

	(void)e;
	if (db->empty) {
		*s = (struct transactions_state){ true, true, 0, s->total };
	} else if (!db->header.wal) {
		/* What was committed between the change of mode and now. */
		if (!s->based && s->seen)
			db->wal.gaps++;
		count_rollback(s, db);
	} else {
		s->based = false;
	}
	s->seen = true;
	batch_add(out, &metrics[0], (double)(s->total + db->wal.transactions));
	return 0;
}

const struct collector collector_transactions = {
	.name		= "transactions",
	.help		= "Committed write transactions, in WAL and in "
			  "rollback mode.",
	COLLECTOR_METRICS(metrics),
	.state_size	= sizeof(struct transactions_state),
	.sample		= transactions_sample,
};
