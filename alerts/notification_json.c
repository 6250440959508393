/*
 * notification_json - a notification as the body of a webhook, and back.
 */
#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alerts/clean.h"
#include "alerts/notification.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#define JSON_MAX_BYTES	(64 * 1024)
#define MAX_DIGITS	15	/* of a double that a person may read */

static json_t *
culprit_json(const struct notification *n)
{
	if (!n->has_culprit)
		return json_null();
	return json_pack("{s:I, s:s}", "pid", (json_int_t)n->culprit_pid,
	    "command", n->culprit_command);
}

char *
notification_write(const struct notification *n)
{
	char at[CLOCK_TEXT_MAX], since[CLOCK_TEXT_MAX];
	json_t *root;
	char *text;

	clock_text(at, n->at_ms);
	clock_text(since, n->since_ms);
	root = json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:s, s:s, s:o, s:f, s:s,"
	    " s:s, s:s, s:s, s:s, s:s, s:b, s:s*, s:o}}",
	    "type", notification_type_name(n->type),
	    "timestamp", at,
	    "data",
	    "alert", n->alert,
	    "db", n->db,
	    "host", n->host,
	    "severity", n->severity,
	    "measure", n->measure,
	    "value", isnan(n->value) ? json_null() : json_real(n->value),
	    "threshold", n->threshold,
	    "unit", n->unit,
	    "since", since,
	    "summary", n->summary,
	    "cause", n->cause,
	    "next_step", n->next_step,
	    "url", n->url,
	    "reminder", n->reminder,
	    "severity_before", n->before,
	    "culprit", culprit_json(n));
	assert(root != NULL);	/* all text in it was made clean */
	text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(MAX_DIGITS));
	assert(text != NULL);
	json_decref(root);
	return text;
}

/* What the JSON holds, borrowed from it. */
struct fields {
	const char	*type, *at, *since;
	const char	*alert, *db, *host, *severity, *measure, *unit;
	const char	*summary, *cause, *next_step, *url, *command, *before;
	json_t		*value, *culprit;
	double		 threshold;
	json_int_t	 pid;
	int		 reminder;
};

static int
unpack(struct fields *f, json_t *root, struct err *e)
{
	json_error_t why;

	if (json_unpack_ex(root, &why, 0, "{s:s, s:s, s:{s:s, s:s, s:s, s:s,"
	    " s:s, s:o, s:F, s:s, s:s, s:s, s:s, s:s, s:s, s?b, s?s,"
	    " s:o!}!}",
	    "type", &f->type, "timestamp", &f->at, "data",
	    "alert", &f->alert, "db", &f->db, "host", &f->host,
	    "severity", &f->severity, "measure", &f->measure,
	    "value", &f->value, "threshold", &f->threshold, "unit", &f->unit,
	    "since", &f->since, "summary", &f->summary, "cause", &f->cause,
	    "next_step", &f->next_step, "url", &f->url,
	    "reminder", &f->reminder, "severity_before", &f->before,
	    "culprit", &f->culprit) == -1)
		return err_set(e, "this is not a notification: %s", why.text);
	if (!json_is_null(f->culprit) && json_unpack_ex(f->culprit, &why, 0,
	    "{s:I, s:s!}", "pid", &f->pid, "command", &f->command) == -1)
		return err_set(e, "culprit: %s", why.text);
	return 0;
}

/* Only what clock_text() writes: it must write the same again. */
static int
read_time(int64_t *ret, const char *text, struct err *e)
{
	char again[CLOCK_TEXT_MAX];
	struct tm tm = { 0 };
	char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t ms;

	if (end == NULL || *end != '.')
		return err_set(e, "a time is not RFC 3339");
	ms = (int64_t)timegm(&tm) * 1000 + strtol(end + 1, NULL, 10) % 1000;
	if (ms < 0)
		return err_set(e, "a time is before 1970");
	clock_text(again, ms);
	if (strcmp(again, text) != 0)
		return err_set(e, "a time is not RFC 3339 in UTC with "
		    "milliseconds");
	*ret = ms;
	return 0;
}

static int
read_type(enum notification_type *ret, const char *name, struct err *e)
{
	for (int i = NOTIFY_FIRING; i < NOTIFY_TYPES; i++)
		if (strcmp(name,
		    notification_type_name((enum notification_type)i)) == 0) {
			*ret = (enum notification_type)i;
			return 0;
		}
	return err_set(e, "the type is not one of ours");
}

static int
check_id(const char *id, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t n = strspn(id, letters);

	if (strncmp(id, "msg_", 4) != 0 || n <= 4 || id[n] != '\0' ||
	    n >= NOTIFICATION_ID_MAX)
		return err_set(e, "the id of a notification is not one of "
		    "ours");
	return 0;
}

static int
check_value(double *ret, const json_t *value, struct err *e)
{
	if (json_is_null(value))
		*ret = NAN;
	else if (json_is_number(value))
		*ret = json_number_value(value);
	else
		return err_set(e, "the value is not a number");
	return 0;
}

static int
own(char **ret, const char *text, struct err *e)
{
	if (!clean_is(text, NOTIFICATION_TEXT_MAX))
		return err_set(e, "a text is too long or has control "
		    "characters");
	*ret = mem_strdup(text);
	return 0;
}

static int
fill(struct notification *n, const struct fields *f, struct err *e)
{
	const struct { char **to; const char *from; } texts[] = {
		{ &n->alert, f->alert }, { &n->db, f->db },
		{ &n->host, f->host }, { &n->severity, f->severity },
		{ &n->measure, f->measure }, { &n->unit, f->unit },
		{ &n->summary, f->summary }, { &n->cause, f->cause },
		{ &n->next_step, f->next_step }, { &n->url, f->url },
		{ &n->culprit_command, f->command }, { &n->before, f->before },
	};

	n->threshold = f->threshold;
	n->reminder = f->reminder != 0;
	n->has_culprit = f->command != NULL;
	n->culprit_pid = f->pid;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].from != NULL &&
		    own(texts[i].to, texts[i].from, e) == -1)
			return -1;
	if (read_type(&n->type, f->type, e) == -1 ||
	    check_value(&n->value, f->value, e) == -1 ||
	    read_time(&n->at_ms, f->at, e) == -1)
		return -1;
	return read_time(&n->since_ms, f->since, e);
}

static json_t *
load(const char *json, struct err *e)
{
	json_error_t why;
	json_t *root;

	if (strnlen(json, JSON_MAX_BYTES + 1) > JSON_MAX_BYTES) {
		err_set(e, "a notification is longer than %d bytes",
		    JSON_MAX_BYTES);
		return NULL;
	}
	root = json_loads(json, JSON_REJECT_DUPLICATES, &why);
	if (root == NULL)
		err_set(e, "this is not JSON: %s", why.text);
	return root;
}

struct notification *
notification_read(const char *id, const char *json, struct err *e)
{
	struct notification *n;
	struct fields f = { 0 };
	json_t *root;

	if (check_id(id, e) == -1 || (root = load(json, e)) == NULL)
		return NULL;
	NEW(n);
	memcpy(n->id, id, strlen(id) + 1);
	if (unpack(&f, root, e) == -1 || fill(n, &f, e) == -1) {
		notification_free(n);
		n = NULL;
	}
	json_decref(root);
	return n;
}
