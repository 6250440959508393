/*
 * drill - see drill.h.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "litestream/drill.h"

#define MAX_TEXT	2048	/* bytes of one text */
#define MAX_NUMBER	(INT64_C(1) << 53)	/* what JSON carries exactly */

static const char *const outcomes[DRILL_OUTCOME_COUNT] = {
	[DRILL_PASS]	     = "pass",
	[DRILL_FAIL]	     = "fail",
	[DRILL_INCONCLUSIVE] = "inconclusive",
};

static const struct {
	const char	*name;
	size_t		 at;
	bool		 needed;
} texts[] = {
	{ "db",	      offsetof(struct drill, db),	true },
	{ "replica",  offsetof(struct drill, replica),	true },
	{ "why",      offsetof(struct drill, why),	false },
	{ "position", offsetof(struct drill, position), false },
	{ "schema",   offsetof(struct drill, schema),	false },
};

static const struct {
	const char	*name;
	size_t		 at;
	int64_t		 least;
} numbers[] = {
	{ "at_ms",	  offsetof(struct drill, at_ms),	0 },
	{ "passed_ms",	  offsetof(struct drill, passed_ms),	0 },
	{ "took_ms",	  offsetof(struct drill, took_ms),	0 },
	{ "bytes",	  offsetof(struct drill, bytes),	0 },
	{ "behind_bytes", offsetof(struct drill, behind_bytes), -1 },
};

#define COUNT(table)	(sizeof(table) / sizeof((table)[0]))

static char **
text_of(struct drill *d, size_t i)
{
	return (char **)(void *)((char *)d + texts[i].at);
}

static const char *
read_text(const struct drill *d, size_t i)
{
	return *(char *const *)(const void *)((const char *)d + texts[i].at);
}

static int64_t *
number_of(struct drill *d, size_t i)
{
	return (int64_t *)(void *)((char *)d + numbers[i].at);
}

static int64_t
read_number(const struct drill *d, size_t i)
{
	return *(const int64_t *)(const void *)((const char *)d +
	    numbers[i].at);
}

const char *
drill_outcome_name(enum drill_outcome o)
{
	return outcomes[o];
}

int
drill_outcome_find(const char *name)
{
	for (int i = 0; i < DRILL_OUTCOME_COUNT; i++)
		if (strcmp(outcomes[i], name) == 0)
			return i;
	return -1;
}

void
drill_free(struct drill *d)
{
	while (d != NULL) {
		struct drill *next = d->next;

		for (size_t i = 0; i < COUNT(texts); i++)
			free(*text_of(d, i));
		free(d);
		d = next;
	}
}

struct drill *
drill_take(struct drill **list, const char *replica)
{
	struct drill *d;

	while (*list != NULL && strcmp((*list)->replica, replica) != 0)
		list = &(*list)->next;
	d = *list;
	if (d != NULL) {
		*list = d->next;
		d->next = NULL;
	}
	return d;
}

struct drill *
drill_copy(const struct drill *d)
{
	struct drill *copy;

	NEW(copy);
	*copy = *d;
	copy->next = NULL;
	for (size_t i = 0; i < COUNT(texts); i++) {
		const char *text = read_text(d, i);

		*text_of(copy, i) = text != NULL ? mem_strdup(text) : NULL;
	}
	return copy;
}

void
drill_follow(struct drill *d, const struct drill *before)
{
	if (d->outcome != DRILL_INCONCLUSIVE) {
		d->told = d->outcome;
		d->told_ms = d->at_ms;
	} else if (before != NULL) {
		d->told = before->told;
		d->told_ms = before->told_ms;
	}
	if (d->outcome == DRILL_PASS)
		d->passed_ms = d->at_ms;
	else if (before != NULL && before->passed_ms > d->passed_ms)
		d->passed_ms = before->passed_ms;
}

void
drill_write(struct buf *out, const struct drill *d)
{
	json_t *j = json_object();

	json_object_set_new(j, "outcome", json_string(outcomes[d->outcome]));
	for (size_t i = 0; i < COUNT(texts); i++)
		json_object_set_new(j, texts[i].name,
		    json_text(read_text(d, i)));
	for (size_t i = 0; i < COUNT(numbers); i++)
		json_object_set_new(j, numbers[i].name,
		    json_integer(read_number(d, i)));
	json_append(out, j);
}

static int
take_texts(struct drill *d, json_t *j, struct err *e)
{
	for (size_t i = 0; i < COUNT(texts); i++) {
		json_t *value = json_object_get(j, texts[i].name);
		const char *text = json_string_value(value);

		if (value != NULL && text == NULL && !json_is_null(value))
			return err_set(e, "a drill's %s is not a text",
			    texts[i].name);
		if (texts[i].needed && (text == NULL || *text == '\0'))
			return err_set(e, "a drill without its %s",
			    texts[i].name);
		if (text != NULL && strlen(text) > MAX_TEXT)
			return err_set(e, "a drill's %s is longer than %d "
			    "bytes", texts[i].name, MAX_TEXT);
		if (text != NULL)
			*text_of(d, i) = mem_strdup(text);
	}
	return 0;
}

static int
take_numbers(struct drill *d, json_t *j, struct err *e)
{
	for (size_t i = 0; i < COUNT(numbers); i++) {
		json_t *value = json_object_get(j, numbers[i].name);
		json_int_t n = json_integer_value(value);

		if (!json_is_integer(value) || n < numbers[i].least ||
		    n > MAX_NUMBER)
			return err_set(e, "a drill's %s is not a number that "
			    "it can be", numbers[i].name);
		*number_of(d, i) = n;
	}
	return 0;
}

static int
take(struct drill *d, json_t *j, struct err *e)
{
	const char *name = json_string_value(json_object_get(j, "outcome"));
	int outcome = name == NULL ? -1 : drill_outcome_find(name);

	if (outcome == -1)
		return err_set(e, "a drill without an outcome");
	d->outcome = (enum drill_outcome)outcome;
	return take_texts(d, j, e) == -1 ? -1 : take_numbers(d, j, e);
}

struct drill *
drill_read(const char *json, struct err *e)
{
	json_error_t why;
	struct drill *d;
	json_t *j;
	int rc;

	if (strlen(json) > DRILL_MAX_JSON) {
		err_set(e, "a drill of more than %d bytes", DRILL_MAX_JSON);
		return NULL;
	}
	j = json_loads(json, JSON_REJECT_DUPLICATES, &why);
	if (j == NULL) {
		err_set(e, "a drill is not JSON: %s", why.text);
		return NULL;
	}
	NEW(d);
	rc = take(d, j, e);
	json_decref(j);
	if (rc == 0) {
		drill_follow(d, NULL);
		return d;
	}
	drill_free(d);
	return NULL;
}
