/*
 * configure_find - what one section says of another, or for all of it.
 */
#ifndef AGENT_CONFIG_CONFIGURE_FIND_H
#define AGENT_CONFIG_CONFIGURE_FIND_H

#include <stdbool.h>
#include <stdint.h>

struct config;
struct section;

/* The [kind NAME], or NULL. */
const struct section *configure_find(const struct config *, const char *kind,
	    const char *name);

/* Its path has wildcards, so it is many databases. */
bool	configure_is_pattern(const struct section *database);
/* How often that database is looked at. */
int64_t	configure_interval(const struct config *,
	    const struct section *database);
/* It only stands in for others: it is a fallback, and no rule names it. */
bool	configure_is_reserve(const struct config *, const struct section *);

#endif
