/*
 * signals - SIGHUP reads the configuration again, SIGINT and SIGTERM stop.
 *
 * They come as events of the loop, never in the middle of something.
 */
#ifndef AGENT_SIGNALS_H
#define AGENT_SIGNALS_H

struct agent;
struct err;

/* Before any thread starts, so that every thread inherits the mask. */
int	signals_catch(struct agent *, struct err *);

#endif
