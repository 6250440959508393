/*
 * notification_text - the three sentences of a notification.
 *
 * The measured fact, the likely cause, one next step.  Nobody is told to kill a
 * process or to delete a file, and what is only likely is called so.
 */
#ifndef ALERTS_NOTIFICATION_TEXT_H
#define ALERTS_NOTIFICATION_TEXT_H

#include "alerts/notification.h"

/* Sets summary, cause, next_step and culprit; db and the numbers are set. */
void	notification_say(struct notification *, const struct alert *,
	    const struct scene *);
/* Instead: that nobody will know any more how it goes on. */
void	notification_say_dropped(struct notification *, const struct alert *);

#endif
