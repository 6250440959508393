/*
 * googlechat - alerts as a text of a Google Chat webhook.
 *
 * All that is said of one database by one host stays in one thread.
 */
#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/judge.h"
#include "alerts/labels.h"
#include "alerts/receiver.h"
#include "alerts/wording.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"

#define TEXT_MAX	4096
#define TITLE_MAX	256
#define HOST_MAX	200
#define OPTION		"messageReplyOption="
#define FALL_BACK	OPTION "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"

/* Without this a thread key is not looked at. */
static int
make_url(char **ret, const struct receiver *r, struct err *e)
{
	char *url;

	if (receiver_url(r, &url, e) == -1)
		return -1;
	if (strstr(url, OPTION) != NULL)
		*ret = mem_strdup(url);
	else
		*ret = mem_printf("%s%s" FALL_BACK, url,
		    strchr(url, '?') != NULL ? "&" : "?");
	secret_wipe(url);
	return 0;
}

/* Title, lines and, never cut, the page's address and whose it is: on loopback
 * it is the same on every host. */
static char *
make_text(const struct message *m)
{
	const char *url = message_url(m);
	char *title = message_title(m, &escape_chat, TITLE_MAX), *lines;
	char *host = wording_escape(m->items[0]->host, &escape_chat, HOST_MAX);
	struct buf b;

	buf_init(&b, TEXT_MAX);
	buf_addf(&b, "%s\n%s", title, m->n > 1 ? "\n" : "");
	lines = message_lines(m, &escape_chat,
	    TEXT_MAX - b.len - strlen(url) - strlen(host) - strlen("\n\n"));
	buf_addf(&b, "%s\n%s\n%s", lines, url, host);
	assert(buf_ok(&b));
	free(host);
	free(lines);
	free(title);
	return buf_take(&b);
}

static char *
make_body(const struct message *m)
{
	bool many = message_databases(m) > 1;
	const struct label labels[] = {
		{ many ? "alertname" : "db", many ? m->items[0]->alert :
		    m->items[0]->db },
		{ "instance", m->items[0]->host },
	};
	char *key = mem_printf("litegauge-%016" PRIx64,
	    labels_fingerprint(labels, sizeof labels / sizeof *labels));
	char *text = make_text(m), *body;
	json_t *root = json_pack("{s:s, s:{s:s}}", "text", text,
	    "thread", "threadKey", key);

	body = json_take(root);
	free(text);
	free(key);
	return body;
}

static int
write_request(const struct receiver *r, const struct message *m,
    struct request *ret, struct err *e)
{
	struct request q = { 0 };

	if (make_url(&q.url, r, e) == -1)
		return -1;
	q.body = make_body(m);
	request_header(&q, "Content-Type: application/json; charset=UTF-8");
	*ret = q;
	return 0;
}

/* Whoever forbids it, an administrator, may allow it again. */
static enum verdict
judge(struct answer *a, struct err *e)
{
	static const struct judgement rows[] = {
		{ 200, VERDICT_DELIVERED, NULL },
		{ 400, VERDICT_REFUSED, "calls the message malformed" },
		{ 401, VERDICT_GONE, "does not take the key and the token in "
		    "the url" },
		{ 403, VERDICT_RETRY, "forbids the webhook to post" },
		{ 404, VERDICT_GONE, "knows no such webhook or space" },
		{ 429, VERDICT_RETRY, "had too many messages" },
		{ 0, VERDICT_RETRY, NULL },
	};

	return judge_by(rows, "Google Chat", a, e);
}

extern const struct receiver_type receiver_googlechat;

const struct receiver_type receiver_googlechat = {
	.name = "googlechat",
	.help = "POSTs a text to a Google Chat webhook, at most every second; "
	    "what is said of a database stays in one thread.",
	.needs = "url",
	.groups = true,
	.storm_max = STORM_MAX,
	.gap_ms = 1000,
	.write = write_request,
	.judge = judge,
};
