/*
 * replicas - see replicas.h.
 */
#include <math.h>
#include <string.h>

#include "agent/pages/replicas.h"
#include "agent/store/store.h"
#include "base/json.h"
#include "collectors/collector.h"

#define FAMILY	"sqlite_replica_"
#define INFO	"sqlite_replica_info"
#define LABEL	"replica=\""

/* How long replica="NAME" is, the closing quote with it; 0: it is not there. */
static size_t
key_length(const char *labels)
{
	size_t n = sizeof LABEL - 1;

	if (strncmp(labels, LABEL, n) != 0)
		return 0;
	while (labels[n] != '\0' && labels[n] != '"')
		n += labels[n] == '\\' && labels[n + 1] != '\0' ? 2 : 1;
	return labels[n] == '"' ? n + 1 : 0;
}

static bool
is_of(const struct labelled *l, const struct labelled *info)
{
	size_t n = key_length(info->labels);

	return n > 0 && strncmp(l->metric->name, FAMILY,
	    sizeof FAMILY - 1) == 0 && strncmp(l->labels, info->labels, n) ==
	    0 && (l->labels[n] == '\0' || l->labels[n] == ',');
}

const struct labelled *
replicas_next(const struct watched *w, const struct labelled *prev)
{
	const struct labelled *l = prev != NULL ? prev->next : w->labelled;

	while (l != NULL && strcmp(l->metric->name, INFO) != 0)
		l = l->next;
	return l;
}

double
replicas_value(const struct watched *w, const struct labelled *info,
    const char *what)
{
	for (const struct labelled *l = w->labelled; l != NULL; l = l->next)
		if (is_of(l, info) &&
		    strcmp(l->metric->name + sizeof FAMILY - 1, what) == 0)
			return l->value;
	return (double)NAN;
}

/* One with a label more, as in method="head", is a value in an object. */
static void
add_value(json_t *to, const struct labelled *l, size_t key)
{
	const char *name = l->metric->name + sizeof FAMILY - 1;
	json_t *more, *of = json_object_get(to, name);
	const char *value;
	const char *label;

	if (l->labels[key] == '\0') {
		json_object_set_new(to, name, json_number(l->value));
		return;
	}
	if (of == NULL) {
		of = json_object();
		json_object_set_new(to, name, of);
	}
	more = json_labels(l->labels + key + 1);
	label = json_object_iter_key(json_object_iter(more));
	value = label == NULL ? NULL : json_string_value(json_object_get(more,
	    label));
	if (value != NULL)
		json_object_set_new(of, value, json_number(l->value));
	json_decref(more);
}

static json_t *
replica(const struct watched *w, const struct labelled *info)
{
	json_t *j = json_labels(info->labels);

	for (const struct labelled *l = w->labelled; l != NULL; l = l->next)
		if (l->metric->kind != METRIC_INFO && is_of(l, info))
			add_value(j, l, key_length(info->labels));
	return j;
}

json_t *
replicas_json(const struct watched *w)
{
	json_t *all = json_array();
	const struct labelled *l = NULL;

	while ((l = replicas_next(w, l)) != NULL)
		json_array_append_new(all, replica(w, l));
	return all;
}
