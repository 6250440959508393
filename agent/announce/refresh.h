/*
 * refresh - what is open, said again to receivers that want to hear it.
 *
 * An Alertmanager forgets an alert that nobody repeats.  So once a type's
 * refresh_ms everything that is announced and open goes there again, and what
 * was resolved a short while ago.  None of that is kept on disk: it is made
 * anew from the alerts.
 */
#ifndef AGENT_ANNOUNCE_REFRESH_H
#define AGENT_ANNOUNCE_REFRESH_H

#include <stdint.h>

struct agent;
struct notification;
struct refresh;

#define REFRESH_RESOLVED_MS	300000	/* so long an end is said again */
#define REFRESH_MAX		12000	/* notifications of one receiver */

/* The message has just been announced. */
void	refresh_note(struct agent *, const struct notification *);
void	refresh_tick(struct agent *, int64_t now);	/* once a second */
void	refresh_free(struct agent *);

#endif
