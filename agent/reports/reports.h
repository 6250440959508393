/*
 * reports - what the agent says of itself when there is nothing to say.
 *
 * Silence looks the same whether all is well or nobody is left to speak: so
 * there is a heartbeat for a machine to watch, and a digest for people to read.
 */
#ifndef AGENT_REPORTS_REPORTS_H
#define AGENT_REPORTS_REPORTS_H

struct agent;

void	reports_start(struct agent *);
void	reports_stop(struct agent *);
/* The configuration is a new one. */
void	reports_set(struct agent *);

#endif
