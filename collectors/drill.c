/*
 * drill - what the last restore drill of each replica came to.
 *
 * Nothing is looked at here: the agent has the drills made (agent/drills) and
 * lays the results beside the database.  Without drills there are no samples,
 * so that what nobody asked for is not missed.
 */
#include "base/batch.h"
#include "base/buf.h"
#include "collectors/collector.h"
#include "collectors/database.h"
#include "litestream/drill.h"

#define LABELS_MAX	2048	/* a name is short; else it is left out */

enum row { SUCCESS, AT, PASSED, TOOK, INCONCLUSIVE };

static const struct metric metrics[] = {
	[SUCCESS] = { "sqlite_replica_drill_success", METRIC_GAUGE, NULL,
	    "1 when the last conclusive restore drill of the replica passed, 0 "
	    "when it failed." },
	[AT] = { "sqlite_replica_drill_timestamp_seconds", METRIC_GAUGE, NULL,
	    "When the last restore drill of the replica ended." },
	[PASSED] = { "sqlite_replica_drill_success_timestamp_seconds",
	    METRIC_GAUGE, NULL,
	    "When the last restore drill that passed ended; 0 when none has." },
	[TOOK] = { "sqlite_replica_drill_duration_seconds", METRIC_GAUGE, NULL,
	    "How long the restore alone took in the last drill that restored, "
	    "at the lowest priority; an estimate of the time to recover." },
	[INCONCLUSIVE] = { "sqlite_replica_drill_inconclusive", METRIC_GAUGE,
	    NULL,
	    "1 when the last restore drill could not be tried (no room, no "
	    "time, no network, no program), else 0." },
};

static void
tell(struct batch *out, const struct drill *d, const char *labels)
{
	if (d->told_ms != 0)
		batch_add_labelled(out, &metrics[SUCCESS],
		    d->told == DRILL_PASS, labels);
	batch_add_labelled(out, &metrics[AT], (double)(d->at_ms / 1000),
	    labels);
	batch_add_labelled(out, &metrics[PASSED],
	    (double)(d->passed_ms / 1000), labels);
	if (d->took_ms > 0)
		batch_add_labelled(out, &metrics[TOOK],
		    (double)d->took_ms / 1000, labels);
	batch_add_labelled(out, &metrics[INCONCLUSIVE],
	    d->outcome == DRILL_INCONCLUSIVE, labels);
}

static int
drill_sample(struct database *db, void *state, struct batch *out,
    struct err *e)
{
	(void)state;
	(void)e;
	for (const struct drill *d = db->drills; d != NULL; d = d->next) {
		struct buf labels;

		buf_init(&labels, LABELS_MAX);
		batch_label(&labels, "replica", d->replica);
		if (buf_ok(&labels))
			tell(out, d, labels.data);
		buf_free(&labels);
	}
	return 0;
}

const struct collector collector_drill = {
	.name		= "drill",
	.help		= "What the last restore drill of each replica came "
			  "to.",
	COLLECTOR_METRICS(metrics),
	.sample		= drill_sample,
};
