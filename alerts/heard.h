/*
 * heard - who was told that an alert is open.
 *
 * The end goes to them and to nobody else, whatever the rule names by then: so
 * nobody hears the end of what he never heard begin, and nobody is left with an
 * alert that has no end.  It is part of what state.db keeps.
 */
#ifndef ALERTS_HEARD_H
#define ALERTS_HEARD_H

#include "alerts/alert.h"

#define HEARD_BY_ALL	"\n*"	/* more than can be kept: any may have */

void	heard_by(struct alert *, const char *receiver);
bool	heard_is_by(const struct alert *, const char *receiver);
void	heard_by_none(struct alert *);

#endif
