/*
 * cmd_silence - begin, end and list silences of the agent that runs.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/ask.h"
#include "agent/commands.h"
#include "agent/err.h"

static const char *
text_of(const json_t *s, const char *key)
{
	const char *text = json_string_value(json_object_get(s, key));

	return text != NULL ? text : "";
}

static void
print_match(const json_t *s)
{
	static const char *const keys[] = { "db", "rule", "severity" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (json_is_string(json_object_get(s, keys[i])))
			printf(" %s=%s", keys[i], text_of(s, keys[i]));
}

/* "s4k2j9xq until 2026-11-28 12:00 UTC: db=app rule=write-* (root: why)" */
static void
print_silence(const json_t *s)
{
	const char *until = text_of(s, "until");

	printf("%s until %.10s %.5s UTC:", text_of(s, "id"), until,
	    strlen(until) > 16 ? until + 11 : "");
	print_match(s);
	printf(" (%s: %s)\n", text_of(s, "who"), text_of(s, "why"));
}

static int
list(const struct agent_flags *f)
{
	const struct asking q = { .path = "/api/v1/silences" };
	struct err e;
	json_t *all = ask(f, &q, &e), *s;
	size_t i;

	if (all == NULL) {
		fprintf(stderr, "litegauge: %s\n", e.text);
		return EXIT_TROUBLE;
	}
	if (f->json) {
		json_dumpf(all, stdout, JSON_COMPACT);
		puts("");
	} else {
		json_array_foreach(all, i, s)
			print_silence(s);
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
	} else {
		printf("%s has ended.\n", json_string_value(s));
	}
	json_decref(s);
	return EXIT_FINE;
}

int
cmd_silence(const struct agent_flags *f, int argc, char **argv)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *why = argc > 2 ? argv[2] : NULL;

	if (argc == 0)
		return list(f);
	if (argc == 1) {
		fprintf(stderr, "litegauge: say for how long, as in silence "
		    "db=app 2h \"why\"\n");
		return EXIT_USAGE;
	}
	if (strcmp(argv[0], "end") == 0)
		return tell(f, &(struct asking){ "/api/v1/silences/end", true,
		    { { "id", argv[1] } } });
	return tell(f, &(struct asking){ "/api/v1/silences/add", true,
	    { { "match", argv[0] }, { "for", argv[1] }, { "why", why },
	      { "who", pw != NULL ? pw->pw_name : "unknown" } } });
}
