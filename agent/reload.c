/*
 * reload - a new configuration, laid over a running agent.
 *
 * The whole file is read and checked before anything changes; one error and the
 * old one stays.  A database that is in both goes on without losing count; an
 * alert that is in both keeps its state; what is queued for a receiver that is
 * in both stays queued.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/announce/announce.h"
#include "agent/announce/silencing.h"
#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/config/configure_find.h"
#include "agent/drills/drills.h"
#include "agent/reports/reports.h"
#include "agent/sampling/sampler.h"
#include "agent/store/store.h"
#include "alerts/alerts.h"
#include "alerts/outbox.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "litestream/remote.h"
#include "litestream/replica.h"

/* What only a restart changes. */
static const char *const fixed[] = { "listen", "state", "lock_interval",
	"holders_interval", "trace", "url" };

static void
watch_section(struct agent *a, const struct section *db)
{
	const char *path = section_text(db, "path");
	int64_t ms = configure_interval(a->config, db);
	struct setup *setup = configure_setup(a->config, db->name);

	/* Matches of a pattern are known when they are found. */
	if (!configure_is_pattern(db))
		(void)store_watch(a->store, db->name, path, ms);
	sampler_watch(a->sampler, db->name, path, ms);
	if (setup != NULL)
		sampler_setup(a->sampler, db->name, setup);
}

void
agent_name_databases(struct agent *a)
{
	const struct section *s = NULL;

	while ((s = config_next(a->config, "database", s)) != NULL)
		watch_section(a, s);
}

int
agent_name_receivers(struct agent *a, struct err *e)
{
	const struct section *s = NULL;

	outbox_mark(a->outbox);
	while ((s = config_next(a->config, "receiver", s)) != NULL) {
		struct receiver r;

		if (configure_receiver(&r, s, e) == -1) {
			receiver_done(&r);
			return err_prefix(e, "receiver %s", s->name);
		}
		r.reserve = configure_is_reserve(a->config, s);
		outbox_add_receiver(a->outbox, &r);
	}
	outbox_sweep(a->outbox);
	return 0;
}

void
agent_begin_anew(struct agent *a, const char *db)
{
	store_forget(a->store, db);
	remotes_forget(a->remotes, db);
	drills_forget(a->drills, db);
}

void
agent_forget(struct agent *a, const char *db)
{
	agent_begin_anew(a, db);
	alerts_forget(a->alerts, db);
}

static bool
has_path(const struct config *c, const struct section *db)
{
	const struct section *s = configure_find(c, "database", db->name);

	return s != NULL &&
	    strcmp(section_text(s, "path"), section_text(db, "path")) == 0;
}

static bool
is_in(const struct config *c, const struct config *of,
    const struct section *db)
{
	return has_path(c, db) && configure_interval(of, db) ==
	    configure_interval(c, configure_find(c, "database", db->name));
}

/* The same database, and perhaps other replicas: it goes on counting. */
static void
change_replicas(struct agent *a, const struct config *old, const char *db)
{
	struct setup *was = configure_setup(old, db);
	struct setup *is = configure_setup(a->config, db);

	if (is == NULL && was != NULL)
		is = setup_new();	/* none here any more */
	if (is != NULL && (was == NULL || !setup_is_same(was, is)))
		sampler_setup(a->sampler, db, setup_ref(is));
	setup_unref(was);
	setup_unref(is);
}

static void
change_databases(struct agent *a, const struct config *old)
{
	const struct section *s = NULL;

	while ((s = config_next(old, "database", s)) != NULL) {
		if (is_in(a->config, old, s)) {
			change_replicas(a, old, s->name);
			continue;
		}
		sampler_unwatch(a->sampler, s->name);
		if (has_path(a->config, s))
			agent_begin_anew(a, s->name);
		else
			agent_forget(a, s->name);
	}
	while ((s = config_next(a->config, "database", s)) != NULL)
		if (!is_in(old, a->config, s))
			watch_section(a, s);
}

static void
change_alerts(struct agent *a)
{
	size_t n;
	struct rule *rules = configure_rules(a->config, &n);
	struct alerts *new = alerts_new(rules, n, announce, a);
	struct watched *w;

	alerts_move(new, a->alerts);
	alerts_free(a->alerts);
	a->alerts = new;
	for (w = store_first(a->store); w != NULL; w = w->next)
		w->alerts = NULL;
	silencing_mark_all(a);
}

static void
warn_of_fixed(const struct config *old, const struct config *new)
{
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
		const char *a = section_text(config_agent(old), fixed[i]);
		const char *b = section_text(config_agent(new), fixed[i]);

		if (strcmp(a ? a : "", b ? b : "") != 0)
			log_warn("%s has changed: restart litegauge for it",
			    fixed[i]);
	}
}

/* A log line for each error of a file, or each warning. */
static void
log_lines(const char *lines, bool errors)
{
	char *text = mem_strdup(lines), *rest = text, *line;

	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0' && errors)
			log_error("%s", line);
		else if (*line != '\0')
			log_warn("%s", line);
	free(text);
}

void
agent_log_warnings(const struct agent *a)
{
	log_lines(config_warnings(a->config), false);
}

int
agent_reload(struct agent *a, struct err *e)
{
	struct config *old = a->config, *new;

	NEW(new);
	if (configure(new, a->flags) == -1) {
		const char *errors = config_errors(new);

		a->reload_ok = false;
		log_lines(errors, true);
		log_error("the configuration is not taken: it stays as it was");
		err_set(e, "%.*s", (int)strcspn(errors, "\n"), errors);
		config_free(new);
		free(new);
		return -1;
	}
	warn_of_fixed(old, new);
	a->config = new;
	agent_log_warnings(a);
	a->reload_ok = true;
	a->reload_ms = wall_ms();
	change_databases(a, old);
	if (agent_name_receivers(a, e) == -1)
		log_error("%s", e->text);
	change_alerts(a);
	taken_out_mark(a, old);
	taken_out_note(a);
	announce_newcomers(a);
	reports_set(a);
	config_free(old);
	free(old);
	log_info("the configuration was read again");
	return 0;
}
