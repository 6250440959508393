/*
 * drills_due - when the next drill of a database is due.
 */
#include "agent/drills/drills.h"

#define SPREAD_MAX_MS	3600000

/* FNV-1a: the same for the same name, and unlike for others. */
static uint32_t
number_of(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
greatest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
drills_due_ms(const char *db, const struct drills_last *last,
    int64_t every_ms, int64_t started_ms, int64_t now_ms)
{
	int64_t spread = least(every_ms / 10, SPREAD_MAX_MS);
	int64_t wait = last->untried ? least(every_ms, DRILLS_AGAIN_MS) :
	    every_ms;

	if (last->at_ms == 0)
		return started_ms + DRILLS_FIRST_MS +
		    number_of(db) % greatest(spread, 1);
	/* A clock that was set back must not put it off for years. */
	return greatest(least(last->at_ms, now_ms) + wait,
	    started_ms + DRILLS_OVERDUE_MS);
}
