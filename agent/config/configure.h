/*
 * configure - from a checked INI file to rules, receivers and databases.
 *
 * config.c knows that a value has the right form; here it gets its meaning, and
 * what has none is an error at its line.  All of it is tried before any of it
 * is used, by `run`, by a reload and by `check-config` alike.
 */
#ifndef AGENT_CONFIG_CONFIGURE_H
#define AGENT_CONFIG_CONFIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/measure.h"

struct agent_flags;
struct config;
struct digest_options;
struct err;
struct heartbeat_options;
struct receiver;
struct rule;
struct section;
struct setup;

#define CONFIGURE_DEFAULT_FILE	"/etc/litegauge/litegauge.ini"
#define CONFIGURE_MAX_FALLBACKS	8	/* of a receiver, one after another */

/*
 * Read the file that the flags or the default name, lay the flags over it and
 * check it all.  -1: config_errors() has every sentence.  What is right and
 * hardly meant is in config_warnings().
 */
int	configure(struct config *, const struct agent_flags *);

/* In configure_replica.c.  The [replica] sections of a database as a setup, one
 * reference; NULL: it has none. */
struct setup	*configure_setup(const struct config *, const char *db);
void	configure_check_replicas(struct config *);
/* Where Litestream's file is looked for; NULL: nowhere. */
const char	*configure_litestream(const struct config *);

/* In configure_drill.c.  All borrowed but dir. */
struct drill_options {
	int64_t		 every_ms;	/* 0: only when asked to */
	int64_t		 timeout_ms;
	char		*dir;		/* owned */
	const char	*litestream;	/* NULL: the one that runs */
	const char	*db;		/* a pattern of names; NULL: all */
};

void	configure_drill(struct drill_options *, const struct config *);
void	configure_drill_done(struct drill_options *);
bool	configure_drill_has(const struct drill_options *, const char *db);

/* In configure_reports.c.  Borrowed; no section: nothing in it is said. */
void	configure_heartbeat(struct heartbeat_options *, const struct config *);
void	configure_digest(struct digest_options *, const struct config *);
void	configure_check_reports(struct config *);

/* In configure_measures.c.  Whether the configuration has that measured of the
 * database, which a section or an option decides for a few measures; and
 * whether it may be measured although no section says so. */
bool	configure_measures(const struct config *, const char *db,
	    enum measure_id);
bool	configure_is_found(enum measure_id);

/* In configure_rules.c.  The rule of an [alert NAME]; *key as in rule.h. */
int	configure_rule(struct rule *, const struct section *, const char **key,
	    struct err *);
void	configure_check_rules(struct config *);
/* All of a configuration that configure() found right; the caller frees. */
struct rule	*configure_rules(const struct config *, size_t *n);
/* In configure_warn.c. */
void	configure_warn(struct config *);

/* Fills the receiver of a [receiver NAME]; receiver_done() it. */
int	configure_receiver(struct receiver *, const struct section *,
	    struct err *);
/* Where state.db is; the caller frees. */
char	*configure_state_path(const struct config *);

#endif
