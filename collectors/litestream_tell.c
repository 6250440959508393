/*
 * litestream_tell - what was seen of the copies, as samples.
 */
#include "base/batch.h"
#include "base/buf.h"
#include "collectors/database.h"
#include "collectors/litestream_state.h"

#define LABELS_MAX	2048	/* names and types are short; else cut off */

static void
add(struct batch *out, enum litestream_row row, const struct buf *labels,
    double value)
{
	if (labels->data != NULL && !labels->overflowed)
		batch_add_labelled(out, litestream_metric(row), value,
		    labels->data);
}

static void
begin_labels(struct buf *labels, const char *replica)
{
	buf_init(labels, LABELS_MAX);
	batch_label(labels, "replica", replica);
}

void
litestream_tell_copy(struct litestream_state *s, struct database *db,
    struct batch *out, struct copy *c, const char *name, enum told_up up,
    int64_t allowed_ms, int64_t sync_ms)
{
	double allowed = (double)(allowed_ms + db->interval_ms) / 1000;
	struct missing missing;
	struct buf labels;

	copy_missing(c, db, s->began_ms, sync_ms, &missing);
	if (missing.seconds > 0 || missing.bytes > 0)
		db->restless = true;
	begin_labels(&labels, name);
	if (up != TOLD_UNKNOWN)
		add(out, LS_UP, &labels, up == TOLD_UP);
	add(out, LS_LAG_SECONDS, &labels, missing.seconds);
	add(out, LS_OVERDUE, &labels, missing.seconds > allowed ?
	    missing.seconds - allowed : 0);
	add(out, LS_LAG_BYTES, &labels, missing.bytes);
	add(out, LS_LAG_COMMITS, &labels, missing.commits);
	add(out, LS_LAST_SYNC, &labels, (double)(c->synced_ms / 1000));
	buf_free(&labels);
}

void
litestream_tell_info(const struct litestream_state *s, struct batch *out,
    const char *name, const char *type)
{
	struct buf labels;

	begin_labels(&labels, name);
	batch_label(&labels, "type", type);
	batch_label(&labels, "version", litestream_version_name(s->version));
	batch_label(&labels, "source", s->setup != NULL &&
	    s->setup->source != NULL ? s->setup->source : "");
	add(out, LS_INFO, &labels, 1);
	buf_free(&labels);
}

static void
tell_requests(const struct replica_state *st, const struct buf *labels,
    const char *name, struct batch *out)
{
	for (int m = 0; m < S3_METHOD_COUNT; m++) {
		struct buf with;

		begin_labels(&with, name);
		batch_label(&with, "method", s3_method_name((enum s3_method)m));
		add(out, LS_REQUESTS, &with, (double)st->requests[m]);
		buf_free(&with);
	}
	add(out, LS_REFUSED, labels, (double)st->refused);
	add(out, LS_COST, labels, st->cost);
	if (st->asked)
		add(out, LS_SKEW, labels, (double)st->skew_ms / 1000);
}

void
litestream_tell_replica(const struct litestream_state *s, size_t i,
    struct batch *out)
{
	const struct replica *r = &s->setup->replicas[i];
	const struct replica_state *st = &s->replicas[i];
	struct buf labels;

	begin_labels(&labels, r->name);
	add(out, LS_UNCHECKED, &labels, !replica_is_checked(r));
	if (replica_is_checked(r) && st->copy.known)
		add(out, LS_AHEAD, &labels, st->ahead);
	if (st->walked) {
		add(out, LS_SNAPSHOT, &labels,
		    (double)(st->chain.snapshot_ms / 1000));
		add(out, LS_CHAIN, &labels, !st->chain.broken);
		add(out, LS_CHAIN_TIME, &labels,
		    (double)(st->chain_at_ms / 1000));
	}
	if (r->type == REPLICA_S3)
		tell_requests(st, &labels, r->name, out);
	buf_free(&labels);
	litestream_tell_info(s, out, r->name, replica_type_name(r->type));
}
