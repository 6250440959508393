/*
 * cmd_check_config - is the configuration right, and what does it mean?
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/commands/commands.h"
#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/config/configure_find.h"
#include "agent/reports/digest.h"
#include "agent/reports/heartbeat.h"
#include "alerts/receiver.h"
#include "alerts/rule.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fold.h"
#include "base/units.h"
#include "litestream/replica.h"

#define OUTPUT_MAX	(16u << 20)
#define FOLD_INDENT	4

static void
add_ms(struct buf *out, int64_t ms)
{
	char text[UNIT_TEXT_MAX];

	buf_adds(out, unit_print(text, UNIT_SECONDS, (double)ms / 1000));
}

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
	struct receiver r;
	struct err e;

	(void)configure_receiver(&r, s, &e);	/* it was tried before */
	buf_addf(out, "receiver %s: %s", s->name, section_text(s, "type"));
	if (r.group_wait_ms > 0) {
		buf_adds(out, ", waits ");
		add_ms(out, r.group_wait_ms);
		buf_adds(out, " for more");
	}
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

/* "heartbeat: every 1m while all goes on": its address is a secret. */
static void
print_heartbeat(struct buf *out, const struct config *c)
{
	struct heartbeat_options o;

	configure_heartbeat(&o, c);
	if (o.url == NULL && o.url_file == NULL)
		return;
	buf_adds(out, "heartbeat: every ");
	add_ms(out, o.every_ms);
	buf_adds(out, " while the databases are sampled");
	if (o.url_file != NULL)
		buf_addf(out, ", to the address in %s", o.url_file);
	buf_adds(out, "\n");
}

/* "digest: every 7d, mon 09:00, to ops" */
static void
print_digest(struct buf *out, const struct config *c)
{
	const struct section *s = config_next(c, "digest", NULL);
	struct digest_options o;

	configure_digest(&o, c);
	if (o.every_ms == 0)
		return;
	buf_adds(out, "digest: every ");
	add_ms(out, o.every_ms);
	buf_addf(out, ", %s, to %s\n", section_text(s, "at"),
	    o.receivers != NULL ? o.receivers : "all receivers");
}

/* "drill: every 7d of the databases app*, in /srv/drill" */
static void
print_drill(struct buf *out, const struct config *c)
{
	struct drill_options o;

	configure_drill(&o, c);
	if (o.every_ms > 0) {
		buf_adds(out, "drill: every ");
		add_ms(out, o.every_ms);
		if (o.db != NULL)
			buf_addf(out, " of the databases %s", o.db);
		buf_addf(out, ", in %s\n", o.dir);
	}
	configure_drill_done(&o);
}

/* One thing a line, for grep; on a terminal folded, for people. */
static void
print_out(char *text)
{
	bool wide = !isatty(STDOUT_FILENO);
	char *line;

	while ((line = strsep(&text, "\n")) != NULL)
		if (*line == '\0')
			continue;
		else if (wide)
			puts(line);
		else
			fold(stdout, 0, FOLD_INDENT, line);
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
		print_heartbeat(&out, &c);
		print_digest(&out, &c);
		print_drill(&out, &c);
		print_rules(&out, &c);
		print_out(out.data);
	}
	buf_free(&out);
	config_free(&c);
	return status;
}
