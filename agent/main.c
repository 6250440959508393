/*
 * main - the command line: which command, with which flags.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/commands/commands.h"
#include "agent/pages/self.h"
#include "base/fold.h"
#include "base/log.h"
#include "base/mem.h"

const struct command commands[] = {
	{ "run", "", 0, cmd_run,
	  "Watch the databases until a signal comes: SIGTERM stops, SIGHUP "
	  "reads the configuration again." },
	{ "once", "", 0, cmd_once,
	  "Look once and print what /metrics would say." },
	{ "discover", "", 0, cmd_discover,
	  "Print a configuration for the databases that processes on this "
	  "machine have open." },
	{ "check-config", "", 0, cmd_check_config,
	  "Read the configuration and say all that is wrong with it, or what "
	  "it means: each rule is a sentence." },
	{ "test-notify", "[RECEIVER]", 1, cmd_test_notify,
	  "Send a firing and a resolved notification, marked as a test, to one "
	  "receiver or to all." },
	{ "silence", "[MATCH DURATION [WHY] | end ID]", 3, cmd_silence,
	  "Say nothing of some alerts for a while, as in silence \"db=app "
	  "rule=write-*\" 2h \"moving house\"; end one early; alone, list "
	  "them." },
	{ "drill", "[DB]", 1, cmd_drill,
	  "Restore each replica, or those of one database, to a private place "
	  "with Litestream itself, look the result over, and remove it." },
	{ .name = NULL }
};

/* In the order of enum flag_id. */
const struct flag flags[] = {
	{ "config", "FILE", "The configuration; default "
	  "/etc/litegauge/litegauge.ini when it exists." },
	{ "db", "[NAME=]PATH", "Watch this database too; may be given again." },
	{ "listen", "ADDR:PORT", "Where the pages and /metrics are; default "
	  "127.0.0.1:10925." },
	{ "state", "FILE", "The agent's own file; see state in "
	  "litegauge.ini(5)." },
	{ "log-level", "LEVEL", "debug, info, warn or error; default info." },
	{ "log-format", "FORMAT", "logfmt or json; default logfmt." },
	{ "json", NULL, "drill and silence print JSON." },
	{ "tables", "NAME", "Print a table of the manual: commands, flags, "
	  "options, measures, metrics, pages, rules or receivers." },
	{ "version", NULL, "Print the version." },
	{ "help", NULL, "Print this." },
	{ .name = NULL }
};

enum flag_id { FLAG_CONFIG, FLAG_DB, FLAG_LISTEN, FLAG_STATE, FLAG_LOG_LEVEL,
	FLAG_LOG_FORMAT, FLAG_JSON, FLAG_TABLES, FLAG_VERSION, FLAG_HELP,
	FLAG_COUNT };

#define HELP_COLUMN	26

/* n columns are written; what has no room beside them goes below. */
static void
print_row(FILE *to, int n, const char *help)
{
	if (n >= HELP_COLUMN) {
		fputs("\n", to);
		n = 0;
	}
	fprintf(to, "%*s", HELP_COLUMN - n, "");
	fold(to, HELP_COLUMN, HELP_COLUMN, help);
}

static void
print_help(FILE *to)
{
	fprintf(to, "usage: litegauge COMMAND [flags]\n\n"
	    "Watches SQLite databases from outside, and says when something is "
	    "wrong.\nTo begin: litegauge discover; litegauge once --db FILE\n"
	    "\ncommands:\n");
	for (const struct command *c = commands; c->name != NULL; c++)
		print_row(to, fprintf(to, "  %s %s", c->name, c->args),
		    c->help);
	fprintf(to, "\nflags:\n");
	for (const struct flag *f = flags; f->name != NULL; f++)
		print_row(to, fprintf(to, "  --%s %s", f->name,
		    f->arg ? f->arg : ""), f->help);
	fprintf(to, "\nlitegauge(8) and litegauge.ini(5) say more.\n");
}

static int
usage(const char *what, const char *arg)
{
	fprintf(stderr, "litegauge: %s%s; try --help\n", what, arg);
	return EXIT_USAGE;
}

static void
fill_long(struct option long_flags[FLAG_COUNT + 1])
{
	for (int i = 0; i < FLAG_COUNT; i++)
		long_flags[i] = (struct option){ flags[i].name,
		    flags[i].arg ? required_argument : no_argument, NULL, i };
	long_flags[FLAG_COUNT] = (struct option){ 0 };
}

/* Returns an exit status, or -1 to go on with the command. */
static int
take_flag(struct agent_flags *f, enum flag_id id, const char *arg)
{
	switch (id) {
	case FLAG_CONFIG:
		f->config = arg;
		break;
	case FLAG_DB:
		f->dbs[f->ndbs++] = arg;
		break;
	case FLAG_LISTEN:
		f->listen = arg;
		break;
	case FLAG_STATE:
		f->state = arg;
		break;
	case FLAG_LOG_LEVEL:
		if (log_set_level(arg) == -1)
			return usage("there is no log level ", arg);
		break;
	case FLAG_LOG_FORMAT:
		if (log_set_format(arg) == -1)
			return usage("there is no log format ", arg);
		break;
	case FLAG_JSON:
		f->json = true;
		break;
	case FLAG_TABLES:
		if (tables_print(arg) == -1)
			return usage("there is no table ", arg);
		return EXIT_FINE;
	case FLAG_VERSION:
		printf("litegauge %s (%s)\n", LITEGAUGE_VERSION,
		    LITEGAUGE_REVISION);
		return EXIT_FINE;
	case FLAG_HELP:
		print_help(stdout);
		return EXIT_FINE;
	case FLAG_COUNT:
		break;
	}
	return -1;
}

static int
parse_flags(struct agent_flags *f, int argc, char **argv)
{
	struct option long_flags[FLAG_COUNT + 1];
	int id, status;

	fill_long(long_flags);
	while ((id = getopt_long(argc, argv, "h", long_flags, NULL)) != -1) {
		if (id == '?')
			return EXIT_USAGE;	/* getopt has said it */
		status = take_flag(f, id == 'h' ? FLAG_HELP :
		    (enum flag_id)id, optarg);
		if (status != -1)
			return status;
	}
	return -1;
}

static int
run_command(const struct agent_flags *f, int argc, char **argv)
{
	if (argc == 0) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	for (const struct command *c = commands; c->name != NULL; c++) {
		if (strcmp(c->name, argv[0]) != 0)
			continue;
		if (argc - 1 > c->max_args)
			return usage("too many arguments: ", argv[argc - 1]);
		return c->run(f, argc - 1, argv + 1);
	}
	return usage("there is no command ", argv[0]);
}

/* Whoever started us may have closed one of the first three: what is opened
 * next would take its place, and get our log or be a child's input. */
static void
fill_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int
main(int argc, char **argv)
{
	struct agent_flags f = { 0 };
	int status;

	fill_standard();
	f.dbs = mem_new((size_t)argc, sizeof *f.dbs);
	status = parse_flags(&f, argc, argv);
	if (status == -1)
		status = run_command(&f, argc - optind, argv + optind);
	free(f.dbs);
	return status;
}
