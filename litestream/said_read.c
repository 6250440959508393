/*
 * said_read - what a map of a litestream.yml says of a replica.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "litestream/said.h"

struct age {
	yaml_at		 identities, recipients;
};

#define LENGTH(a)	(sizeof (a) / sizeof (a)[0])
#define TEXT(type, key, field) \
	{ key, YAML_FIELD_TEXT, offsetof(struct type, field) }
#define OTHER(type, key, kind, field) \
	{ key, YAML_FIELD_##kind, offsetof(struct type, field) }

/* The global ones come first. */
static const struct yaml_field said_fields[] = {
	TEXT(said, "bucket", bucket),
	TEXT(said, "region", region),
	TEXT(said, "endpoint", endpoint),
	TEXT(said, "access-key-id", access_key),
	TEXT(said, "secret-access-key", secret_key),
	TEXT(said, "host", host),
	TEXT(said, "user", user),
	OTHER(said, "force-path-style", FLAG, path_style),
	OTHER(said, "skip-verify", FLAG, skip_verify),
	OTHER(said, "sync-interval", TIME, sync_ns),
	TEXT(said, "webdav-url", webdav_url),
	TEXT(said, "type", type),
	TEXT(said, "name", name),
	TEXT(said, "path", path),
	TEXT(said, "url", url),
};

#define GLOBAL_FIELDS	10

static const struct yaml_field age_map[] = {
	{ "age", YAML_FIELD_MAP, 0 },
};

static const struct yaml_field age_fields[] = {
	OTHER(age, "identities", LIST, identities),
	OTHER(age, "recipients", LIST, recipients),
};

static bool
has_entries(const struct yaml_tree *t, yaml_at list)
{
	return list != 0 && yaml_tree_first(t, list) != 0;
}

static int
read_age(struct yaml_tree *t, yaml_at map, bool *encrypted, struct err *e)
{
	struct age age = { 0 };
	yaml_at at = 0;

	if (yaml_fields_read(t, map, age_map, 1, &at, e) == -1 || (at != 0 &&
	    yaml_fields_read(t, at, age_fields, LENGTH(age_fields), &age, e)
	    == -1))
		return -1;
	*encrypted = has_entries(t, age.identities) ||
	    has_entries(t, age.recipients);
	return 0;
}

int
said_read(struct said *ret, struct yaml_tree *t, yaml_at map, bool global,
    struct err *e)
{
	*ret = (struct said){ .sync_ns = YAML_NO_TIME };
	if (yaml_fields_read(t, map, said_fields,
	    global ? GLOBAL_FIELDS : LENGTH(said_fields), ret, e) == -1)
		return -1;
	return read_age(t, map, &ret->encrypted, e);
}

static void
take_default(const char **to, const char *from)
{
	if (*to == NULL || **to == '\0')
		*to = from;
}

void
said_take_defaults(struct said *s, const struct said *from)
{
	for (size_t i = 0; i < GLOBAL_FIELDS; i++)
		if (said_fields[i].kind == YAML_FIELD_TEXT)
			take_default((const char **)(void *)((char *)s +
			    said_fields[i].offset),
			    *(const char *const *)(const void *)
			    ((const char *)from + said_fields[i].offset));
	if (s->path_style == YAML_UNSAID)
		s->path_style = from->path_style;
	if (from->skip_verify == YAML_TRUE)
		s->skip_verify = YAML_TRUE;
	if (s->sync_ns == YAML_NO_TIME)
		s->sync_ns = from->sync_ns;
	s->encrypted |= from->encrypted;
}

static bool
is_name_taken(const struct plan_db *db, size_t before, const char *name)
{
	for (size_t i = 0; i < before; i++)
		if (strcmp(db->replicas[i].name, name) == 0)
			return true;
	return strcmp(name, "local") == 0;
}

void
said_tell_apart(struct plan_db *db)
{
	for (size_t i = 0; i < db->nreplicas; i++) {
		char **name = &db->replicas[i].name, *base = *name;

		*name = mem_strdup(base);
		for (unsigned n = 2; is_name_taken(db, i, *name); n++) {
			free(*name);
			*name = mem_printf("%s-%u", base, n);
		}
		free(base);
	}
}
