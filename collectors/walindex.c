/*
 * walindex - the live log and its checkpoints, from the wal-index.
 *
 * The counting is done in wal.c while the database is looked at; here it is
 * told.  A rollback-mode database has no wal-index: rollback.c speaks then.
 */
#include <sys/stat.h>

#include "base/batch.h"
#include "collectors/collector.h"
#include "collectors/database.h"

enum { FRAMES, RESETS, LAG_FRAMES, LAG_BYTES, LAG_SECONDS, CHECKPOINTS,
	COMPLETE, WRITTEN, GAPS };

static const struct metric metrics[] = {
	[FRAMES] = { "sqlite_wal_frames", METRIC_GAUGE, NULL,
	    "Committed frames in the live log." },
	[RESETS] = { "sqlite_wal_resets_total", METRIC_COUNTER, NULL,
	    "Times the log started again from its beginning." },
	[LAG_FRAMES] = { "sqlite_checkpoint_lag_frames", METRIC_GAUGE, NULL,
	    "Committed frames not yet copied back into the database." },
	[LAG_BYTES] = { "sqlite_checkpoint_lag_bytes", METRIC_GAUGE, NULL,
	    "Bytes of the frames not yet copied back into the database." },
	[LAG_SECONDS] = { "sqlite_checkpoint_lag_seconds", METRIC_GAUGE, NULL,
	    "Age of the oldest commit not yet copied back into the database, "
	    "as seen by the agent; 0 when there is none." },
	[CHECKPOINTS] = { "sqlite_checkpoints_total", METRIC_COUNTER, NULL,
	    "Advances of the checkpoint that were seen between samples." },
	[COMPLETE] = { "sqlite_checkpoint_last_complete_timestamp_seconds",
	    METRIC_GAUGE, NULL,
	    "When the checkpoint backlog was last seen at 0; 0 when never." },
	[WRITTEN] = { "sqlite_written_bytes_total", METRIC_COUNTER, NULL,
	    "Bytes of frames appended to the log; a lower bound when the log "
	    "restarted more than once between two samples." },
	[GAPS] = { "sqlite_write_transactions_gaps_total", METRIC_COUNTER,
	    NULL, "Times when commits may have been missed, so that "
	    "sqlite_write_transactions_total is a lower bound." },
};

static int
walindex_sample(struct database *db, void *state, struct batch *out,
    struct err *e)
{
	struct wal *w = &db->wal;
	uint32_t frames = wal_is_live(w) ? w->h.max_frame : 0;
	uint32_t lag = wal_backlog_frames(w);
	struct stat st;

	(void)state;
	(void)e;
	if (!database_is_wal(db) && w->transactions == 0)
		return 0;
	/* Nobody has it open and no log was left: nothing is behind. */
	if (w->fd == -1 && stat(w->wal_path, &st) == -1)
		w->complete_ms = db->wall_ms;
	batch_add(out, &metrics[FRAMES], frames);
	batch_add(out, &metrics[RESETS], (double)w->resets);
	batch_add(out, &metrics[LAG_FRAMES], lag);
	batch_add(out, &metrics[LAG_BYTES],
	    (double)lag * (WAL_FRAME_SIZE + (double)w->h.page_size));
	batch_add(out, &metrics[LAG_SECONDS],
	    (double)wal_backlog_ms(w, db->mono_ms) / 1000);
	batch_add(out, &metrics[CHECKPOINTS], (double)w->checkpoints);
	batch_add(out, &metrics[COMPLETE], (double)(w->complete_ms / 1000));
	batch_add(out, &metrics[WRITTEN], (double)w->written_bytes);
	batch_add(out, &metrics[GAPS], (double)w->gaps);
	return 0;
}

const struct collector collector_walindex = {
	.name		= "walindex",
	.help		= "The live log and its checkpoints, exactly, from the "
			  "wal-index.",
	COLLECTOR_METRICS(metrics),
	.sample		= walindex_sample,
};
