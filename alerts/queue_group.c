/*
 * queue_group - what a queue says next, and when.
 *
 * A type that groups gets all that waits for one database in one message.  When
 * a disk fills up, every database on it meets the same rule: then it gets all
 * that waits of that rule.  The wait is the group's: it begins with the first
 * of them, and who comes later goes along.
 *
 * Either way what is taken is taken in its order, and all of one alert before
 * what was said of it later.
 */
#include <stdint.h>
#include <string.h>

#include "alerts/queue_own.h"

#define STORM_OTHERS	2	/* databases, beside the first */

static int64_t
due_ms(const struct queue *q, const struct item *it)
{
	return it->born_ms + q->receiver.group_wait_ms;
}

bool
queue_holds(const struct queue *q, const struct item *it, int64_t now)
{
	return !it->tried && due_ms(q, it) > now;
}

static struct item *
first_due(const struct queue *q, const struct item_list *list, int64_t now)
{
	struct item *it;

	TAILQ_FOREACH(it, list, link)
		if (!queue_holds(q, it, now))
			return it;
	return NULL;
}

/* Many other databases meet the same rule. */
static bool
is_storm(const struct item_list *list, const struct notification *first)
{
	const struct item *it = TAILQ_FIRST(list);
	const char *last = first->db;
	size_t others = 0;

	for (; it != NULL; it = TAILQ_NEXT(it, link)) {
		if (strcmp(it->n->alert, first->alert) != 0 ||
		    strcmp(it->n->db, first->db) == 0 ||
		    strcmp(it->n->db, last) == 0)
			continue;
		last = it->n->db;
		others++;
	}
	return others >= STORM_OTHERS;
}

size_t
queue_gather(const struct queue *q, const struct item_list *list, int64_t now,
    struct item *ret[STORM_MAX])
{
	const struct receiver_type *type = q->receiver.type;
	struct item *first = first_due(q, list, now), *it;
	size_t n = 0, max;
	bool storm;

	if (first == NULL)
		return 0;
	if (!type->groups) {
		ret[0] = first;
		return 1;
	}
	storm = is_storm(list, first->n);
	max = storm && type->storm_max > 0 ? type->storm_max : MESSAGE_MAX;
	TAILQ_FOREACH(it, list, link)
		if (n < max && (storm ?
		    strcmp(it->n->alert, first->n->alert) == 0 :
		    strcmp(it->n->db, first->n->db) == 0))
			ret[n++] = it;
	return n;
}

int64_t
queue_patience(const struct queue *q)
{
	return FALLBACK_MS * q->host->first_ms / LADDER_FIRST_MS;
}

/* When there is something to be said. */
static int64_t
next_attempt(const struct queue *q)
{
	const struct item *it = TAILQ_FIRST(&q->items);
	int64_t at = INT64_MAX;

	if (q->flying != NULL)
		return INT64_MAX;
	if (TAILQ_EMPTY(&q->items))
		return TAILQ_EMPTY(&q->again) ? INT64_MAX : q->rest_ms;
	for (; it != NULL; it = TAILQ_NEXT(it, link)) {
		int64_t due = it->tried ? 0 : due_ms(q, it);

		if (due < at)
			at = due;
	}
	return at > q->rest_ms ? at : q->rest_ms;
}

/* When the fallback is to hear of something. */
static int64_t
next_handing(const struct queue *q)
{
	int64_t from = q->failing_ms + queue_patience(q), at = INT64_MAX;
	const struct item *it = TAILQ_FIRST(&q->items);

	if (q->receiver.fallback == NULL || q->failing_ms == 0)
		return INT64_MAX;
	for (; it != NULL; it = TAILQ_NEXT(it, link)) {
		int64_t due = it->tried || due_ms(q, it) < from ? from :
		    due_ms(q, it);

		if (!it->handed && due < at)
			at = due;
	}
	return at;
}

int64_t
queue_next(const struct queue *q, int64_t now)
{
	int64_t attempt = next_attempt(q), handing = next_handing(q);
	int64_t at = attempt < handing ? attempt : handing;

	return at < now ? now : at;
}
