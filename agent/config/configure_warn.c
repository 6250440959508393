/*
 * configure_warn - what is right in a configuration, and hardly what was meant.
 *
 * Looked for only when there is no error, and stops nothing: check-config
 * prints it, and the agent logs it when it starts and when it reads the file
 * again.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/config/configure_find.h"
#include "agent/config/options.h"
#include "alerts/receiver.h"
#include "alerts/rule.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/units.h"
#include "base/url.h"

#define LONG_MS		3600000		/* a window that is missed when a
					   restart empties it */
#define FARSIGHT	200		/* so many times what it looks back */

static const char *
ms_text(char text[UNIT_TEXT_MAX], int64_t ms)
{
	return unit_print(text, UNIT_SECONDS, (double)ms / 1000);
}

/* Marks the receiver at this place and all that stand in for it. */
static void
mark(const struct config *c, bool *used, const struct section *s)
{
	while (s != NULL && !used[s - c->sections]) {
		const char *next = section_text(s, "fallback");

		used[s - c->sections] = true;
		s = next != NULL ? configure_find(c, "receiver", next) : NULL;
	}
}

/* Those that a list, or the lack of one, means. */
static void
mark_list(const struct config *c, bool *used, const char *list)
{
	const struct section *s = NULL;

	while ((s = config_next(c, "receiver", s)) != NULL)
		if (list != NULL ? rule_receivers_have(list, s->name) :
		    !configure_is_reserve(c, s))
			mark(c, used, s);
}

static void
warn_of_receivers(struct config *c)
{
	size_t n;
	struct rule *rules = configure_rules(c, &n);
	bool *used = mem_new(c->nsections, sizeof *used);
	const struct section *s = config_next(c, "digest", NULL);
	bool all = false;		/* some list is none */

	if (s != NULL && section_text(s, "receivers") != NULL)
		mark_list(c, used, section_text(s, "receivers"));
	else
		all = s != NULL;
	for (size_t i = 0; i < n; i++)
		if (rules[i].enabled && rules[i].receivers != NULL)
			mark_list(c, used, rules[i].receivers);
		else
			all |= rules[i].enabled;
	if (all)
		mark_list(c, used, NULL);
	s = NULL;
	while ((s = config_next(c, "receiver", s)) != NULL)
		if (!used[s - c->sections])
			config_warn(c, s->line, "[receiver %s]: no rule uses "
			    "it, so it is never told anything", s->name);
	for (size_t i = 0; i < n; i++)
		rule_done(&rules[i]);
	free(rules);
	free(used);
}

/* Said once, at the first rule that somebody wrote to be told of. */
static void
warn_of_nobody(struct config *c)
{
	const struct section *s = NULL;

	if (config_next(c, "receiver", NULL) != NULL)
		return;
	while ((s = config_next(c, "alert", s)) != NULL)
		if (section_text(s, "enabled") == NULL ||
		    section_flag(s, "enabled")) {
			config_warn(c, s->line, "[alert %s]: there is no "
			    "[receiver], so alerts are told to nobody: they "
			    "are on the pages and in the log only", s->name);
			return;
		}
}

/* Whether every database that it watches is looked at more seldom; those of a
 * pattern may be any.  Then *ret is how often the most frequent one is. */
static bool
is_short(const struct config *c, const struct rule *r, int64_t ms,
    int64_t *ret)
{
	const struct section *db = NULL;

	*ret = INT64_MAX;
	while ((db = config_next(c, "database", db)) != NULL) {
		int64_t interval;

		if (!rule_watches(r, db->name) && !configure_is_pattern(db))
			continue;
		interval = configure_interval(c, db);
		if (ms >= interval)
			return false;
		if (interval < *ret)
			*ret = interval;
	}
	return *ret < INT64_MAX;
}

static void
warn_of_times(struct config *c, const struct section *s, const struct rule *r)
{
	const struct {
		const char	*key, *meaning;
		int64_t		 ms;
	} times[] = {
		{ "for", "it fires at the second bad value", r->for_ms },
		{ "keep", "it is over at the second good one", r->keep_ms },
		{ "over", "it never holds more than one value", r->over_ms },
	};
	int64_t interval;
	char a[UNIT_TEXT_MAX], b[UNIT_TEXT_MAX];

	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		if (times[i].ms > 0 && section_text(s, times[i].key) != NULL &&
		    is_short(c, r, times[i].ms, &interval))
			config_warn(c, section_line(s, times[i].key),
			    "[alert %s]: %s = %s is shorter than the interval, "
			    "which is %s: %s", s->name, times[i].key,
			    ms_text(a, times[i].ms), ms_text(b, interval),
			    times[i].meaning);
}

/* The window of a measure that nothing keeps is empty after each restart. */
static void
warn_of_memory(struct config *c, const struct section *s, const struct rule *r)
{
	const struct measure *m = &measures[r->measure];
	const char *key = r->of == WINDOW_TREND ? "forecast" : "over";
	char text[UNIT_TEXT_MAX];

	if (r->over_ms < LONG_MS || section_text(s, key) == NULL ||
	    (m->history && section_flag(config_agent(c), "history")))
		return;
	config_warn(c, section_line(s, key), "[alert %s]: no history is kept "
	    "of %s, so for %s after a restart of litegauge it knows too little "
	    "to fire", s->name, m->name, ms_text(text, r->over_ms / 2));
}

/* What a moment shows is no trend. */
static void
warn_of_trend(struct config *c, const struct section *s, const struct rule *r)
{
	char ahead[UNIT_TEXT_MAX], over[UNIT_TEXT_MAX];

	if (r->of == WINDOW_TREND && r->ahead_ms / FARSIGHT > r->over_ms)
		config_warn(c, section_line(s, "forecast"), "[alert %s]: "
		    "forecast looks %s ahead and only %s back: a longer over "
		    "shows a trend, this one noise", s->name,
		    ms_text(ahead, r->ahead_ms), ms_text(over, r->over_ms));
}

static void
warn_of_rules(struct config *c)
{
	const struct section *s = NULL;
	struct rule r;
	struct err e;

	while ((s = config_next(c, "alert", s)) != NULL) {
		if (configure_rule(&r, s, NULL, &e) == -1)
			continue;	/* no: it was tried before */
		if (r.enabled) {
			warn_of_times(c, s, &r);
			warn_of_memory(c, s, &r);
			warn_of_trend(c, s, &r);
		}
		rule_done(&r);
	}
}

/* Whoever knows the URL of a chat room may write there: it is all that such a
 * type asks for.  Any other alone may be no secret. */
static bool
is_open_door(const struct section *s, const struct setting *set)
{
	const char *type = strcmp(s->kind, "receiver") == 0 ?
	    section_text(s, "type") : NULL;
	const struct receiver_type *t = type == NULL ? NULL :
	    receiver_type_find(type);

	return t != NULL && t->needs != NULL && t->takes == NULL &&
	    strcmp(t->needs, "url") == 0 &&
	    strncmp(set->text, "https://", 8) == 0;
}

/* What names an environment variable or a credential is none itself. */
static bool
is_secret(const struct section *s, const struct setting *set)
{
	return set->text != NULL && set->line > 0 &&
	    set->option->type == OPTION_SECRET &&
	    (strcmp(set->option->key, "url") != 0 || is_open_door(s, set)) &&
	    strcmp(set->option->key, "access_key_id") != 0 &&
	    strncmp(set->text, "${", 2) != 0 &&
	    strncmp(set->text, "credential:", 11) != 0;
}

static void
warn_of_secrets(struct config *c)
{
	struct stat st;

	if (stat(c->path, &st) == -1 ||
	    (st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
		return;
	for (size_t i = 0; i < c->nsections; i++)
		for (size_t k = 0; k < c->sections[i].nsettings; k++) {
			const struct section *s = &c->sections[i];
			const struct setting *set = &s->settings[k];

			if (is_secret(s, set))
				config_warn(c, set->line, "%s is a secret and "
				    "others may open this file: run chmod 600 "
				    "on it, or write the secret into a file of "
				    "its own", set->option->key);
		}
}

/* A url that is in a file is not looked at: it is a secret itself. */
static void
warn_of_clear(struct config *c)
{
	static const char *const keys[] = { "token", "token_file", "password",
	    "password_file" };
	const struct section *s = NULL;

	while ((s = config_next(c, "receiver", s)) != NULL) {
		const char *url = section_text(s, "url");

		for (size_t i = 0; url != NULL && url_is_clear(url) &&
		    i < sizeof keys / sizeof *keys; i++)
			if (section_text(s, keys[i]) != NULL)
				config_warn(c, section_line(s, keys[i]),
				    "[receiver %s]: %s goes over the network "
				    "in the clear, for the url is http://: "
				    "use https://", s->name, keys[i]);
	}
}

void
configure_warn(struct config *c)
{
	warn_of_receivers(c);
	warn_of_nobody(c);
	warn_of_rules(c);
	warn_of_secrets(c);
	warn_of_clear(c);
}
