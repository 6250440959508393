/*
 * config - see config.h; reading a file is in config_read.c.
 *
 * The text of a value is quoted only by option_check(), which knows what is
 * secret; a key is quoted only when it looks like one, since a secret on the
 * wrong line would look like anything else.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/config/config.h"
#include "agent/config/options.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/units.h"

#define KEY_QUOTE_MAX	20		/* no key is longer */
#define ERRORS_MAX	(512u << 10)	/* bytes of text */

static size_t
count_options(const char *kind)
{
	size_t n = 0;

	for (const struct option *o = options; o->section != NULL; o++)
		n += strcmp(o->section, kind) == 0;
	return n;
}

struct section *
config_add(struct config *c, const char *kind, const char *name, int line)
{
	const struct section_kind *k = section_kind_find(kind);
	struct section *s;
	size_t i = 0;

	assert(k != NULL);
	MEM_ROOM(c->sections, c->nsections, c->cap);
	s = &c->sections[c->nsections++];
	*s = (struct section){ k->kind, mem_strdup(name), line, NULL,
	    count_options(kind) };
	s->settings = mem_new(s->nsettings, sizeof *s->settings);
	for (const struct option *o = options; o->section != NULL; o++)
		if (strcmp(o->section, kind) == 0)
			s->settings[i++].option = o;
	return s;
}

void
config_init(struct config *c)
{
	*c = (struct config){ .path = mem_strdup("") };
	NEW(c->errors);
	buf_init(c->errors, ERRORS_MAX);
	NEW(c->warnings);
	buf_init(c->warnings, ERRORS_MAX);
	(void)config_add(c, "agent", "", 0);
}

void
config_free(struct config *c)
{
	for (size_t i = 0; i < c->nsections; i++) {
		struct section *s = &c->sections[i];

		for (size_t k = 0; k < s->nsettings; k++)
			free(s->settings[k].text);
		free(s->settings);
		free(s->name);
	}
	free(c->sections);
	free(c->path);
	if (c->errors != NULL)
		buf_free(c->errors);
	free(c->errors);
	if (c->warnings != NULL)
		buf_free(c->warnings);
	free(c->warnings);
	*c = (struct config){ 0 };
}

/* The last of the sentences makes room for one that counts the others. */
static void
count_unsaid(struct buf *b, size_t n, const char *noun)
{
	const char *last = memrchr(b->data, '\n', b->len - 1);

	if (n > CONFIG_MAX_ERRORS + 1 && last != NULL)
		b->len = (size_t)(last - b->data) + 1;
	buf_addf(b, "and %zu more %s\n", n - CONFIG_MAX_ERRORS, noun);
}

static void __attribute__((format(printf, 4, 0)))
say(const struct config *c, struct buf *b, int line, const char *fmt,
    va_list ap)
{
	bool warns = b == c->warnings;
	size_t n = warns ? c->nwarnings : c->nerrors;
	char text[1024];

	if (n > CONFIG_MAX_ERRORS) {
		count_unsaid(b, n, warns ? "warnings" : "errors");
		return;
	}
	vsnprintf(text, sizeof text, fmt, ap);
	if (line > 0)
		buf_addf(b, "%s:%d: ", c->path, line);
	buf_addf(b, "%s%s\n", warns ? "warning: " : "", text);
}

void
config_error(struct config *c, int line, const char *fmt, ...)
{
	va_list ap;

	c->nerrors++;
	va_start(ap, fmt);
	say(c, c->errors, line, fmt, ap);
	va_end(ap);
}

void
config_warn(struct config *c, int line, const char *fmt, ...)
{
	va_list ap;

	c->nwarnings++;
	va_start(ap, fmt);
	say(c, c->warnings, line, fmt, ap);
	va_end(ap);
}

const char *
config_errors(const struct config *c)
{
	return c->errors->data != NULL ? c->errors->data : "";
}

const char *
config_warnings(const struct config *c)
{
	return c->warnings->data != NULL ? c->warnings->data : "";
}

static struct setting *
find(const struct section *s, const char *key)
{
	for (size_t i = 0; i < s->nsettings; i++)
		if (strcmp(s->settings[i].option->key, key) == 0)
			return &s->settings[i];
	return NULL;
}

static void
complain_unknown(struct config *c, const struct section *s, const char *key,
    int line)
{
	struct nearest near = nearest_to(key);

	for (size_t i = 0; i < s->nsettings; i++)
		nearest_try(&near, s->settings[i].option->key);
	if (near.word != NULL)
		config_error(c, line, "[%s] has no key \"%s\": did you mean "
		    "\"%s\"?", s->kind, key, near.word);
	else if (strpbrk(key, " \t") != NULL)
		config_error(c, line, "this is not \"key = value\"");
	else if (strlen(key) <= KEY_QUOTE_MAX &&
	    strspn(key, "abcdefghijklmnopqrstuvwxyz_-") == strlen(key))
		config_error(c, line, "[%s] has no key \"%s\"", s->kind, key);
	else
		config_error(c, line, "[%s] has no such key", s->kind);
}

int
config_set(struct config *c, struct section *s, const char *key,
    const char *text, int line)
{
	struct setting *set = find(s, key);
	struct err e;

	if (set == NULL) {
		complain_unknown(c, s, key, line);
		return -1;
	}
	set->line = line;	/* a wrong value is not a missing one */
	if (option_check(set->option, text, &e) == -1) {
		config_error(c, line, "%s", e.text);
		return -1;
	}
	free(set->text);
	set->text = mem_strdup(text);
	return 0;
}

const struct section *
config_next(const struct config *c, const char *kind,
    const struct section *prev)
{
	const struct section *end = c->sections + c->nsections;

	for (prev = prev != NULL ? prev + 1 : c->sections; prev < end; prev++)
		if (strcmp(prev->kind, kind) == 0)
			return prev;
	return NULL;
}

const struct section *
config_agent(const struct config *c)
{
	return &c->sections[0];
}

/* Asking for a key that the table does not have is our own mistake. */
static const struct setting *
must_find(const struct section *s, const char *key)
{
	const struct setting *set = find(s, key);

	if (set == NULL)
		abort();
	return set;
}

const char *
section_text(const struct section *s, const char *key)
{
	const struct setting *set = must_find(s, key);

	return set->text != NULL ? set->text : set->option->fallback;
}

int64_t
section_ms(const struct section *s, const char *key)
{
	const char *text = section_text(s, key);
	struct err e;
	int64_t ms;

	if (text == NULL)
		return -1;
	if (unit_parse_ms(&ms, text, &e) == -1)
		abort();	/* option_check() let it pass */
	return ms;
}

int64_t
section_count(const struct section *s, const char *key)
{
	const char *text = section_text(s, key);
	struct err e;
	double n;

	if (text == NULL)
		return -1;
	if (unit_parse(&n, UNIT_NONE, text, &e) == -1)
		abort();	/* option_check() let it pass */
	return (int64_t)n;
}

bool
section_flag(const struct section *s, const char *key)
{
	const char *text = section_text(s, key);

	return text != NULL && unit_flag(text) == 1;
}

int
section_line(const struct section *s, const char *key)
{
	const struct setting *set = must_find(s, key);

	return set->line > 0 ? set->line : s->line;
}
