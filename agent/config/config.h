/*
 * config - the INI file, checked before it is believed.
 *
 * A configuration is a list of sections, each a list of settings that the table
 * in options.c knows and whose type was checked, so that asking for a value
 * cannot fail.  A file with errors gives all of them, "file:line: what is
 * wrong", and no configuration.  What a value means (a rule, a receiver) is the
 * business of its room; config_error() lets that room point at the line, and
 * config_warn() at one that is right and hardly what was meant.
 */
#ifndef AGENT_CONFIG_CONFIG_H
#define AGENT_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

#define CONFIG_MAX_BYTES	(1u << 20)	/* of the file */
#define CONFIG_MAX_SECTIONS	20000
#define CONFIG_MAX_ERRORS	50		/* said; the rest are counted */

struct setting {
	const struct option	*option;
	char			*text;	/* owned */
	int			 line;	/* 0: not from a file */
};

struct section {
	const char	*kind;		/* "agent", "database", ...: static */
	char		*name;		/* owned; "" for [agent] */
	int		 line;
	struct setting	*settings;	/* owned; one per option of the kind, */
	size_t		 nsettings;	/*   text NULL where nothing was said */
};

struct config {
	char		*path;		/* owned; "" when there is no file */
	struct section	*sections;	/* owned */
	size_t		 nsections, cap;
	struct buf	*errors, *warnings;	/* owned; lines of text */
	size_t		 nerrors, nwarnings;
};

/* -1: config_errors() has the sentences; the config may only be freed. */
int	config_read(struct config *, const char *path);
int	config_parse(struct config *, const char *path, const char *text);
void	config_init(struct config *);		/* empty, without a file */
void	config_free(struct config *);

/* For --db and the like: a section that no file has.  Never NULL; it moves
 * when the next one is added. */
struct section	*config_add(struct config *, const char *kind,
		    const char *name, int line);
int		 config_set(struct config *, struct section *, const char *key,
		    const char *text, int line);

/* The section after prev of that kind; NULL starts and ends. */
const struct section *config_next(const struct config *, const char *kind,
		    const struct section *prev);
/* [agent] always exists: its values are defaults when the file has none. */
const struct section *config_agent(const struct config *);

/* The value, or the option's default; where there is neither NULL, -1, false.
 * The line is the section's when the key was not given. */
const char	*section_text(const struct section *, const char *key);
int64_t		 section_count(const struct section *, const char *key);
int64_t		 section_ms(const struct section *, const char *key);
bool		 section_flag(const struct section *, const char *key);
int		 section_line(const struct section *, const char *key);

/* Line 0: about no line, so the sentence stands alone. */
void		 config_error(struct config *, int line, const char *, ...)
		    __attribute__((format(printf, 3, 4)));
void		 config_warn(struct config *, int line, const char *, ...)
		    __attribute__((format(printf, 3, 4)));
const char	*config_errors(const struct config *);	/* "" when none */
const char	*config_warnings(const struct config *);

#endif
