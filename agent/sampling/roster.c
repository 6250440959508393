/*
 * roster - see roster.h.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/sampling/roster.h"
#include "agent/sampling/sampler.h"
#include "base/mem.h"
#include "collectors/database.h"
#include "litestream/drill.h"
#include "litestream/finding.h"

#define PATTERN_EVERY_MS	30000	/* how often matches are looked for */

static void
discard(struct mail *m)
{
	order_free((struct order *)(void *)m);
}

struct order *
order_new(enum order_kind kind, const char *name, const char *path)
{
	struct order *o;

	NEW(o);
	o->mail.discard = discard;
	o->kind = kind;
	o->name = name ? mem_strdup(name) : NULL;
	o->path = path ? mem_strdup(path) : NULL;
	return o;
}

void
order_free(struct order *o)
{
	free(o->name);
	free(o->path);
	setup_unref(o->setup);
	finding_free(o->finding);
	drill_free(o->drill);
	free(o);
}

void
roster_free_entry(struct entry *e)
{
	subject_done(&e->subject);
	free(e->place);
	free(e);
}

void
roster_done(struct roster *r)
{
	for (size_t i = 0; i < r->n; i++)
		roster_free_entry(r->entries[i]);
	for (size_t i = 0; i < r->npatterns; i++) {
		free(r->patterns[i].name);
		free(r->patterns[i].path);
	}
	free(r->entries);
	free(r->patterns);
	*r = (struct roster){ 0 };
}

/* Where the first of that name stands, or would stand. */
static size_t
place(const struct roster *r, const char *name)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(r->entries[middle]->subject.db->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct entry *
roster_find(const struct roster *r, const char *name)
{
	size_t i = place(r, name);

	return i < r->n && strcmp(r->entries[i]->subject.db->name, name) == 0 ?
	    r->entries[i] : NULL;
}

static void
insert(struct roster *r, struct entry *e)
{
	size_t i = place(r, e->subject.db->name);

	MEM_ROOM(r->entries, r->n, r->cap);
	memmove(&r->entries[i + 1], &r->entries[i],
	    (r->n++ - i) * sizeof *r->entries);
	r->entries[i] = e;
}

static void
add(struct roster *r, const struct pattern *p, const char *name,
    const char *path, int64_t interval_ms)
{
	struct entry *e;

	if (r->n >= SAMPLER_MAX_DATABASES) {
		r->refused++;
		return;
	}
	NEW(e);
	e->dir_wd = -1;
	subject_init(&e->subject, database_new(name, path, interval_ms));
	e->origin = p != NULL ? p->name : e->subject.db->name;
	insert(r, e);
}

void
roster_watch(struct roster *r, const char *name, const char *path,
    int64_t interval_ms)
{
	if (strpbrk(path, "*?[") == NULL) {
		add(r, NULL, name, path, interval_ms);
		return;
	}
	MEM_ROOM(r->patterns, r->npatterns, r->patterns_cap);
	r->patterns[r->npatterns++] = (struct pattern){
		mem_strdup(name), mem_strdup(path), interval_ms, 0, false,
	};
}

static void
drop_pattern(struct roster *r, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < r->npatterns; i++) {
		if (strcmp(r->patterns[i].name, name) == 0) {
			free(r->patterns[i].name);
			free(r->patterns[i].path);
		} else {
			r->patterns[n++] = r->patterns[i];
		}
	}
	r->npatterns = n;
}

void
roster_unwatch(struct roster *r, const char *name, roster_gone_fn *gone,
    void *arg)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->entries[i]->origin, name) == 0)
			gone(arg, r->entries[i]);
		else
			r->entries[n++] = r->entries[i];
	}
	r->n = n;
	drop_pattern(r, name);	/* last: it has their origin's name */
}

/* Side files of a database match "*" as well as it does. */
static bool
is_side_file(const char *path)
{
	static const char *const ends[] = { "-wal", "-shm", "-journal" };
	size_t len = strlen(path);

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t n = strlen(ends[i]);

		if (len > n && strcmp(path + len - n, ends[i]) == 0)
			return true;
	}
	return false;
}

struct pattern *
roster_due_pattern(struct roster *r, int64_t now)
{
	for (size_t i = 0; i < r->npatterns; i++) {
		if (r->patterns[i].busy || r->patterns[i].due_ms > now)
			continue;
		r->patterns[i].busy = true;
		r->patterns[i].due_ms = now + PATTERN_EVERY_MS;
		return &r->patterns[i];
	}
	return NULL;
}

void
roster_look_again(struct roster *r, const char *name)
{
	for (size_t i = 0; i < r->npatterns; i++)
		if (strcmp(r->patterns[i].name, name) == 0) {
			r->patterns[i].busy = false;
			r->patterns[i].due_ms = 0;
		}
}

bool
roster_glob(const char *path, glob_t *ret)
{
	int rc = glob(path, 0, NULL, ret);

	if (rc != 0)
		*ret = (glob_t){ 0 };
	return rc == 0 || rc == GLOB_NOMATCH;
}

/* What a match adds to the pattern's folder: /data/?/app.db is "1/app.db". */
static const char *
tail_of(const struct pattern *p, const char *match)
{
	size_t n = strcspn(p->path, "*?[");

	while (n > 0 && p->path[n - 1] != '/')
		n--;
	return strncmp(match, p->path, n) == 0 ? match + n : match;
}

static bool
is_match(const glob_t *g, const char *path)
{
	for (size_t i = 0; i < g->gl_pathc; i++)
		if (strcmp(g->gl_pathv[i], path) == 0)
			return true;
	return false;
}

/* One that was removed is not missed: it only does not match any more. */
static void
drop_vanished(struct roster *r, const struct pattern *p, const glob_t *g,
    roster_gone_fn *gone, void *arg)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct entry *e = r->entries[i];

		if (!e->stuck && e->subject.db->fd == -1 &&
		    strcmp(e->origin, p->name) == 0 &&
		    !is_match(g, e->subject.db->path))
			gone(arg, e);
		else
			r->entries[n++] = e;
	}
	r->n = n;
}

void
roster_take_matches(struct roster *r, struct pattern *p, const glob_t *g,
    roster_gone_fn *gone, void *arg)
{
	p->busy = false;
	drop_vanished(r, p, g, gone, arg);
	for (size_t i = 0; i < g->gl_pathc; i++) {
		char *name;

		if (is_side_file(g->gl_pathv[i]))
			continue;
		name = mem_printf("%s/%s", p->name,
		    tail_of(p, g->gl_pathv[i]));
		if (roster_find(r, name) == NULL)
			add(r, p, name, g->gl_pathv[i], p->interval_ms);
		free(name);
	}
}
