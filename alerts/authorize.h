/*
 * authorize - says to an HTTP receiver who we are, when it was told to.
 *
 * A token goes as Bearer, a username with its password as Basic; with neither
 * there is no such header, and nothing is wrong.
 */
#ifndef ALERTS_AUTHORIZE_H
#define ALERTS_AUTHORIZE_H

#include "alerts/receiver.h"

int	authorize(struct request *, const struct receiver *, struct err *);

#endif
