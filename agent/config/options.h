/*
 * options - every key of litegauge.ini: one row is the whole option.
 *
 * The parser, check-config and the table in litegauge.ini(5) read these rows.
 */
#ifndef AGENT_CONFIG_OPTIONS_H
#define AGENT_CONFIG_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

struct err;

enum option_type {
	OPTION_TEXT,
	OPTION_PATH,		/* absolute, or from the current directory */
	OPTION_LISTEN,		/* ADDR:PORT, [ADDR6]:PORT */
	OPTION_DURATION,	/* see unit_parse_ms(); min and max in ms */
	OPTION_COUNT,		/* a plain number; min and max */
	OPTION_FLAG,		/* yes, no, true, false, on, off, 1, 0 */
	OPTION_CHOICE,		/* one of choices */
	OPTION_SECRET,		/* text that is never printed */
};

struct option {
	const char	*section, *key;
	enum option_type type;
	const char	*fallback;	/* as text; NULL: none */
	int64_t		 min, max;	/* OPTION_DURATION, OPTION_COUNT */
	unsigned	 zero_off:1;	/* 0 is right too, below min */
	unsigned	 required:1;	/* the section is wrong without it */
	const char	*choices;	/* OPTION_CHOICE: "a b c" */
	const char	*help;		/* the manual's sentence */
};

struct section_kind {
	const char	*kind;
	int		 named;		/* [kind NAME] */
	const char	*help;
};

extern const struct option options[];		/* NULL section ends it */
extern const struct section_kind section_kinds[];	/* NULL ends it */

const struct option *option_find(const char *section, const char *key);
const struct section_kind *section_kind_find(const char *kind);
/* 0 when the text is right for the option; else a sentence. */
int	option_check(const struct option *, const char *text, struct err *);

#endif
