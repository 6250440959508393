/*
 * config_read - from the text of an INI file to sections and settings.
 *
 * Everything wrong with a file is said at once, so no check may stop the next
 * one: a section of an unknown kind is told, and its keys are passed over.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/config/config.h"
#include "agent/config/options.h"
#include "base/buf.h"
#include "base/inifile.h"
#include "base/mem.h"
#include "base/nearest.h"

struct reading {
	struct config	*config;
	struct section	*section;	/* NULL: its keys are passed over */
	bool		 headed;	/* some section has begun */
};

static void
on_pair(void *arg, int line, const char *key, const char *text)
{
	struct reading *r = arg;
	int before = 0;

	if (!r->headed)
		config_error(r->config, line, "there is no section before "
		    "this: begin with [agent]");
	r->headed = true;		/* said once */
	if (r->section == NULL)
		return;
	if (option_find(r->section->kind, key) != NULL)
		before = section_line(r->section, key);
	if (before > r->section->line)	/* else it was not given yet */
		config_error(r->config, line, "%s is already on line %d", key,
		    before);
	else
		(void)config_set(r->config, r->section, key, text, line);
}

static void
complain_kind(struct config *c, int line, const char *kind)
{
	struct nearest near = nearest_to(kind);

	for (const struct section_kind *k = section_kinds; k->kind; k++)
		nearest_try(&near, k->kind);
	if (near.word != NULL)
		config_error(c, line, "there is no [%s]: did you mean [%s]?",
		    kind, near.word);
	else
		config_error(c, line, "there is no section [%s]", kind);
}

/* The section that the header names, with its name; NULL after a complaint. */
static const struct section_kind *
split_header(struct config *c, int line, char *header, const char **name)
{
	char *kind = header + strspn(header, " \t");
	char *space = kind + strcspn(kind, " \t");
	char *rest = space + strspn(space, " \t");
	size_t n = strlen(rest);
	const struct section_kind *k;

	while (n > 0 && (rest[n - 1] == ' ' || rest[n - 1] == '\t'))
		rest[--n] = '\0';
	*space = '\0';
	*name = rest;
	k = section_kind_find(kind);
	if (k == NULL)
		complain_kind(c, line, kind);
	else if (k->named && n == 0)
		config_error(c, line, "[%s] needs a name: [%s NAME]", kind,
		    kind);
	else if (!k->named && n > 0)
		config_error(c, line, "[%s] has no name of its own", kind);
	else
		return k;
	return NULL;
}

static void
on_section(void *arg, int line, const char *text)
{
	struct reading *r = arg;
	struct config *c = r->config;
	char header[INIFILE_NAME_MAX + 1] = "";
	const struct section_kind *k;
	const char *name;

	r->headed = true;
	r->section = NULL;
	if (text == NULL)
		return;
	assert(strlen(text) < sizeof header);
	memcpy(header, text, strlen(text));
	k = split_header(c, line, header, &name);
	if (k == NULL)
		return;
	if (c->nsections > CONFIG_MAX_SECTIONS) {
		config_error(c, line, "more than %d sections",
		    CONFIG_MAX_SECTIONS);
	} else if (strcmp(k->kind, c->sections[0].kind) == 0 &&
	    c->sections[0].line == 0) {
		r->section = &c->sections[0];
		r->section->line = line;
	} else {
		r->section = config_add(c, k->kind, name, line);
	}
}

static void
on_error(void *arg, int line, const char *sentence)
{
	struct reading *r = arg;

	config_error(r->config, line, "%s", sentence);
}

static int
by_name(const void *a, const void *b)
{
	const struct section *s = *(const struct section *const *)a;
	const struct section *t = *(const struct section *const *)b;
	int order = strcmp(s->kind, t->kind);

	if (order == 0)
		order = strcmp(s->name, t->name);
	return order != 0 ? order : (s->line > t->line) - (s->line < t->line);
}

static bool
same_name(const struct section *s, const struct section *t)
{
	return strcmp(s->kind, t->kind) == 0 && strcmp(s->name, t->name) == 0;
}

/* Sorted, because a file may have thousands of them. */
static void
check_duplicates(struct config *c)
{
	const struct section **sorted = mem_new(c->nsections, sizeof *sorted);
	const struct section *s, *first;

	for (size_t i = 0; i < c->nsections; i++)
		sorted[i] = &c->sections[i];
	qsort(sorted, c->nsections, sizeof *sorted, by_name);
	first = sorted[0];
	for (size_t i = 1; i < c->nsections; i++) {
		s = sorted[i];
		if (!same_name(first, s))
			first = s;
		else
			config_error(c, s->line, "[%s%s%s] is already on line "
			    "%d", s->kind, *s->name ? " " : "", s->name,
			    first->line);
	}
	free(sorted);
}

static void
check_required(struct config *c, const struct section *s)
{
	for (size_t i = 0; i < s->nsettings; i++) {
		const struct setting *set = &s->settings[i];

		if (set->option->required && set->line == 0)
			config_error(c, s->line, "[%s %s] has no %s", s->kind,
			    s->name, set->option->key);
	}
}

static int
parse(struct config *c, const char *text, size_t n)
{
	struct reading r = { .config = c };
	struct inifile_reader to = { on_section, on_pair, on_error, &r };

	inifile_read(&to, text, n);
	for (size_t i = 0; i < c->nsections; i++)
		check_required(c, &c->sections[i]);
	check_duplicates(c);
	return c->nerrors > 0 ? -1 : 0;
}

static void
init_with_path(struct config *c, const char *path)
{
	config_init(c);
	free(c->path);
	c->path = mem_strdup(path);
}

int
config_parse(struct config *c, const char *path, const char *text)
{
	init_with_path(c, path);
	return parse(c, text, strlen(text));
}

/* All bytes of the file, or -1 with errno; EFBIG past the limit. */
static int
read_all(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "re");
	char piece[4096];
	size_t n;
	int status = -1;

	if (f == NULL)
		return -1;
	while (buf_ok(b) && (n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(b, piece, n);
	if (!buf_ok(b))
		errno = EFBIG;
	else if (!ferror(f))
		status = 0;
	(void)fclose(f);
	return status;
}

int
config_read(struct config *c, const char *path)
{
	struct buf b;
	int status = -1;

	init_with_path(c, path);
	buf_init(&b, CONFIG_MAX_BYTES);
	if (read_all(path, &b) == -1)
		config_error(c, 0, "%s: %s", path, strerror(errno));
	else
		status = parse(c, b.data != NULL ? b.data : "", b.len);
	buf_free(&b);
	return status;
}
