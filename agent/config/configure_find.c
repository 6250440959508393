/*
 * configure_find - see configure_find.h.
 */
#include <string.h>

#include "agent/config/config.h"
#include "agent/config/configure_find.h"
#include "alerts/rule.h"

const struct section *
configure_find(const struct config *c, const char *kind, const char *name)
{
	const struct section *s = NULL;

	while ((s = config_next(c, kind, s)) != NULL)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

bool
configure_is_pattern(const struct section *db)
{
	const char *path = section_text(db, "path");

	return path != NULL && strpbrk(path, "*?[") != NULL;
}

int64_t
configure_interval(const struct config *c, const struct section *db)
{
	int64_t ms = section_ms(db, "interval");

	return ms > 0 ? ms : section_ms(config_agent(c), "interval");
}

static bool
is_fallback(const struct config *c, const char *receiver)
{
	const struct section *s = NULL;

	while ((s = config_next(c, "receiver", s)) != NULL) {
		const char *name = section_text(s, "fallback");

		if (name != NULL && strcmp(name, receiver) == 0)
			return true;
	}
	return false;
}

bool
configure_is_reserve(const struct config *c, const struct section *receiver)
{
	const struct section *s = NULL;

	if (!is_fallback(c, receiver->name))
		return false;
	while ((s = config_next(c, "alert", s)) != NULL) {
		const char *list = section_text(s, "receivers");
		bool on = section_text(s, "enabled") == NULL ||
		    section_flag(s, "enabled");

		if (on && list != NULL &&
		    rule_receivers_have(list, receiver->name))
			return false;
	}
	return true;
}
