/*
 * slack - the notification as a message of a Slack incoming webhook.
 *
 * Other programs (Mattermost, Discord's /slack address) take the same body.
 * Markup stays off: names hold underscores and asterisks, and are not ours.
 */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "agent/buf.h"
#include "agent/err.h"
#include "alerts/clean.h"
#include "alerts/receiver.h"

#define TITLE_MAX	200	/* bytes, fivefold once escaped; Slack: 1024 */
#define TEXT_MAX	(8 * 4 * NOTIFICATION_TEXT_MAX)
#define WORD_MAX	32	/* of the answer, "invalid_token" */

/* What the title begins with; a colour of NULL follows the severity. */
static const struct look {
	const char	*word, *color;
} looks[] = {
	[NOTIFY_FIRING]		= { "firing", NULL },
	[NOTIFY_RESOLVED]	= { "resolved", "good" },
	[NOTIFY_NO_DATA]	= { "no data", "#808080" },
	[NOTIFY_TEST]		= { "test", "#439FE0" },
};

static const struct {
	const char	*severity, *color;
} colors[] = {
	{ "info",	"#439FE0" },
	{ "warning",	"warning" },
	{ "critical",	"danger" },
};

static const char *
find_color(const struct notification *n)
{
	if (looks[n->type].color != NULL)
		return looks[n->type].color;
	for (size_t i = 0; i < sizeof colors / sizeof *colors; i++)
		if (strcmp(colors[i].severity, n->severity) == 0)
			return colors[i].color;
	return "warning";
}

/* Slack's three; a bare < would begin a link or call the whole channel. */
static void
add_escaped(struct buf *b, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] == '&')
			buf_adds(b, "&amp;");
		else if (text[i] == '<')
			buf_adds(b, "&lt;");
		else if (text[i] == '>')
			buf_adds(b, "&gt;");
		else
			buf_add(b, &text[i], 1);
}

static char *
make_title(const struct notification *n)
{
	struct buf raw, b;

	buf_init(&raw, 4 * NOTIFICATION_TEXT_MAX);
	buf_addf(&raw, "[%s] %s on %s (%s)", looks[n->type].word, n->alert,
	    n->db, n->severity);
	buf_init(&b, 5 * TITLE_MAX);
	if (raw.data != NULL)
		add_escaped(&b, raw.data, clean_fit(raw.data, TITLE_MAX));
	buf_free(&raw);
	return buf_take(&b);
}

static char *
make_text(const struct notification *n)
{
	const char *const lines[] = { n->summary, n->cause, n->next_step };
	struct buf b;

	buf_init(&b, TEXT_MAX);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		if (i > 0)
			buf_adds(&b, "\n");
		add_escaped(&b, lines[i], strlen(lines[i]));
	}
	return buf_take(&b);
}

static char *
escaped(const char *text)
{
	struct buf b;

	buf_init(&b, TEXT_MAX);
	add_escaped(&b, text, strlen(text));
	return buf_take(&b);
}

static char *
make_body(const struct notification *n)
{
	char *title = make_title(n), *text = make_text(n);
	char *fallback = escaped(n->summary), *host = escaped(n->host);
	json_t *root = json_pack("{s:[{s:s, s:s, s:s, s:s, s:s, s:s, s:I,"
	    " s:[]}]}", "attachments",
	    "color", find_color(n), "title", title, "title_link", n->url,
	    "text", text, "fallback", fallback, "footer", host,
	    "ts", (json_int_t)(n->at_ms / 1000), "mrkdwn_in");
	char *body;

	assert(root != NULL);	/* all text in it was made clean */
	body = json_dumps(root, JSON_COMPACT);
	assert(body != NULL);
	json_decref(root);
	free(title);
	free(text);
	free(fallback);
	free(host);
	return body;
}

static int
write_request(const struct receiver *r, const struct message *m,
    struct request *ret, struct err *e)
{
	struct request q = { 0 };

	if (receiver_url(r, &q.url, e) == -1)
		return -1;
	q.body = make_body(m->items[0]);
	request_header(&q, "Content-Type: application/json");
	*ret = q;
	return 0;
}

/* One of Slack's words, or "": any other text might repeat the URL. */
static const char *
known_word(const char *body, char word[WORD_MAX + 1])
{
	size_t n = strspn(body, "abcdefghijklmnopqrstuvwxyz_");

	word[0] = '\0';
	if (n <= WORD_MAX && body[n] == '\0') {
		memcpy(word, body, n);
		word[n] = '\0';
	}
	return word;
}

static enum verdict
judge(struct answer *a, struct err *e)
{
	static const long finals[] = { 400, 403, 404, 410 };
	char word[WORD_MAX + 1];

	if (a->status == 200 && strcmp(a->body, "ok") == 0)
		return VERDICT_DELIVERED;
	if (a->status == 200) {
		err_set(e, "it answered HTTP 200, but not the \"ok\" of Slack");
		return VERDICT_RETRY;
	}
	known_word(a->body, word);
	err_set(e, "Slack answered HTTP %ld%s%s", a->status,
	    word[0] != '\0' ? ": " : "", word);
	for (size_t i = 0; i < sizeof finals / sizeof *finals; i++)
		if (finals[i] == a->status)
			return VERDICT_REFUSED;
	return VERDICT_RETRY;
}

extern const struct receiver_type receiver_slack;

const struct receiver_type receiver_slack = {
	.name = "slack",
	.help = "POSTs a message to a Slack incoming webhook, or to a program "
	    "that takes the same body and answers ok.",
	.needs = "url",
	.gap_ms = 1000,
	.write = write_request,
	.judge = judge,
};
