/*
 * judge - see judge.h.
 */
#include <stddef.h>

#include "alerts/judge.h"
#include "base/err.h"

enum verdict
judge_by(const struct judgement *rows, const char *who,
    const struct answer *a, struct err *e)
{
	for (; rows->status != 0; rows++) {
		if (rows->status != a->status)
			continue;
		if (rows->verdict != VERDICT_DELIVERED)
			err_set(e, "%s %s (HTTP %ld)", who, rows->why,
			    a->status);
		return rows->verdict;
	}
	err_set(e, a->status / 100 == 3 ? "%s answered HTTP %ld: redirects are "
	    "not followed, correct the URL" : "%s answered HTTP %ld", who,
	    a->status);
	return VERDICT_RETRY;
}

enum verdict
judge_http(struct answer *a, struct err *e)
{
	static const struct judgement rows[] = {
		{ 400, VERDICT_REFUSED, "calls the message malformed" },
		{ 410, VERDICT_GONE, "is gone for good: remove it from the "
		    "configuration" },
		{ 413, VERDICT_REFUSED, "calls the message too large" },
		{ 415, VERDICT_REFUSED, "does not take JSON" },
		{ 422, VERDICT_REFUSED, "calls the message malformed" },
		{ 0, VERDICT_RETRY, NULL },
	};

	if (a->status / 100 == 2)
		return VERDICT_DELIVERED;
	return judge_by(rows, "it", a, e);
}
