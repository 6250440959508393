/*
 * notification - one message about one alert, the same for every receiver.
 *
 * Made once, when the alert changes; written to the outbox as JSON (the
 * webhook's body, documented in litegauge.ini(5)); read back from there after a
 * restart.  Its text is three sentences: the measured fact, the likely cause,
 * one next step.  All text in it is valid UTF-8, bounded, and unescaped: each
 * receiver escapes for itself.
 */
#ifndef ALERTS_NOTIFICATION_H
#define ALERTS_NOTIFICATION_H

#include <stdbool.h>
#include <stdint.h>

#include "alerts/alert.h"
#include "base/batch.h"

#define NOTIFICATION_ID_MAX	40
#define NOTIFICATION_TEXT_MAX	1024	/* of any one string in it */

enum notification_type {
	NOTIFY_FIRING, NOTIFY_RESOLVED, NOTIFY_NO_DATA,
	NOTIFY_FLAPPING,	/* too often: quiet until it is calm */
	NOTIFY_TEST,
	NOTIFY_DIGEST,		/* all is well, and what room is left */
	NOTIFY_TYPES
};

struct notification {
	char		 id[NOTIFICATION_ID_MAX];	/* "msg_..."; no '.' */
	enum notification_type type;
	bool		 reminder;		/* it was said before */
	bool		 begins;		/* and this it was not; not in
						   the JSON */
	int64_t		 at_ms;			/* wall; when it was made */
	char		*alert, *db, *host;	/* owned, as all text here */
	char		*severity;
	char		*before;		/* the severity under which it
						   was told and which is over
						   with this; NULL: none */
	char		*measure, *unit;
	double		 value, threshold;
	int64_t		 since_ms;		/* wall */
	char		*summary, *cause, *next_step;
	char		*url;			/* of the agent's page */
	bool		 has_culprit;
	int64_t		 culprit_pid;
	char		*culprit_command;
};

/* Where an alert is heard; all borrowed. */
struct scene {
	const char		*db;
	const struct culprit	*culprits;	/* HOLD_COUNT; NULL: unknown */
	const char		*host;
	const char		*base_url;	/* what people open */
	int64_t			 wall_ms;
	const char		*down;		/* why nothing is seen; NULL */
	bool			 unwatched;	/* the database is let go */
	/* A diagnosis that says more than the measure can; NULL: none. */
	const char		*cause, *next_step;
};

/* What an alert has to say about the change; NULL for ALERT_NOTHING. */
struct notification	*notification_new(enum alert_change,
			    const struct alert *, const struct scene *);
/* All is well, or not: the sentences are the caller's. */
struct notification	*notification_digest(const char *summary,
			    const char *cause, const char *next_step,
			    const struct scene *);
/* A sample of each kind for `litegauge test-notify`. */
struct notification	*notification_test(enum notification_type,
			    const char *host, const char *base_url,
			    int64_t wall_ms);
struct notification	*notification_copy(const struct notification *);
void			 notification_free(struct notification *);
void			 notification_forget_before(struct notification *);
const char		*notification_type_name(enum notification_type);
/* The JSON of DESIGN.md section 9; the caller frees. */
char			*notification_write(const struct notification *);
/* NULL and a sentence for anything that notification_write() did not make. */
struct notification	*notification_read(const char *id, const char *json,
			    struct err *);

#endif
