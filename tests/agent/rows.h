/*
 * rows - a registry of four small collectors, and batches of theirs.
 *
 * Whoever includes this is a test program with a registry of its own.
 */
#ifndef TESTS_AGENT_ROWS_H
#define TESTS_AGENT_ROWS_H

#include <stdint.h>

#include "agent/store/store.h"
#include "collectors/collector.h"

enum { SIZE, FREE, INFO, READERS, OLDEST };
static const struct metric file_rows[] = {
	{ "sqlite_database_size_bytes", METRIC_GAUGE, NULL, "Size." },
	{ "sqlite_database_free_bytes", METRIC_GAUGE, NULL, "Free." },
	{ "sqlite_database_info", METRIC_INFO, NULL, "Info." },
	{ "sqlite_readers", METRIC_GAUGE, NULL, "Readers." },
	{ "sqlite_oldest_reader_timestamp_seconds", METRIC_GAUGE, NULL,
	    "Oldest." },
};

static const struct metric write_rows[] = {
	{ "sqlite_write_transactions_total", METRIC_COUNTER, NULL, "Writes." },
};

static const struct metric busy_rows[] = {
	{ "sqlite_busy_retries_total", METRIC_COUNTER, "source=\"sampled\"",
	    "Retries." },
	{ "sqlite_busy_retries_total", METRIC_COUNTER, "source=\"kernel\"",
	    "Retries." },
	{ "sqlite_busy_retries_total", METRIC_COUNTER, "source=\"probe\"",
	    "Retries." },
	{ "sqlite_probe_processes", METRIC_GAUGE, NULL, "Processes." },
	{ "sqlite_traced_processes", METRIC_GAUGE, NULL, "Processes." },
};

static const struct metric replica_rows[] = {
	{ "sqlite_replica_lag_seconds", METRIC_GAUGE, NULL, "Lag." },
	{ "sqlite_replica_up", METRIC_GAUGE, NULL, "Up." },
};

static const struct collector file = {
	.name = "file", COLLECTOR_METRICS(file_rows),
}, writes = {
	.name = "writes", COLLECTOR_METRICS(write_rows),
}, busy = {
	.name = "busy", COLLECTOR_METRICS(busy_rows),
}, replica = {
	.name = "replica", COLLECTOR_METRICS(replica_rows),
};

const struct collector *const collectors[] = {
	&file, &writes, &busy, &replica, NULL,
};
const size_t collectors_count = 4;

#define WALL_MS		1700000000000
#define WALL_S		1700000000.0

static inline struct batch *
at(int64_t s)
{
	struct batch *b = batch_new("app");

	b->interval_ms = 1000;
	b->mono_ms = 50000 + s * 1000;
	b->at_ms = WALL_MS + s * 1000;
	return b;
}

static inline struct batch *
full(int64_t s)
{
	struct batch *b = at(s);

	batch_add(b, &file_rows[SIZE], 4096);
	batch_add(b, &file_rows[FREE], 1024);
	batch_add_labelled(b, &file_rows[INFO], 1, "path=\"/data/app.db\"");
	batch_report(b, &file, 10, NULL);
	batch_add(b, &write_rows[0], 1000 + (double)s * 50);
	batch_report(b, &writes, 20, NULL);
	batch_add(b, &busy_rows[0], (double)s);
	batch_add(b, &busy_rows[1], (double)s * 3);
	batch_add(b, &busy_rows[4], 1);
	batch_report(b, &busy, 30, NULL);
	batch_add_labelled(b, &replica_rows[0], 7, "replica=\"s3\"");
	batch_add_labelled(b, &replica_rows[0], 90, "replica=\"file\"");
	batch_add_labelled(b, &replica_rows[1], 1, "replica=\"s3\"");
	batch_add_labelled(b, &replica_rows[1], 0, "replica=\"file\"");
	batch_report(b, &replica, 40, NULL);
	return b;
}

static inline const struct watched *
apply(struct store *st, struct batch *b)
{
	const struct watched *w = store_apply(st, b);

	batch_free(b);
	return w;
}

static inline struct store *
watching(void)
{
	struct store *st = store_new(NULL);

	store_watch(st, "app", "/data/app.db", 1000);
	return st;
}

static inline double
value(const struct store *st, const struct watched *w, const struct metric *m)
{
	return values_get(&w->values, store_slot(st, m));
}

#endif
