/*
 * replica - see replica.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/secret.h"
#include "litestream/replica.h"

/* What a type is called, and whether there is a way to look at it. */
static const struct {
	const char	*name;
	bool		 checked;
} types[REPLICA_TYPE_COUNT] = {
	[REPLICA_FILE]	 = { "file", true },
	[REPLICA_S3]	 = { "s3", true },
	[REPLICA_GS]	 = { "gs", false },
	[REPLICA_ABS]	 = { "abs", false },
	[REPLICA_SFTP]	 = { "sftp", false },
	[REPLICA_WEBDAV] = { "webdav", false },
	[REPLICA_NATS]	 = { "nats", false },
	[REPLICA_OSS]	 = { "oss", false },
};

/* The texts of a replica, for all that is done to each of them. */
static const size_t texts[] = {
	offsetof(struct replica, name), offsetof(struct replica, path),
	offsetof(struct replica, place), offsetof(struct replica, bucket),
	offsetof(struct replica, region), offsetof(struct replica, endpoint),
	offsetof(struct replica, access_key),
	offsetof(struct replica, secret_key),
	offsetof(struct replica, session_token),
};

#define TEXTS	(sizeof texts / sizeof *texts)

static char **
text_of(struct replica *r, size_t i)
{
	return (char **)(void *)((char *)r + texts[i]);
}

static const char *
read_text(const struct replica *r, size_t i)
{
	return *(char *const *)(const void *)((const char *)r + texts[i]);
}

static bool
is_equal(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

const char *
replica_type_name(enum replica_type t)
{
	return types[t].name;
}

int
replica_type_find(const char *name)
{
	if (strcmp(name, "gcs") == 0)
		return REPLICA_GS;
	for (int i = 0; i < REPLICA_TYPE_COUNT; i++)
		if (strcmp(types[i].name, name) == 0)
			return i;
	return -1;
}

bool
replica_is_checked(const struct replica *r)
{
	return types[r->type].checked;
}

void
replica_done(struct replica *r)
{
	for (size_t i = 0; i < TEXTS; i++)
		secret_wipe(*text_of(r, i));
	*r = (struct replica){ 0 };
}

void
replica_copy(struct replica *ret, const struct replica *from)
{
	*ret = *from;
	for (size_t i = 0; i < TEXTS; i++) {
		const char *text = read_text(from, i);

		*text_of(ret, i) = text != NULL ? mem_strdup(text) : NULL;
	}
}

static bool
is_same_replica(const struct replica *a, const struct replica *b)
{
	for (size_t i = 0; i < TEXTS; i++)
		if (!is_equal(read_text(a, i), read_text(b, i)))
			return false;
	return a->type == b->type && a->sync_ms == b->sync_ms &&
	    a->encrypted == b->encrypted && a->path_style == b->path_style &&
	    a->skip_verify == b->skip_verify;
}

struct setup *
setup_new(void)
{
	struct setup *s;

	NEW(s);
	atomic_init(&s->refs, 1);
	s->monitor_ms = REPLICA_MONITOR_MS;
	return s;
}

struct setup *
setup_ref(struct setup *s)
{
	if (s != NULL)
		atomic_fetch_add(&s->refs, 1);
	return s;
}

void
setup_unref(struct setup *s)
{
	if (s == NULL || atomic_fetch_sub(&s->refs, 1) > 1)
		return;
	for (size_t i = 0; i < s->nreplicas; i++)
		replica_done(&s->replicas[i]);
	free(s->replicas);
	free(s->source);
	free(s->meta);
	free(s->config);
	free(s->db);
	free(s);
}

struct replica *
setup_add(struct setup *s)
{
	struct replica *r;

	s->replicas = mem_grow(s->replicas, s->nreplicas + 1,
	    sizeof *s->replicas);
	r = &s->replicas[s->nreplicas++];
	*r = (struct replica){ .sync_ms = REPLICA_SYNC_MS };
	return r;
}

bool
setup_is_same(const struct setup *a, const struct setup *b)
{
	if (a->nreplicas != b->nreplicas || a->monitor_ms != b->monitor_ms ||
	    !is_equal(a->source, b->source) || !is_equal(a->meta, b->meta) ||
	    !is_equal(a->config, b->config) || !is_equal(a->db, b->db))
		return false;
	for (size_t i = 0; i < a->nreplicas; i++)
		if (!is_same_replica(&a->replicas[i], &b->replicas[i]))
			return false;
	return true;
}
