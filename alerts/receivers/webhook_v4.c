/*
 * webhook_v4 - what Alertmanager's own webhook sends, version 4 of it.
 *
 * For the many programs that listen for Alertmanager, without one in between.
 */
#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/authorize.h"
#include "alerts/judge.h"
#include "alerts/labels.h"
#include "alerts/wording.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"

#define NEVER		"0001-01-01T00:00:00Z"	/* Go's zero: not ended yet */
#define KEY_MAX		(8 * NOTIFICATION_TEXT_MAX)

static const char *
status_of(const struct notification *n)
{
	return labels_open(n) ? "firing" : "resolved";
}

static json_t *
alert_json(const struct notification *n)
{
	struct label labels[LABELS_MAX];
	char since[CLOCK_TEXT_MAX], end[CLOCK_TEXT_MAX] = NEVER, print[17];
	int64_t since_ms = n->since_ms < n->at_ms ? n->since_ms : n->at_ms;

	clock_text(since, since_ms);
	if (!labels_open(n))
		clock_text(end, n->at_ms);
	(void)snprintf(print, sizeof print, "%016" PRIx64,
	    labels_fingerprint(labels, labels_of(labels, n)));
	return json_pack("{s:s, s:o, s:o, s:s, s:s, s:s, s:s}",
	    "status", status_of(n),
	    "labels", labels_json(n),
	    "annotations", labels_annotations(n),
	    "startsAt", since, "endsAt", end,
	    "generatorURL", n->url,
	    "fingerprint", print);
}

/* What all of them say in the same words. */
static json_t *
common(const struct message *m, json_t *(*of)(const struct notification *))
{
	json_t *ret = of(m->items[0]);

	for (size_t i = 1; i < m->n; i++) {
		json_t *other = of(m->items[i]), *value;
		const char *key;
		void *next;

		json_object_foreach_safe(ret, next, key, value)
			if (!json_equal(value, json_object_get(other, key)))
				json_object_del(ret, key);
		json_decref(other);
	}
	return ret;
}

/* Messages are grouped by database, or else by rule, and there is one of us on
 * a host. */
static json_t *
group_labels(const struct message *m)
{
	json_t *ret = labels_json(m->items[0]);

	json_object_del(ret, message_databases(m) > 1 ? "db" : "alertname");
	json_object_del(ret, "job");
	json_object_del(ret, "severity");
	return ret;
}

/* As Go quotes it. */
static void
add_quoted(struct buf *b, const char *text)
{
	buf_adds(b, "\"");
	for (; *text != '\0'; text++)
		buf_addf(b, *text == '"' || *text == '\\' ? "\\%c" : "%c",
		    *text);
	buf_adds(b, "\"");
}

/* {}:{db="app", instance="vps1"} */
static char *
group_key(const struct message *m)
{
	json_t *labels = group_labels(m), *value;
	const char *key, *between = "";
	struct buf b;

	buf_init(&b, KEY_MAX);
	buf_adds(&b, "{}:{");
	json_object_foreach(labels, key, value) {
		buf_addf(&b, "%s%s=", between, key);
		add_quoted(&b, json_string_value(value));
		between = ", ";
	}
	buf_adds(&b, "}");
	json_decref(labels);
	return buf_take(&b);
}

/* The page's address without the database behind it. */
static char *
external_url(const struct notification *n)
{
	const char *end = strstr(n->url, "/#");

	return mem_printf("%.*s", end != NULL ? (int)(end - n->url) :
	    (int)strlen(n->url), n->url);
}

static json_t *
message_json(const struct receiver *r, const struct message *m)
{
	json_t *alerts = json_array();
	const char *status = "resolved";
	char *key = group_key(m);
	char *url = external_url(m->items[0]);
	json_t *root;

	for (size_t i = 0; i < m->n; i++) {
		json_array_append_new(alerts, alert_json(m->items[i]));
		if (labels_open(m->items[i]))
			status = "firing";
	}
	root = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:s, s:i}",
	    "receiver", r->name,
	    "status", status,
	    "alerts", alerts,
	    "groupLabels", group_labels(m),
	    "commonLabels", common(m, labels_json),
	    "commonAnnotations", common(m, labels_annotations),
	    "externalURL", url,
	    "version", "4",
	    "groupKey", key,
	    "truncatedAlerts", 0);
	assert(root != NULL);	/* all text in it was made clean */
	free(key);
	free(url);
	return root;
}

static int
write_request(const struct receiver *r, const struct message *m,
    struct request *ret, struct err *e)
{
	struct request q = { 0 };
	struct spread s;

	if (receiver_url(r, &q.url, e) == -1)
		return -1;
	if (authorize(&q, r, e) == -1) {
		request_done(&q);
		return -1;
	}
	labels_spread(&s, m);
	q.body = json_take(message_json(r, &s.m));
	labels_spread_done(&s);
	request_header(&q, "Content-Type: application/json");
	*ret = q;
	return 0;
}

extern const struct receiver_type receiver_webhook_v4;

const struct receiver_type receiver_webhook_v4 = {
	.name = "webhook_v4",
	.help = "POSTs what the webhook of Alertmanager sends, in version 4 of "
	    "it, for programs that know this; any 2xx answer means delivered.",
	.needs = "url",
	.takes = "token username password",
	.groups = true,
	.write = write_request,
	.judge = judge_http,
};
