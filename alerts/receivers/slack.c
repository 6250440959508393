/*
 * slack - alerts as a message of a Slack incoming webhook.
 *
 * As attachments: other programs (Mattermost, Discord's /slack address) take
 * the same body, and would show nothing of blocks.  Markup stays off: names
 * hold underscores and asterisks, and are not ours.
 */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/cards.h"
#include "alerts/judge.h"
#include "alerts/receiver.h"
#include "base/err.h"
#include "base/json.h"

#define FALLBACK_MAX	500	/* bytes */
#define WORD_MAX	32	/* of the answer, "invalid_token" */

static const char *const colors[MOOD_COUNT] = {
	[MOOD_GOOD]	= "good",
	[MOOD_INFO]	= "#439FE0",
	[MOOD_NO_DATA]	= "#808080",
	[MOOD_WARNING]	= "warning",
	[MOOD_CRITICAL]	= "danger",
};

static json_t *
attachment(const struct card *c, const char *fallback)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:[]}",
	    "color", colors[c->mood], "title", c->title, "title_link", c->url,
	    "text", c->lines, "fallback", fallback, "footer", c->host,
	    "ts", (json_int_t)(c->at_ms / 1000), "mrkdwn_in");
}

/* The line above several; one says all of it itself. */
static void
add_text(json_t *root, const struct message *m)
{
	char *title = message_title(m, &escape_slack, CARD_TITLE_MAX);

	json_object_set_new(root, "text", json_string(title));
	json_object_set_new(root, "mrkdwn", json_false());
	free(title);
}

/* For where attachments are not shown: a line on the lock screen. */
static char *
make_fallback(const struct message *m, const struct cards *cards, size_t i)
{
	if (cards->n < m->n)
		return message_title(m, &escape_slack, CARD_TITLE_MAX);
	return wording_escape(m->items[i]->summary, &escape_slack,
	    FALLBACK_MAX);
}

static char *
make_body(const struct message *m)
{
	json_t *attachments = json_array();
	json_t *root = json_pack("{s:o}", "attachments", attachments);
	struct cards cards;
	char *body;

	cards_make(&cards, m, &escape_slack);
	for (size_t i = 0; i < cards.n; i++) {
		char *fallback = make_fallback(m, &cards, i);

		json_array_append_new(attachments, attachment(&cards.all[i],
		    fallback));
		free(fallback);
	}
	assert(json_array_size(attachments) == cards.n);
	if (cards.n > 1)
		add_text(root, m);
	body = json_take(root);
	cards_done(&cards);
	return body;
}

static int
write_request(const struct receiver *r, const struct message *m,
    struct request *ret, struct err *e)
{
	struct request q;

	if (request_begin(&q, r, e) == -1)
		return -1;
	q.body = make_body(m);
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
	static const struct judgement rows[] = {
		{ 400, VERDICT_REFUSED, "calls the message malformed" },
		{ 403, VERDICT_GONE, "forbids the webhook to post" },
		{ 404, VERDICT_GONE, "knows no such webhook, or its channel is "
		    "gone" },
		{ 410, VERDICT_GONE, "says that the channel is archived" },
		{ 0, VERDICT_RETRY, NULL },
	};
	char word[WORD_MAX + 1];
	enum verdict v;

	if (a->status == 200 && strcmp(a->body, "ok") == 0)
		return VERDICT_DELIVERED;
	if (a->status == 200) {
		err_set(e, "it answered HTTP 200, but not the \"ok\" of Slack");
		return VERDICT_RETRY;
	}
	v = judge_by(rows, "Slack", a, e);
	known_word(a->body, word);
	if (word[0] != '\0')
		err_prefix(e, "%s", word);
	return strcmp(word, "invalid_token") == 0 ? VERDICT_GONE : v;
}

extern const struct receiver_type receiver_slack;

const struct receiver_type receiver_slack = {
	.name = "slack",
	.help = "POSTs a message to a Slack incoming webhook, or to a program "
	    "that takes the same body and answers ok.",
	.needs = "url",
	.groups = true,
	.storm_max = STORM_MAX,
	.gap_ms = 1000,
	.write = write_request,
	.judge = judge,
};
