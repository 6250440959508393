/*
 * cmd_silence - begin, end and list silences of the agent that runs.
 *
 * Whatever answers at its address is not trusted with our terminal.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/commands/ask.h"
#include "agent/commands/commands.h"
#include "alerts/clean.h"
#include "base/err.h"

#define TEXT_SHOWN	256	/* bytes, as of a silence */

/* The caller frees. */
static char *
clean_of(const json_t *text)
{
	return clean_copy(json_is_string(text) ? json_string_value(text) : "",
	    TEXT_SHOWN);
}

static void
print_text(const char *before, const json_t *text, const char *after)
{
	char *clean = clean_of(text);

	printf("%s%s%s", before, clean, after);
	free(clean);
}

static bool
has_text(const json_t *text)
{
	return json_is_string(text) && json_string_length(text) > 0;
}

static void
print_match(const json_t *s)
{
	static const char *const keys[] = { "db", "rule", "severity" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const json_t *pattern = json_object_get(s, keys[i]);

		if (!json_is_string(pattern))
			continue;
		printf(" %s", keys[i]);
		print_text("=", pattern, "");
	}
}

/* "s4k2j9xq until 2026-11-28 12:00 UTC: db=app rule=write-* (root: why)" */
static void
print_silence(const json_t *s)
{
	char *until = clean_of(json_object_get(s, "until"));

	print_text("", json_object_get(s, "id"), " until ");
	printf("%.10s %.5s UTC:", until, strlen(until) > 16 ? until + 11 : "");
	free(until);
	print_match(s);
	print_text(" (", json_object_get(s, "who"), "");
	if (has_text(json_object_get(s, "why")))
		print_text(": ", json_object_get(s, "why"), "");
	puts(")");
}

static int
list(const struct agent_flags *f)
{
	const struct asking q = { .path = "/api/v1/silences" };
	struct err e;
	json_t *all = ask(f, &q, &e);

	if (all == NULL) {
		fprintf(stderr, "litegauge: %s\n", e.text);
		return EXIT_TROUBLE;
	}
	if (f->json) {
		json_dumpf(all, stdout, JSON_COMPACT);
		puts("");
	} else {
		for (size_t i = 0; i < json_array_size(all); i++)
			print_silence(json_array_get(all, i));
		if (json_array_size(all) == 0)
			puts("Nothing is silenced.");
	}
	json_decref(all);
	return EXIT_FINE;
}

static int
tell(const struct agent_flags *f, const struct asking *q)
{
	struct err e;
	json_t *s = ask(f, q, &e);

	if (s == NULL) {
		fprintf(stderr, "litegauge: %s\n", e.text);
		return EXIT_TROUBLE;
	}
	if (f->json) {
		json_dumpf(s, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
		puts("");
	} else if (json_is_object(s)) {
		print_silence(s);
		if (json_integer_value(json_object_get(s, "alerts")) == 0)
			puts("No alert that there is now fits it: are the "
			    "names right?");
	} else {
		print_text("", s, " has ended.\n");
	}
	json_decref(s);
	return EXIT_FINE;
}

int
cmd_silence(const struct agent_flags *f, int argc, char **argv)
{
	/* cppcheck-suppress getpwuidCalled; a command has one thread */
	const struct passwd *pw = getpwuid(getuid());
	const char *why = argc > 2 ? argv[2] : NULL;

	if (argc == 0)
		return list(f);
	if (argc == 1) {
		fprintf(stderr, strcmp(argv[0], "end") == 0 ?
		    "litegauge: say which one, as in silence end s4k2j9xq\n" :
		    "litegauge: say for how long, as in silence db=app 2h "
		    "\"why\"\n");
		return EXIT_USAGE;
	}
	if (strcmp(argv[0], "end") == 0)
		return tell(f, &(struct asking){ "/api/v1/silences/end", true,
		    { { "id", argv[1] } } });
	return tell(f, &(struct asking){ "/api/v1/silences/add", true,
	    { { "match", argv[0] }, { "for", argv[1] }, { "why", why },
	      { "who", pw != NULL ? pw->pw_name : "unknown" } } });
}
