/*
 * notification_text - the three sentences of a notification.
 *
 * The measured fact, the likely cause, one next step.  Nobody is told to kill a
 * process or to delete a file, and what is only likely is called so.
 */
#ifndef ALERTS_NOTIFICATION_TEXT_H
#define ALERTS_NOTIFICATION_TEXT_H

#include "alerts/notification.h"

struct buf;

/* What has happened, finer than the type of the notification tells it. */
enum story {
	STORY_FIRED,
	STORY_RAISED,		/* fires already, now with more severity */
	STORY_REMINDER,
	STORY_SETTLED,		/* it flapped, and now it fires steadily */
	STORY_RESOLVED,
	STORY_CALM,		/* it flapped, and now it is over */
	STORY_UNWATCHED,	/* the database is let go */
	STORY_UNRULED,		/* the rule is, or what it looks at */
	STORY_NO_DATA,
	STORY_FLAPS,
	STORY_TEST,
	STORY_COUNT
};

/* What the sentences are made of; all borrowed. */
struct telling {
	const struct notification	*n;	/* db and numbers are set */
	enum alert_change		 what;
	const struct alert		*alert;
	const struct scene		*scene;
};

/* Sets summary, cause, next_step and culprit; db and the numbers are set. */
void	notification_say(struct notification *, enum alert_change,
	    const struct alert *, const struct scene *);

/* notification_fact.c: the first sentence. */
enum story story_of(const struct telling *);
void	fact_say(struct buf *, enum story, const struct telling *);
/* "4m 10s", from ms; nothing is less than 0. */
void	fact_duration(struct buf *, int64_t ms);

#endif
