/*
 * ask - a command speaks to the agent that runs.
 *
 * Over its own API, at the address of the configuration or of --listen.  Waits
 * for the answer; for commands, never for the agent itself.
 */
#ifndef AGENT_COMMANDS_ASK_H
#define AGENT_COMMANDS_ASK_H

#include <stdbool.h>

#include <jansson.h>

struct agent_flags;
struct err;

struct asking {
	const char	*path;		/* "/api/v1/silences" */
	bool		 post;
	/* Names and values of the arguments; a NULL name ends them, an
	 * argument whose value is NULL is left out. */
	const char	*args[9][2];
};

/* The data of the answer; the caller drops it.  NULL and a sentence: nobody
 * answers, or the answer is no. */
json_t	*ask(const struct agent_flags *, const struct asking *, struct err *);

#endif
