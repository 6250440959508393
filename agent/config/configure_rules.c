/*
 * configure_rules - from [alert NAME] sections to rules.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/config/configure_find.h"
#include "alerts/rule.h"
#include "base/err.h"
#include "base/mem.h"

static struct rule_text
text_of(const struct section *s)
{
	return (struct rule_text){
		.name	   = s->name,
		.when	   = section_text(s, "when"),
		.over	   = section_text(s, "over"),
		.forecast  = section_text(s, "forecast"),
		.for_	   = section_text(s, "for"),
		.clear	   = section_text(s, "clear"),
		.keep	   = section_text(s, "keep"),
		.severity  = section_text(s, "severity"),
		.repeat	   = section_text(s, "repeat"),
		.only	   = section_text(s, "only"),
		.message   = section_text(s, "message"),
		.receivers = section_text(s, "receivers"),
		.db	   = section_text(s, "db"),
		.enabled   = section_text(s, "enabled"),
	};
}

int
configure_rule(struct rule *r, const struct section *s, const char **key,
    struct err *e)
{
	struct rule_text text = text_of(s);

	return rule_parse(r, &text, key, e);
}

/* Every name of a rule's "a, b" must be a receiver. */
static void
check_receivers_of(struct config *c, const struct section *rule)
{
	const char *list = section_text(rule, "receivers");
	char *copy, *rest, *name;

	if (list == NULL)
		return;
	copy = rest = mem_strdup(list);
	while ((name = strsep(&rest, ", \t")) != NULL)
		if (*name != '\0' &&
		    configure_find(c, "receiver", name) == NULL)
			config_error(c, section_line(rule, "receivers"),
			    "[alert %s]: there is no [receiver %s]",
			    rule->name, name);
	free(copy);
}

static void
check_db_of(struct config *c, const struct section *s, const struct rule *r)
{
	const struct section *db = NULL;

	if (r->db == NULL || !r->enabled)
		return;
	while ((db = config_next(c, "database", db)) != NULL)
		if (rule_watches(r, db->name))
			return;
	config_error(c, section_line(s, "db"), "[alert %s]: no [database] has "
	    "a name like %s, so this could never fire", s->name, r->db);
}

/* What a [database] that is a pattern will find nobody knows; and that there is
 * none at all is an error by itself. */
static bool
knows_databases(const struct config *c)
{
	const struct section *db = NULL;

	while ((db = config_next(c, "database", db)) != NULL)
		if (configure_is_pattern(db))
			return false;
	return config_next(c, "database", NULL) != NULL;
}

void
configure_check_rules(struct config *c)
{
	bool all_known = knows_databases(c);
	const struct section *s = NULL;

	while ((s = config_next(c, "alert", s)) != NULL) {
		const char *key = NULL;
		struct rule rule;
		struct err e;

		if (configure_rule(&rule, s, &key, &e) == -1) {
			config_error(c, strcmp(key, "name") == 0 ? s->line :
			    section_line(s, key), "[alert %s]: %s", s->name,
			    e.text);
		} else {
			if (all_known)
				check_db_of(c, s, &rule);
			rule_done(&rule);
		}
		check_receivers_of(c, s);
	}
}

struct rule *
configure_rules(const struct config *c, size_t *n)
{
	const struct section *s = NULL;
	struct rule *rules;
	size_t max = 0;
	struct err e;

	for (size_t i = 0; builtin_rules[i].name != NULL; i++)
		max++;
	while ((s = config_next(c, "alert", s)) != NULL)
		max++;
	rules = mem_new(max + 1, sizeof *rules);
	*n = 0;
	/* Each was tried before, so here none can fail. */
	for (size_t i = 0; builtin_rules[i].name != NULL; i++)
		if (configure_find(c, "alert", builtin_rules[i].name) == NULL)
			*n += rule_parse(&rules[*n], &builtin_rules[i], NULL,
			    &e) == 0;
	while ((s = config_next(c, "alert", s)) != NULL)
		*n += configure_rule(&rules[*n], s, NULL, &e) == 0;
	return rules;
}
