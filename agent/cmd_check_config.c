/*
 * cmd_check_config - is the configuration right, and what does it mean?
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/buf.h"
#include "agent/commands.h"
#include "agent/config.h"
#include "agent/configure.h"
#include "agent/err.h"
#include "agent/units.h"
#include "alerts/receiver.h"
#include "alerts/rule.h"
#include "litestream/replica.h"

#define OUTPUT_MAX	(16u << 20)

/* Its place, as people may see it: a URL can hold a password. */
static void
print_replica(struct buf *out, const struct config *c, const struct section *s)
{
	const char *db = section_text(s, "database");
	struct setup *setup = configure_setup(c, db);

	for (size_t i = 0; setup != NULL && i < setup->nreplicas; i++)
		if (strcmp(setup->replicas[i].name, s->name) == 0)
			buf_addf(out, "replica %s of %s: %s\n", s->name, db,
			    setup->replicas[i].place);
	setup_unref(setup);
}

/* "receiver ops: slack, waits 10s for more, is not told of ends, else pager";
 * "receiver pager: pagerduty, only in place of others" */
static void
print_receiver(struct buf *out, const struct config *c,
    const struct section *s)
{
	char wait[UNIT_TEXT_MAX];
	struct receiver r;
	struct err e;

	(void)configure_receiver(&r, s, &e);	/* it was tried before */
	buf_addf(out, "receiver %s: %s", s->name, section_text(s, "type"));
	if (r.group_wait_ms > 0)
		buf_addf(out, ", waits %s for more", unit_print(wait,
		    UNIT_SECONDS, (double)r.group_wait_ms / 1000));
	if (r.no_resolved)
		buf_adds(out, ", is not told of ends");
	if (r.fallback != NULL)
		buf_addf(out, ", else %s", r.fallback);
	if (configure_is_reserve(c, s))
		buf_adds(out, ", only in place of others");
	buf_adds(out, "\n");
	receiver_done(&r);
}

static void
print_databases(struct buf *out, const struct config *c)
{
	const struct section *s = NULL;

	while ((s = config_next(c, "database", s)) != NULL)
		buf_addf(out, "database %s: %s\n", s->name,
		    section_text(s, "path"));
	while ((s = config_next(c, "replica", s)) != NULL)
		print_replica(out, c, s);
	while ((s = config_next(c, "receiver", s)) != NULL)
		print_receiver(out, c, s);
}

static void
print_rules(struct buf *out, const struct config *c)
{
	size_t n;
	struct rule *rules = configure_rules(c, &n);

	for (size_t i = 0; i < n; i++) {
		buf_addf(out, "alert %s: ", rules[i].name);
		if (rules[i].enabled)
			rule_print(out, &rules[i]);
		else
			buf_adds(out, "off");
		buf_adds(out, "\n");
		rule_done(&rules[i]);
	}
	free(rules);
}

int
cmd_check_config(const struct agent_flags *f, int argc, char **argv)
{
	struct config c;
	struct buf out;
	int status = EXIT_FINE;

	(void)argc;
	(void)argv;
	buf_init(&out, OUTPUT_MAX);
	if (configure(&c, f) == -1) {
		fputs(config_errors(&c), stderr);
		status = EXIT_USAGE;
	} else {
		fputs(config_warnings(&c), stderr);
		print_databases(&out, &c);
		print_rules(&out, &c);
		if (out.data != NULL)
			fputs(out.data, stdout);
	}
	buf_free(&out);
	config_free(&c);
	return status;
}
