/*
 * commands - what `litegauge NAME` can be.
 *
 * One row of the table in main.c and one file per command.  A command gets the
 * flags and its own arguments and returns the exit status: 0 fine, 1 trouble
 * found or failed, 2 usage or configuration.
 */
#ifndef AGENT_COMMANDS_COMMANDS_H
#define AGENT_COMMANDS_COMMANDS_H

#include "agent/agent.h"

enum { EXIT_FINE = 0, EXIT_TROUBLE = 1, EXIT_USAGE = 2 };

struct command {
	const char	*name;
	const char	*args;		/* as the manual shows them */
	int		 max_args;
	int		(*run)(const struct agent_flags *, int argc,
			    char **argv);
	const char	*help;		/* the manual's sentence */
};

extern const struct command commands[];		/* NULL name ends it */

int	cmd_run(const struct agent_flags *, int, char **);
int	cmd_once(const struct agent_flags *, int, char **);
int	cmd_discover(const struct agent_flags *, int, char **);
int	cmd_check_config(const struct agent_flags *, int, char **);
int	cmd_drill(const struct agent_flags *, int, char **);
int	cmd_silence(const struct agent_flags *, int, char **);
int	cmd_test_notify(const struct agent_flags *, int, char **);

/* The rows of a table of the code as mdoc(7) or plain text, for the manuals:
 * commands, flags, options, measures, metrics, pages, rules, receivers.  -1:
 * there is no such table. */
int	tables_print(const char *name);

/* A command-line flag; the table is in main.c. */
struct flag {
	const char	*name;		/* without the dashes */
	const char	*arg;		/* NULL: none */
	const char	*help;
};

extern const struct flag flags[];		/* NULL name ends it */

#endif
