/*
 * pagerduty - an alert as an event of PagerDuty's Events API v2.
 *
 * An alert is one incident from its firing to its resolve, whatever becomes of
 * it between: its key is made of where it is and what it is called.
 */
#include <assert.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/judge.h"
#include "alerts/receiver.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"

#define VENDORS_URL	"https://events.pagerduty.com/v2/enqueue"
#define KEY_MAX		255	/* of a dedup_key */
#define ROUTING_KEY_MAX	64

/* Readable while it fits; the same for the same alert in any case. */
static char *
make_dedup_key(const struct notification *n)
{
	char *key = mem_printf("litegauge/%s/%s/%s", n->host, n->db, n->alert);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len;
	struct buf b;

	if (strlen(key) <= KEY_MAX)
		return key;
	if (EVP_Digest(key, strlen(key), digest, &len, EVP_sha256(),
	    NULL) != 1)
		abort();	/* out of memory, as in mem.h */
	free(key);
	buf_init(&b, KEY_MAX);
	buf_adds(&b, "litegauge/");
	for (unsigned i = 0; i < len; i++)
		buf_addf(&b, "%02x", digest[i]);
	return buf_take(&b);
}

static json_t *
details(const struct notification *n)
{
	json_t *root = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:f,"
	    " s:s, s:o}",
	    "state", notification_type_name(n->type),
	    "alert", n->alert, "db", n->db, "cause", n->cause,
	    "next_step", n->next_step, "measure", n->measure,
	    "value", json_number(n->value), "threshold", n->threshold,
	    "unit", n->unit, "since", json_time(n->since_ms));

	if (n->has_culprit)
		json_object_set_new(root, "culprit", json_pack("{s:I, s:s}",
		    "pid", (json_int_t)n->culprit_pid,
		    "command", n->culprit_command));
	return root;
}

/* The severities have the same names there. */
static json_t *
payload(const struct notification *n)
{
	char at[CLOCK_TEXT_MAX];

	clock_text(at, n->at_ms);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}",
	    "summary", n->summary, "source", n->host,
	    "severity", n->severity, "timestamp", at, "component", n->db,
	    "group", "litegauge", "class", n->alert,
	    "custom_details", details(n));
}

static char *
make_body(const struct notification *n, const char *routing_key)
{
	bool over = n->type == NOTIFY_RESOLVED;
	char *key = make_dedup_key(n), *body;
	json_t *root = json_pack("{s:s, s:s, s:s}", "routing_key", routing_key,
	    "event_action", over ? "resolve" : "trigger", "dedup_key", key);

	assert(root != NULL);	/* all text in it was made clean */
	if (!over) {
		json_object_set_new(root, "client", json_string("litegauge"));
		json_object_set_new(root, "client_url", json_string(n->url));
		json_object_set_new(root, "links", json_pack("[{s:s, s:s}]",
		    "href", n->url, "text", "The database in litegauge"));
		json_object_set_new(root, "payload", payload(n));
	}
	body = json_take(root);
	free(key);
	return body;
}

static bool
is_routing_key(const char *key)
{
	size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

	return n > 0 && n <= ROUTING_KEY_MAX && key[n] == '\0';
}

static int
write_request(const struct receiver *r, const struct message *m,
    struct request *ret, struct err *e)
{
	struct request q = { 0 };
	char *key = NULL;

	if (receiver_text(r, RECEIVER_ROUTING_KEY, &key, e) == -1)
		return -1;
	if (key == NULL || !is_routing_key(key)) {
		secret_wipe(key);
		return err_set(e, "the routing_key is not one of "
		    "PagerDuty's");
	}
	if (receiver_url_or(r, VENDORS_URL, &q.url, e) == -1) {
		secret_wipe(key);
		return -1;
	}
	q.body = make_body(m->items[0], key);
	request_header(&q, "Content-Type: application/json");
	secret_wipe(key);
	*ret = q;
	return 0;
}

static enum verdict
judge(struct answer *a, struct err *e)
{
	static const struct judgement rows[] = {
		{ 202, VERDICT_DELIVERED, NULL },
		{ 400, VERDICT_REFUSED, "calls the event or its routing key "
		    "invalid" },
		{ 413, VERDICT_REFUSED, "calls the event too large" },
		{ 429, VERDICT_RETRY, "had too many events" },
		{ 0, VERDICT_RETRY, NULL },
	};

	return judge_by(rows, "PagerDuty", a, e);
}

extern const struct receiver_type receiver_pagerduty;

const struct receiver_type receiver_pagerduty = {
	.name = "pagerduty",
	.help = "Triggers and resolves incidents of PagerDuty (Events API v2).",
	.needs = "routing_key",
	.takes = "url",
	.skips = 1u << NOTIFY_DIGEST | 1u << NOTIFY_TEST,
	.write = write_request,
	.judge = judge,
};
