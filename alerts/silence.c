/*
 * silence - see silence.h.
 *
 * There are few of them, so they are a list, looked through when an alert
 * changes and not at every step.
 */
#include <fnmatch.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "alerts/clean.h"
#include "alerts/rule.h"
#include "alerts/silence.h"
#include "base/err.h"
#include "base/mem.h"

#define BLANKS		" \t"
#define SHOWN		60	/* bytes of a stranger's text */
#define ID_RANDOM	7	/* characters of 5 bits */

struct silences {
	struct silence	*first;		/* owned; the newest first */
	size_t		 n;
};

struct silences *
silences_new(void)
{
	struct silences *ss;

	NEW(ss);
	return ss;
}

void
silence_done(struct silence *s)
{
	free(s->db);
	free(s->rule);
	free(s->severity);
	free(s->why);
	free(s->who);
	*s = (struct silence){ 0 };
}

/* Takes the one that the link points to out of the list. */
static void
drop(struct silences *ss, struct silence **link)
{
	struct silence *s = *link;

	*link = s->next;
	ss->n--;
	silence_done(s);
	free(s);
}

void
silences_free(struct silences *ss)
{
	if (ss == NULL)
		return;
	while (ss->first != NULL)
		drop(ss, &ss->first);
	free(ss);
}

/* What may be matched, and where its pattern goes. */
static const struct field {
	const char	*name;
	size_t		 at;		/* in struct silence */
} fields[] = {
	{ "db",		offsetof(struct silence, db) },
	{ "rule",	offsetof(struct silence, rule) },
	{ "severity",	offsetof(struct silence, severity) },
};

static char **
pattern_of(struct silence *s, const struct field *f)
{
	return (void *)((char *)s + f->at);
}

static const struct field *
find_field(const char *word, size_t n)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (strlen(fields[i].name) == n &&
		    memcmp(fields[i].name, word, n) == 0)
			return &fields[i];
	return NULL;
}

/* One "db=app" of n bytes. */
static int
parse_word(struct silence *s, const char *word, size_t n, struct err *e)
{
	const char *eq = memchr(word, '=', n);
	const struct field *f = eq == NULL ? NULL :
	    find_field(word, (size_t)(eq - word));
	char **pattern, *text;

	if (f == NULL)
		return err_set(e, "\"%.*s\" is not db=, rule= or severity= and "
		    "a pattern", n < SHOWN ? (int)n : SHOWN, word);
	pattern = pattern_of(s, f);
	if (*pattern != NULL)
		return err_set(e, "%s= is said twice", f->name);
	text = mem_printf("%.*s", (int)(n - (size_t)(eq + 1 - word)), eq + 1);
	*pattern = text;
	if (*text == '\0')
		return err_set(e, "%s= has no pattern; * is any", f->name);
	if (!clean_is(text, SILENCE_TEXT_MAX))
		return err_set(e, "the pattern of %s= is longer than %d bytes "
		    "or not plain text", f->name, SILENCE_TEXT_MAX);
	return 0;
}

static bool
fits(const char *pattern, const char *text)
{
	return pattern == NULL || fnmatch(pattern, text, 0) == 0;
}

/* Of databases and rules there may be others tomorrow; of these there are not.
 */
static int
check_severity(const struct silence *s, struct err *e)
{
	for (int i = 0; i < SEVERITY_COUNT; i++)
		if (fits(s->severity, severity_name((enum severity)i)))
			return 0;
	return err_set(e, "severity=%.*s is none of info, warning and critical",
	    SHOWN, s->severity);
}

int
silence_parse(struct silence *s, const char *match, struct err *e)
{
	size_t n;

	for (const char *c = match; *c != '\0'; c += n) {
		c += strspn(c, BLANKS);
		n = strcspn(c, BLANKS);
		if (n > 0 && parse_word(s, c, n, e) == -1)
			return -1;
	}
	if (s->db == NULL && s->rule == NULL && s->severity == NULL)
		return err_set(e, "it matches nothing: say db=, rule= or "
		    "severity= and a pattern, as in \"db=app rule=write-*\"");
	return check_severity(s, e);
}

static void
make_id(char id[SILENCE_ID_MAX])
{
	static const char alphabet[] = "0123456789abcdefghijklmnopqrstuv";
	unsigned char bytes[ID_RANDOM];

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		abort();	/* so few cannot fail */
	id[0] = 's';
	for (size_t i = 0; i < ID_RANDOM; i++)
		id[1 + i] = alphabet[bytes[i] & 31];
	id[1 + ID_RANDOM] = '\0';
}

int
silences_add(struct silences *ss, struct silence *from,
    const struct silence **ret, struct err *e)
{
	struct silence *s;

	if (ss->n == SILENCES_MAX)
		return err_set(e, "there are %d silences already: end some of "
		    "them first", SILENCES_MAX);
	NEW(s);
	*s = *from;
	*from = (struct silence){ 0 };
	if (s->why == NULL)
		s->why = mem_strdup("");
	if (s->who == NULL)
		s->who = mem_strdup("");
	if (s->id[0] == '\0')
		make_id(s->id);
	s->next = ss->first;
	ss->first = s;
	ss->n++;
	if (ret != NULL)
		*ret = s;
	return 0;
}

int
silences_end(struct silences *ss, const char *id, struct err *e)
{
	struct silence **link = &ss->first;

	while (*link != NULL && strcmp((*link)->id, id) != 0)
		link = &(*link)->next;
	if (*link == NULL)
		return err_set(e, "there is no silence %.*s; `litegauge "
		    "silence` lists them", SHOWN, id);
	drop(ss, link);
	return 0;
}

void
silences_expire(struct silences *ss, int64_t wall_ms,
    void (*ended)(void *, const struct silence *), void *arg)
{
	struct silence **link = &ss->first;

	while (*link != NULL) {
		if ((*link)->until_ms > wall_ms) {
			link = &(*link)->next;
			continue;
		}
		ended(arg, *link);
		drop(ss, link);
	}
}

bool
silence_fits(const struct silence *s, const char *db, const char *rule,
    const char *severity)
{
	return fits(s->db, db) && fits(s->rule, rule) &&
	    fits(s->severity, severity);
}

const struct silence *
silences_find(const struct silences *ss, const char *db, const char *rule,
    const char *severity, int64_t wall_ms)
{
	const struct silence *longest = NULL;

	for (const struct silence *s = ss->first; s != NULL; s = s->next)
		if (s->until_ms > wall_ms &&
		    silence_fits(s, db, rule, severity) &&
		    (longest == NULL || s->until_ms > longest->until_ms))
			longest = s;
	return longest;
}

const struct silence *
silences_first(const struct silences *ss)
{
	return ss->first;
}

size_t
silences_count(const struct silences *ss)
{
	return ss->n;
}
