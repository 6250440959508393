/*
 * yaml_fields - see yaml_fields.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "litestream/duration.h"
#include "litestream/yaml_fields.h"

struct filling {
	struct yaml_tree *tree;
	const struct yaml_field *fields;
	size_t		 n;
	char		*ret;
};

/* Sets what is at `to`; -1: not of this kind. */
typedef int set_fn(const struct yaml_tree *, yaml_at, void *to);

static bool
is_word(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

static bool
is_null(const struct yaml_tree *t, yaml_at at)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL",
	    NULL };

	return yaml_tree_kind(t, at) == YAML_TEXT &&
	    yaml_tree_is_plain(t, at) && is_word(yaml_tree_text(t, at), words);
}

static int
set_text(const struct yaml_tree *t, yaml_at at, void *to)
{
	if (yaml_tree_kind(t, at) != YAML_TEXT)
		return -1;
	*(const char **)to = yaml_tree_text(t, at);
	return 0;
}

static int
set_flag(const struct yaml_tree *t, yaml_at at, void *to)
{
	static const char *const yes[] = { "y", "Y", "yes", "Yes", "YES",
	    "true", "True", "TRUE", "on", "On", "ON", NULL };
	static const char *const no[] = { "n", "N", "no", "No", "NO",
	    "false", "False", "FALSE", "off", "Off", "OFF", NULL };
	const char *text;

	if (yaml_tree_kind(t, at) != YAML_TEXT || !yaml_tree_is_plain(t, at))
		return -1;
	text = yaml_tree_text(t, at);
	if (!is_word(text, yes) && !is_word(text, no))
		return -1;
	*(enum yaml_flag *)to = is_word(text, yes) ? YAML_TRUE : YAML_FALSE;
	return 0;
}

/* A bare number is nanoseconds, as in Go. */
static int
set_time(const struct yaml_tree *t, yaml_at at, void *to)
{
	const char *text;
	double ns;
	char *end;

	if (yaml_tree_kind(t, at) != YAML_TEXT)
		return -1;
	text = yaml_tree_text(t, at);
	if (duration_parse(text, to) && strcmp(text, "0") != 0)
		return 0;
	ns = strtod(text, &end);
	if (!yaml_tree_is_plain(t, at) || *end != '\0' || end == text ||
	    !(ns > -9e18 && ns < 9e18))
		return -1;
	*(int64_t *)to = (int64_t)ns;
	return 0;
}

static int
set_list(const struct yaml_tree *t, yaml_at at, void *to)
{
	if (yaml_tree_kind(t, at) != YAML_LIST)
		return -1;
	*(yaml_at *)to = at;
	return 0;
}

static int
set_map(const struct yaml_tree *t, yaml_at at, void *to)
{
	if (yaml_tree_kind(t, at) != YAML_MAP)
		return -1;
	*(yaml_at *)to = at;
	return 0;
}

static const struct {
	set_fn		*set;
	const char	*what;
} kinds[YAML_FIELD_KIND_COUNT] = {
	[YAML_FIELD_TEXT] = { set_text, "a text" },
	[YAML_FIELD_FLAG] = { set_flag, "true or false" },
	[YAML_FIELD_TIME] = { set_time, "a duration such as 10s" },
	[YAML_FIELD_LIST] = { set_list, "a list" },
	[YAML_FIELD_MAP]  = { set_map, "a map" },
};

static void
unset(enum yaml_field_kind kind, void *to)
{
	if (kind == YAML_FIELD_TEXT)
		*(const char **)to = NULL;
	else if (kind == YAML_FIELD_FLAG)
		*(enum yaml_flag *)to = YAML_UNSAID;
	else if (kind == YAML_FIELD_TIME)
		*(int64_t *)to = YAML_NO_TIME;
	else
		*(yaml_at *)to = 0;
}

static int
set_field(const struct yaml_tree *t, const struct yaml_field *f, yaml_at at,
    char *ret, struct err *e)
{
	void *to = ret + f->offset;

	if (is_null(t, at)) {
		unset(f->kind, to);
		return 0;
	}
	if (kinds[f->kind].set(t, at, to) == -1)
		return err_set(e, "line %u: %s is not %s",
		    yaml_tree_line(t, at), f->key, kinds[f->kind].what);
	if (yaml_tree_kind(t, at) == YAML_TEXT &&
	    strlen(yaml_tree_text(t, at)) > YAML_MAX_VALUE)
		return err_set(e, "line %u: %s is longer than %u bytes",
		    yaml_tree_line(t, at), f->key, YAML_MAX_VALUE);
	return 0;
}

static int
on_pair(void *arg, const char *key, yaml_at value, struct err *e)
{
	struct filling *f = arg;

	for (size_t i = 0; i < f->n; i++)
		if (strcmp(key, f->fields[i].key) == 0)
			return set_field(f->tree, &f->fields[i], value,
			    f->ret, e);
	return 0;
}

int
yaml_fields_read(struct yaml_tree *t, yaml_at map,
    const struct yaml_field *fields, size_t n, void *ret, struct err *e)
{
	struct filling f = { t, fields, n, ret };

	if (yaml_tree_kind(t, map) != YAML_MAP)
		return err_set(e, "line %u: not a map of settings",
		    yaml_tree_line(t, map));
	return yaml_tree_each(t, map, on_pair, &f, e);
}
