/*
 * alert_end - an alert is let go: what it owns, what it was, what it told.
 */
#include <stdlib.h>

#include "alerts/alert.h"

void
alert_forget(struct alert *a)
{
	if (a->past != NULL)
		free(a->past->heard);
	free(a->past);
	a->past = NULL;
}

void
alert_done(struct alert *a)
{
	window_free(a->window);
	a->window = NULL;
	alert_forget(a);
}

enum alert_change
alert_drop(struct alert *a, struct now now)
{
	bool known = a->announced || a->flapping;

	a->announced = a->flapping = false;
	a->blind_ms = 0;
	if (a->past != NULL)		/* the word of its end is for them */
		*a->past = (struct past){ .heard = a->past->heard,
		    .fired = a->past->fired };
	a->state = ALERT_OK;
	a->since = now;
	return known ? ALERT_DROPPED : ALERT_NOTHING;
}
