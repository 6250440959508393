/*
 * plan - see plan.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "litestream/expand.h"
#include "litestream/plan.h"
#include "litestream/said.h"
#include "litestream/yaml_fields.h"

/* All that one reading needs, and the plan as far as it has come. */
struct reading {
	const struct plan_source *source;
	struct yaml_tree *tree;
	struct said	 defaults;	/* the global settings */
	struct plan	 plan;
	size_t		 cap;
	size_t		 kept;		/* bytes of text */
};

struct top {
	yaml_at		 dbs;
};

/* One entry of dbs, as it stands there. */
struct entry {
	const char	*path, *dir, *pattern, *meta_path, *meta_dir;
	enum yaml_flag	 recursive;
	int64_t		 monitor_ns;
	yaml_at		 replica, replicas;
};

#define LENGTH(a)	(sizeof (a) / sizeof (a)[0])
#define TEXT(type, key, field) \
	{ key, YAML_FIELD_TEXT, offsetof(struct type, field) }
#define OTHER(type, key, kind, field) \
	{ key, YAML_FIELD_##kind, offsetof(struct type, field) }

static const struct yaml_field top_fields[] = {
	OTHER(top, "dbs", LIST, dbs),
};

static const struct yaml_field entry_fields[] = {
	TEXT(entry, "path", path),
	TEXT(entry, "dir", dir),
	TEXT(entry, "pattern", pattern),
	TEXT(entry, "meta-path", meta_path),
	TEXT(entry, "meta-dir", meta_dir),
	OTHER(entry, "recursive", FLAG, recursive),
	OTHER(entry, "monitor-interval", TIME, monitor_ns),
	OTHER(entry, "replica", MAP, replica),
	OTHER(entry, "replicas", LIST, replicas),
};

/* Aliases could make a small file into a large plan. */
static int
keep(struct reading *r, size_t n, struct err *e)
{
	r->kept += n;
	return r->kept <= PLAN_MAX_TEXT ? 0 : err_set(e,
	    "line 1: more than %u bytes of settings", PLAN_MAX_TEXT);
}

static size_t
length_of(const struct replica *r)
{
	const char *const texts[] = { r->name, r->path, r->place, r->bucket,
	    r->region, r->endpoint, r->access_key, r->secret_key,
	    r->session_token };
	size_t n = sizeof *r;

	for (size_t i = 0; i < LENGTH(texts); i++)
		n += texts[i] != NULL ? strlen(texts[i]) + 16 : 0;
	return n;
}

static int
add_replica(struct reading *r, struct plan_db *db, yaml_at map, struct err *e)
{
	struct replica *to;
	struct said s;

	if (db->nreplicas == REPLICAS_MAX)
		return err_set(e, "line %u: more than %d replicas",
		    yaml_tree_line(r->tree, map), REPLICAS_MAX);
	if (said_read(&s, r->tree, map, false, e) == -1)
		return -1;
	said_take_defaults(&s, &r->defaults);
	db->replicas = mem_grow(db->replicas, db->nreplicas + 1,
	    sizeof *db->replicas);
	to = &db->replicas[db->nreplicas];
	if (said_replica(to, &s, r->source, e) == -1)
		return err_prefix(e, "line %u", yaml_tree_line(r->tree, map));
	db->escaped[db->nreplicas++] = to->type == REPLICA_FILE &&
	    s.url != NULL && s.url[0] != '\0';
	return keep(r, length_of(to), e);
}

static int
add_replicas(struct reading *r, struct plan_db *db, const struct entry *entry,
    struct err *e)
{
	struct yaml_tree *t = r->tree;

	if (entry->replica != 0 && entry->replicas != 0 &&
	    yaml_tree_first(t, entry->replicas) != 0)
		return err_set(e, "line %u: replica and replicas, which is "
		    "one too many", yaml_tree_line(t, entry->replica));
	if (entry->replica != 0 && add_replica(r, db, entry->replica, e) == -1)
		return -1;
	if (entry->replicas == 0)
		return 0;
	for (yaml_at at = yaml_tree_first(t, entry->replicas); at != 0;
	    at = yaml_tree_next(t, at))
		if (add_replica(r, db, at, e) == -1)
			return -1;
	return 0;
}

static bool
is_said(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* NULL when the entry is one that Litestream takes. */
static const char *
what_is_wrong(const struct entry *entry)
{
	const struct {
		bool		 wrong;
		const char	*why;
	} rules[] = {
		{ is_said(entry->path) && is_said(entry->dir),
		  "path and dir, which is one too many" },
		{ !is_said(entry->path) && !is_said(entry->dir),
		  "neither path nor dir" },
		{ is_said(entry->dir) && !is_said(entry->pattern),
		  "dir needs a pattern" },
		{ entry->meta_dir != NULL && !is_said(entry->dir),
		  "meta-dir needs a dir" },
		{ entry->meta_dir != NULL && entry->meta_path != NULL,
		  "meta-path and meta-dir, which is one too many" },
	};

	for (size_t i = 0; i < LENGTH(rules); i++)
		if (rules[i].wrong)
			return rules[i].why;
	return NULL;
}

/* NULL stays NULL; -1: the path cannot be known. */
static int
set_path(struct reading *r, char **ret, const char *text, struct err *e)
{
	if (text == NULL)
		return 0;
	*ret = said_path(text, r->source, e);
	if (*ret == NULL)
		return -1;
	return keep(r, strlen(*ret) + 16, e);
}

static int
set_paths(struct reading *r, struct plan_db *db, const struct entry *entry,
    struct err *e)
{
	const char *path = is_said(entry->path) ? entry->path : NULL;
	const char *dir = is_said(entry->dir) ? entry->dir : NULL;

	if (dir != NULL)
		db->pattern = mem_strdup(entry->pattern);
	return set_path(r, &db->path, path, e) == -1 ||
	    set_path(r, &db->dir, dir, e) == -1 ||
	    set_path(r, &db->meta_path, entry->meta_path, e) == -1 ||
	    set_path(r, &db->meta_dir, entry->meta_dir, e) == -1 ? -1 : 0;
}

static int
add_db(struct reading *r, yaml_at map, struct err *e)
{
	struct entry entry = { .monitor_ns = YAML_NO_TIME };
	struct plan_db *db;
	const char *wrong;

	if (r->plan.ndbs == PLAN_MAX_DBS)
		return err_set(e, "line %u: more than %u databases",
		    yaml_tree_line(r->tree, map), PLAN_MAX_DBS);
	if (yaml_fields_read(r->tree, map, entry_fields, LENGTH(entry_fields),
	    &entry, e) == -1)
		return -1;
	wrong = what_is_wrong(&entry);
	if (wrong != NULL)
		return err_set(e, "line %u: %s", yaml_tree_line(r->tree, map),
		    wrong);
	MEM_ROOM(r->plan.dbs, r->plan.ndbs, r->cap);
	db = &r->plan.dbs[r->plan.ndbs++];
	*db = (struct plan_db){
		.recursive = entry.recursive == YAML_TRUE,
		.monitor_ms = entry.monitor_ns == YAML_NO_TIME ?
		    REPLICA_MONITOR_MS : entry.monitor_ns / 1000000,
	};
	if (set_paths(r, db, &entry, e) == -1 ||
	    add_replicas(r, db, &entry, e) == -1)
		return -1;
	said_tell_apart(db);
	return 0;
}

static int
add_dbs(struct reading *r, struct err *e)
{
	yaml_at root = yaml_tree_root(r->tree);
	struct top top = { 0 };

	if (root == 0 || (yaml_tree_kind(r->tree, root) == YAML_TEXT &&
	    yaml_tree_text(r->tree, root)[0] == '\0'))
		return 0;	/* an empty file says nothing */
	if (yaml_fields_read(r->tree, root, top_fields, LENGTH(top_fields),
	    &top, e) == -1 ||
	    said_read(&r->defaults, r->tree, root, true, e) == -1)
		return -1;
	if (top.dbs == 0)
		return 0;
	for (yaml_at at = yaml_tree_first(r->tree, top.dbs); at != 0;
	    at = yaml_tree_next(r->tree, at))
		if (add_db(r, at, e) == -1)
			return -1;
	return 0;
}

/* Litestream 0.5 knows ${PID}, its own. */
struct lookup {
	const struct plan_source *source;
	char		 pid[24];
};

static const char *
look_up(void *arg, const char *name)
{
	const struct lookup *l = arg;

	if (strcmp(name, "PID") == 0 && l->source->pid != 0)
		return l->pid;
	return l->source->env != NULL ?
	    l->source->env(l->source->arg, name) : NULL;
}

static int
read_text(struct reading *r, const char *text, size_t n, struct err *e)
{
	struct lookup l = { .source = r->source };
	struct buf b;
	int status = -1;

	buf_init(&b, PLAN_MAX_BYTES);
	(void)snprintf(l.pid, sizeof l.pid, "%lld",
	    (long long)r->source->pid);
	if (r->source->expand)
		expand_text(&b, text, n, look_up, &l);
	else
		buf_add(&b, text, n);
	if (!buf_ok(&b)) {
		err_set(e, "line 1: longer than %u bytes", PLAN_MAX_BYTES);
		goto out;
	}
	r->tree = yaml_tree_new(b.data != NULL ? b.data : "", b.len, e);
	if (r->tree == NULL)
		goto out;
	status = add_dbs(r, e);
	yaml_tree_free(r->tree);
out:
	if (b.data != NULL)	/* variables may be secret */
		explicit_bzero(b.data, b.len);
	buf_free(&b);
	return status;
}

int
plan_parse(struct plan *ret, const char *text, size_t n,
    const struct plan_source *source, struct err *e)
{
	struct reading r = { .source = source };

	r.plan.file = mem_strdup(source->file);
	if (read_text(&r, text, n, e) == -1) {
		plan_done(&r.plan);
		return err_prefix(e, "%s", source->file);
	}
	*ret = r.plan;
	return 0;
}

void
plan_done(struct plan *p)
{
	for (size_t i = 0; i < p->ndbs; i++) {
		struct plan_db *db = &p->dbs[i];

		for (size_t k = 0; k < db->nreplicas; k++)
			replica_done(&db->replicas[k]);
		free(db->replicas);
		free(db->path);
		free(db->dir);
		free(db->pattern);
		free(db->meta_path);
		free(db->meta_dir);
	}
	free(p->dbs);
	free(p->file);
	*p = (struct plan){ 0 };
}
