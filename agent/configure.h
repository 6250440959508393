/*
 * configure - from a checked INI file to rules, receivers and databases.
 *
 * config.c knows that a value has the right form; here it gets its meaning, and
 * what has none is an error at its line.  All of it is tried before any of it
 * is used, by `run`, by a reload and by `check-config` alike.
 */
#ifndef AGENT_CONFIGURE_H
#define AGENT_CONFIGURE_H

#include <stddef.h>

struct agent_flags;
struct config;
struct err;
struct receiver;
struct rule;
struct section;

#define CONFIGURE_DEFAULT_FILE	"/etc/litegauge/litegauge.ini"

/*
 * Read the file that the flags or the default name, lay the flags over it and
 * check it all.  -1: config_errors() has every sentence.
 */
int	configure(struct config *, const struct agent_flags *);

/* Of a configuration that configure() found right; the caller frees. */
struct rule	*configure_rules(const struct config *, size_t *n);
/* Fills the receiver of a [receiver NAME]; receiver_done() it. */
int	configure_receiver(struct receiver *, const struct section *,
	    struct err *);
/* Where state.db is; the caller frees. */
char	*configure_state_path(const struct config *);

#endif
