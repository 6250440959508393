/*
 * trace - the kernel tracer as the agent has it: on, or off for a reason that
 * is said once and shown in /metrics.
 */
#ifndef AGENT_SAMPLING_TRACE_H
#define AGENT_SAMPLING_TRACE_H

struct agent;
struct tracer;

/* Also leaves it, or the reason, in the agent. */
struct tracer	*trace_start(struct agent *);
/* From the loop, about once a second. */
void		 trace_watch(struct agent *);
/* When nobody uses it any more. */
void		 trace_stop(struct agent *);

#endif
