/*
 * alerts_own - what alerts.c and alerts_keep.c share, and nobody else sees.
 */
#ifndef ALERTS_ALERTS_OWN_H
#define ALERTS_ALERTS_OWN_H

#include "alerts/alerts.h"

struct alerts {
	struct rule	 *rules;		/* owned */
	size_t		  nrules;
	alerts_changed_fn *changed;
	void		 *arg;
	void		 *tree;			/* of sets, by name */
	struct alert_set *first, **last;	/* owned */
	size_t		  counts[ALERT_STATE_COUNT][SEVERITY_COUNT];
};

/* Where the alert is counted, as it is now. */
size_t		*alerts_counter(struct alerts *, const struct alert *);
/* NULL: there is none of the name. */
struct alert_set *alerts_find(const struct alerts *, const char *db);
struct alert	*alerts_find_rule(struct alert_set *, const char *rule);
/* Tell of it, to be kept and perhaps announced. */
void		 alerts_tell(struct alerts *, const struct alert_set *,
		    struct alert *, enum alert_change);
/* Of an alert that nobody counts any more: its end, if it had a beginning. */
void		 alerts_end(struct alerts *, const struct alert_set *,
		    struct alert *);

#endif
