/*
 * plan_words - plans without a file, and the setup of one database of a plan.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "litestream/paths.h"
#include "litestream/plan.h"
#include "litestream/said.h"
#include "litestream/url.h"

#define META	"-litestream"	/* what the local copy's name ends with */

int
plan_replica_from_url(struct replica *ret, const char *url,
    const struct plan_source *source, struct err *e)
{
	struct said s = { .url = url, .sync_ns = YAML_NO_TIME };

	return said_replica(ret, &s, source, e);
}

static int
add_url(struct plan_db *db, const char *url, const struct plan_source *source,
    struct err *e)
{
	if (db->nreplicas == REPLICAS_MAX)
		return err_set(e, "more than %d replicas", REPLICAS_MAX);
	db->replicas = mem_grow(db->replicas, db->nreplicas + 1,
	    sizeof *db->replicas);
	if (plan_replica_from_url(&db->replicas[db->nreplicas], url, source,
	    e) == -1)
		return -1;
	db->nreplicas++;
	return 0;
}

int
plan_from_words(struct plan *ret, const char *const *words,
    const struct plan_source *source, struct err *e)
{
	struct plan p = { .ndbs = 1 };

	if (words[0] == NULL || words[1] == NULL)
		return err_set(e, "no database, or no replica's URL");
	NEW(p.dbs);
	p.dbs->monitor_ms = REPLICA_MONITOR_MS;
	p.dbs->path = said_path(words[0], source, e);
	if (p.dbs->path == NULL)
		goto fail;
	while (*++words != NULL)
		if (add_url(p.dbs, *words, source, e) == -1)
			goto fail;
	said_tell_apart(p.dbs);
	*ret = p;
	return 0;
fail:
	plan_done(&p);
	return -1;
}

static void
put(char **text, char *new)
{
	free(*text);
	*text = new;
}

/* The same path one level further down, in a URL's or a path's own way. */
static void
go_below(struct replica *r, const char *below, bool escaped)
{
	char *name = escaped ? url_escape_path(below) : mem_strdup(below);

	put(&r->path, path_join(r->path, name));
	put(&r->place, mem_printf("%s/%s", r->place, name));
	free(name);
}

/* meta-dir/tenants/a.db-litestream */
static char *
meta_in_dir(const char *dir, const char *below)
{
	char *name = mem_printf("%s" META, below);
	char *ret = path_join(dir, name);

	free(name);
	return ret;
}

/* meta-path/tenants/.a.db-litestream */
static char *
meta_in_path(const char *dir, const char *below)
{
	const char *slash = strrchr(below, '/');
	const char *file = slash != NULL ? slash + 1 : below;
	char *name = mem_printf("%.*s.%s" META, (int)(file - below), below,
	    file);
	char *ret = path_join(dir, name);

	free(name);
	return ret;
}

static char *
meta_of(const struct plan_db *db, const char *below)
{
	if (below != NULL && db->meta_dir != NULL)
		return meta_in_dir(db->meta_dir, below);
	if (below != NULL && db->meta_path != NULL)
		return meta_in_path(db->meta_path, below);
	return db->meta_path != NULL ? mem_strdup(db->meta_path) : NULL;
}

/* Litestream restores by its file only what is named there. */
static void
set_restore(struct setup *s, const struct plan *p, const struct plan_db *db,
    const char *below)
{
	if (below != NULL) {
		s->db = path_join(db->dir, below);
		return;
	}
	s->db = mem_strdup(db->path);
	s->config = p->file != NULL ? mem_strdup(p->file) : NULL;
}

struct setup *
plan_setup(const struct plan *p, size_t i, const char *below,
    const struct plan_source *source)
{
	const struct plan_db *db = &p->dbs[i];
	struct setup *s = setup_new();
	char *meta = meta_of(db, below);

	s->source = mem_strdup(p->file != NULL ? p->file :
	    "its command line");
	s->meta = meta == NULL ? NULL : mem_printf("%s%s", source->root, meta);
	s->monitor_ms = db->monitor_ms;
	s->pid = source->pid;
	set_restore(s, p, db, below);
	for (size_t k = 0; k < db->nreplicas; k++) {
		struct replica *r = setup_add(s);

		replica_copy(r, &db->replicas[k]);
		if (below != NULL)
			go_below(r, below, db->escaped[k]);
	}
	free(meta);
	return s;
}
