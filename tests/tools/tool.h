/*
 * tool - what the test tools share, so that each stays one file to compile.
 *
 * A command line read by a table, a clock, a sleep, and a number left in a
 * file for whoever waits for it.  Nothing here is litegauge's: a tool that
 * proves the agent right must not be built from it.
 */
#ifndef TESTS_TOOLS_TOOL_H
#define TESTS_TOOLS_TOOL_H

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TOOL_MAX_COUNT	1000000000	/* of anything; SQLite's longest blob */
#define TOOL_MAX_OPTIONS 32
#define TOOL_LENGTH(a)	(sizeof (a) / sizeof (a)[0])
#define TOOL_S		1000000000	/* in ns */
#define TOOL_MS		1000000

enum tool_kind { TOOL_FLAG, TOOL_COUNT, TOOL_DECIMAL, TOOL_WORD, TOOL_TEXT };

struct tool_option {
	const char	*name;
	enum tool_kind	 kind;
	void		*value;	/* bool, int64_t, double, const char * twice */
	const char	*hint;	/* of a word: all that are understood, by '|' */
	const char	*help;
};

static inline bool
tool_read_count(const char *text, int64_t *ret)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n < 0 ||
	    n > TOOL_MAX_COUNT)
		return false;
	*ret = n;
	return true;
}

static inline bool
tool_read_decimal(const char *text, double *ret)
{
	char *end;
	double d;

	d = strtod(text, &end);
	if (end == text || *end != '\0' || !(d >= 0 && d <= TOOL_MAX_COUNT))
		return false;
	*ret = d;
	return true;
}

static inline bool
tool_read_word(const char *text, const char *words, const char **ret)
{
	const size_t n = strlen(text);

	for (const char *w = words; *w != '\0'; w += *w == '|') {
		const size_t len = strcspn(w, "|");

		if (len == n && memcmp(w, text, n) == 0) {
			*ret = text;
			return true;
		}
		w += len;
	}
	return false;
}

static inline bool
tool_set(const struct tool_option *o, const char *text)
{
	switch (o->kind) {
	case TOOL_FLAG:
		*(bool *)o->value = true;
		return true;
	case TOOL_COUNT:
		return tool_read_count(text, o->value);
	case TOOL_DECIMAL:
		return tool_read_decimal(text, o->value);
	case TOOL_WORD:
		return tool_read_word(text, o->hint, o->value);
	case TOOL_TEXT:
		*(const char **)o->value = text;
		return true;
	}
	abort();
}

static inline void
tool_help(const char *usage, const struct tool_option *options, size_t n)
{
	fprintf(stderr, "usage: %s\n", usage);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "  --%s %s\n      %s\n", options[i].name,
		    options[i].hint, options[i].help);
}

/* Read the options; optind is then the first operand's index. */
static inline bool
tool_options(int argc, char **argv, const char *usage,
    const struct tool_option *options, size_t n)
{
	struct option longs[TOOL_MAX_OPTIONS + 1] = { 0 };
	int i = 0;

	if (n > TOOL_MAX_OPTIONS)
		abort();
	for (size_t k = 0; k < n; k++) {
		longs[k].name = options[k].name;
		longs[k].has_arg = options[k].kind != TOOL_FLAG;
	}
	for (int c; (c = getopt_long(argc, argv, "", longs, &i)) != -1; ) {
		if (c != 0) {
			tool_help(usage, options, n);
			return false;
		}
		if (!tool_set(&options[i], optarg)) {
			fprintf(stderr, "%s: --%s %s: not understood, the "
			    "option wants %s.\n", argv[0], options[i].name,
			    optarg, options[i].hint);
			return false;
		}
	}
	return true;
}

static inline int64_t
tool_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * TOOL_S + t.tv_nsec;
}

/*
 * Sleep, or less when a signal comes.  By poll(2), so that the only
 * clock_nanosleep(2) of a tool is that of a busy handler, as it is in an app:
 * somebody may be counting those.
 */
static inline void
tool_nap(int64_t ns)
{
	struct timespec t = { ns / TOOL_S, ns % TOOL_S };

	(void)ppoll(NULL, 0, &t, NULL);
}

static inline void tool_die(const char *, const char *)
    __attribute__((noreturn));

static inline void
tool_die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s.\n", program_invocation_short_name, what,
	    why);
	exit(1);
}

/* Leave a number in a file that is either absent or whole. */
static inline bool
tool_leave(const char *path, long number)
{
	char part[4096];
	FILE *f;
	bool good;

	if ((size_t)snprintf(part, sizeof part, "%s.part", path) >=
	    sizeof part || (f = fopen(part, "w")) == NULL)
		return false;
	good = fprintf(f, "%ld\n", number) > 0;
	return fclose(f) == 0 && good && rename(part, path) == 0;
}

#endif
