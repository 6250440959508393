/*
 * rollback - what can be seen of a database that is not in WAL mode.
 *
 * Its journal, and the lock bytes of the database file itself: PENDING, then
 * RESERVED, then 510 SHARED bytes, at 1 GiB (os.h, PENDING_BYTE).  Here readers
 * and the writer shut each other out, so both are worth a look; who they are is
 * told like in WAL mode, by locks.c.
 */
#include <sys/stat.h>

#include "base/batch.h"
#include "collectors/collector.h"
#include "collectors/database.h"

static const struct metric metrics[] = {
	{ "sqlite_journal_size_bytes", METRIC_GAUGE, NULL,
	    "Size of the rollback journal; with journal_mode=DELETE it exists "
	    "only during a write transaction." },
};

static int
rollback_sample(struct database *db, void *state, struct batch *out,
    struct err *e)
{
	struct stat st;

	(void)state;
	(void)e;
	if (database_is_wal(db) || db->empty)
		return 0;
	batch_add(out, &metrics[0],
	    stat(db->journal_path, &st) == -1 ? 0 : (double)st.st_size);
	return 0;
}

const struct collector collector_rollback = {
	.name		= "rollback",
	.help		= "The rollback journal of a database that is not in "
			  "WAL mode.",
	COLLECTOR_METRICS(metrics),
	.sample		= rollback_sample,
};
