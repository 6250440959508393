/*
 * cmd_run - the agent, until a signal ends it.
 */
#include <stdio.h>
#include <string.h>

#include "agent/commands/commands.h"
#include "agent/config/config.h"
#include "base/err.h"
#include "base/loop.h"

int
cmd_run(const struct agent_flags *f, int argc, char **argv)
{
	struct agent a;
	struct err e;
	int status = EXIT_FINE;

	(void)argc;
	(void)argv;
	if (agent_start(&a, f, &e) == -1) {
		bool config = a.config != NULL && a.config->nerrors > 0;

		fprintf(stderr, "%s%s", config ? config_errors(a.config) :
		    e.text, config ? "" : "\n");
		status = config ? EXIT_USAGE : EXIT_TROUBLE;
	} else if (loop_run(a.loop, &e) == -1) {
		log_error("%s", e.text);
		status = EXIT_TROUBLE;
	}
	agent_stop(&a);
	return status;
}
