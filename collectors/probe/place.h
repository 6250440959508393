/*
 * place - where the probe's files lie, and which of them may go.
 *
 * $LITEGAUGE_PROBE_DIR when it is set, else /run/litegauge/probe when there is
 * one to write to, else a directory of the user's own in /dev/shm.  Never
 * beside a database, never through a symbolic link.
 */
#ifndef COLLECTORS_PROBE_PLACE_H
#define COLLECTORS_PROBE_PLACE_H

#include "collectors/probe/layout.h"

/* Who this process is; -1 without /proc. */
int	place_identify(struct probe_head *);
/* A new file of our own, of the right size and with room for all of it, and
 * without those of our user's dead processes; -1: there cannot be one. */
int	place_make(const struct probe_head *);

#endif
