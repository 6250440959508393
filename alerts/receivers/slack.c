/*
 * slack - alerts as a message of a Slack incoming webhook.
 *
 * In blocks: of each card a header, its lines, and a link.  Other programs take
 * the same body (Mattermost, Discord's /slack address) and show the plain text
 * of it, which in Slack is what a lock screen has.  But for the link all of it
 * is without markup: names hold underscores and asterisks, and are not ours.
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
#include "base/mem.h"

#define HEADER_MAX	140	/* bytes; Slack takes 150 characters */
#define URL_MAX		1000
#define TEXT_MAX	1900	/* Discord takes 2000 characters */
#define WORD_MAX	32	/* of the answer, "invalid_token" */

/* Blocks have no colour of their own. */
static const char *const circles[MOOD_COUNT] = {
	[MOOD_GOOD]	= "\U0001F7E2",		/* green */
	[MOOD_INFO]	= "\U0001F535",		/* blue */
	[MOOD_NO_DATA]	= "\u26AA",		/* white */
	[MOOD_WARNING]	= "\U0001F7E0",		/* orange */
	[MOOD_CRITICAL]	= "\U0001F534",		/* red */
};

static json_t *
text_block(const char *type, const char *text)
{
	return json_pack("{s:s, s:{s:s, s:s, s:b}}", "type", type, "text",
	    "type", "plain_text", "text", text, "emoji", 0);
}

/* The one place with markup: our page, by the name of the machine. */
static json_t *
link_block(const struct card *c)
{
	char *url = wording_escape(c->url, &escape_slack, URL_MAX);
	char *link = mem_printf("<%s|%s>", url, c->host);
	json_t *block = json_pack("{s:s, s:[{s:s, s:s}]}", "type", "context",
	    "elements", "type", "mrkdwn", "text", link);

	free(link);
	free(url);
	return block;
}

static void
add_card(json_t *blocks, const struct card *c, const char *title)
{
	char *header = mem_printf("%s %s", circles[c->mood], title);

	json_array_append_new(blocks, text_block("header", header));
	json_array_append_new(blocks, text_block("section", c->lines));
	json_array_append_new(blocks, link_block(c));
	free(header);
}

static json_t *
make_blocks(const struct message *m)
{
	json_t *blocks = json_array();
	struct cards cards;

	cards_make(&cards, m, &escape_slack);
	for (size_t i = 0; i < cards.n; i++) {
		char *title = cards.n < m->n ?
		    message_title(m, &escape_slack, HEADER_MAX) :
		    notification_title(m->items[i], &escape_slack, HEADER_MAX);

		add_card(blocks, &cards.all[i], title);
		free(title);
	}
	assert(json_array_size(blocks) == 3 * cards.n);
	cards_done(&cards);
	return blocks;
}

static char *
make_body(const struct message *m)
{
	char *title = message_title(m, &escape_slack, CARD_TITLE_MAX);
	char *lines = message_lines(m, &escape_slack, TEXT_MAX -
	    strlen(title) - 1);
	char *text = mem_printf("%s\n%s", title, lines);
	json_t *root = json_pack("{s:s, s:b, s:o}", "text", text, "mrkdwn", 0,
	    "blocks", make_blocks(m));

	assert(root != NULL);	/* all text in it was made clean */
	free(text);
	free(lines);
	free(title);
	return json_take(root);
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
