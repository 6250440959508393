/*
 * announce_words - an alert in the words and the scene of now; see
 * announcement.h.
 */
#include "agent/agent.h"
#include "agent/announce/announcement.h"
#include "agent/diagnose/advice.h"
#include "agent/store/store.h"

struct notification *
announce_words(const struct agent *a, const char *db,
    const struct alert *alert, enum alert_change what, int64_t wall)
{
	struct scene scene = {
		.db = db, .host = a->host, .base_url = a->base_url,
		.wall_ms = wall,
	};
	struct diagnosis room;

	advise(&scene, store_find(a->store, db), alert->rule->measure, &room);
	return notification_new(what, alert, &scene);
}

enum alert_change
announce_change(const struct alert *al)
{
	if (al->flapping)
		return ALERT_FLAPS;
	return al->state == ALERT_NO_DATA ? ALERT_LOST : ALERT_REPEATED;
}
