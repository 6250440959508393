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

#include "agent/batch.h"
#include "alerts/rule.h"

#define NOTIFICATION_ID_MAX	40
#define NOTIFICATION_TEXT_MAX	1024	/* of any one string in it */

enum notification_type { NOTIFY_FIRING, NOTIFY_RESOLVED, NOTIFY_NO_DATA,
	NOTIFY_TEST };

struct notification {
	char		 id[NOTIFICATION_ID_MAX];	/* "msg_..."; no '.' */
	enum notification_type type;
	int64_t		 at_ms;			/* wall; when it was made */
	char		*alert, *db, *host;	/* owned, as all text here */
	char		*severity;
	char		*measure, *unit;
	double		 value, threshold;
	int64_t		 since_ms;		/* wall */
	char		*summary, *cause, *next_step;
	char		*url;			/* of the agent's page */
	bool		 has_culprit;
	int64_t		 culprit_pid;
	char		*culprit_command;
};

/*
 * What an alert has to say.  culprits: HOLD_COUNT of them, or NULL.  base_url
 * is what people open ("http://127.0.0.1:10925").
 */
struct notification	*notification_new(enum notification_type,
			    const struct alert *, const char *db,
			    const struct culprit *culprits, const char *host,
			    const char *base_url, int64_t wall_ms);
/* A sample of each kind for `litegauge test-notify`. */
struct notification	*notification_test(enum notification_type,
			    const char *host, const char *base_url,
			    int64_t wall_ms);
struct notification	*notification_copy(const struct notification *);
void			 notification_free(struct notification *);
const char		*notification_type_name(enum notification_type);
/* The JSON of DESIGN.md section 9; the caller frees. */
char			*notification_write(const struct notification *);
/* NULL and a sentence for anything that notification_write() did not make. */
struct notification	*notification_read(const char *id, const char *json,
			    struct err *);

#endif
