/*
 * sample - a notification for a test, and the request that a type makes of it.
 */
#ifndef TESTS_ALERTS_SAMPLE_H
#define TESTS_ALERTS_SAMPLE_H

#include "alerts/receiver.h"

#define SAMPLE_BASE	"http://127.0.0.1:10925"

static inline struct notification *
sample_of(enum notification_type type, const struct alert *a, const char *db,
    const struct culprit *culprits, int64_t wall_ms)
{
	static const enum alert_change changes[NOTIFY_TYPES] = {
		[NOTIFY_FIRING] = ALERT_FIRED,
		[NOTIFY_RESOLVED] = ALERT_RESOLVED,
		[NOTIFY_NO_DATA] = ALERT_LOST,
		[NOTIFY_FLAPPING] = ALERT_FLAPS,
	};
	const struct scene scene = {
		.db = db, .culprits = culprits, .host = "vps1",
		.base_url = SAMPLE_BASE, .wall_ms = wall_ms,
	};

	return notification_new(changes[type], a, &scene);
}

static inline int
sample_write(const struct receiver *r, const struct notification *n,
    int64_t wall_s, struct request *q, struct err *e)
{
	const struct notification *items[] = { n };
	const struct message m = { items, 1, wall_s };

	return r->type->write(r, &m, q, e);
}

#endif
