/*
 * discord - alerts as embeds of a Discord webhook.
 */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/cards.h"
#include "alerts/judge.h"
#include "alerts/receiver.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"

#define RETRY_AFTER_MAX_S	3600
#define MILLISECONDS_FROM	1000	/* no whole number of s is so large */

static const int colors[MOOD_COUNT] = {
	[MOOD_GOOD]	= 0x2ecc71,
	[MOOD_INFO]	= 0x3498db,
	[MOOD_NO_DATA]	= 0x95a5a6,
	[MOOD_WARNING]	= 0xf1c40f,
	[MOOD_CRITICAL]	= 0x992d22,
};

static json_t *
embed(const struct card *c)
{
	char at[CLOCK_TEXT_MAX];

	clock_text(at, c->at_ms);
	return json_pack("{s:s, s:s, s:s, s:i, s:s, s:{s:s}}",
	    "title", c->title, "url", c->url, "description", c->lines,
	    "color", colors[c->mood], "timestamp", at,
	    "footer", "text", c->host);
}

/* With nobody in it that a text may call, whatever it says. */
static char *
make_body(const struct message *m)
{
	json_t *embeds = json_array(), *root;
	struct cards cards;
	char *body, *content = NULL;

	cards_make(&cards, m, &escape_markdown);
	if (cards.n > 1)
		content = message_title(m, &escape_markdown, CARD_TITLE_MAX);
	for (size_t i = 0; i < cards.n; i++)
		json_array_append_new(embeds, embed(&cards.all[i]));
	assert(json_array_size(embeds) == cards.n);
	root = json_pack("{s:s*, s:o, s:{s:[]}}", "content", content,
	    "embeds", embeds, "allowed_mentions", "parse");
	body = json_take(root);
	cards_done(&cards);
	free(content);
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

/* {"retry_after": 0.529}, in seconds; but a webhook may still be served by an
 * old version of the API, which says milliseconds, as a whole number. */
static void
read_retry_after(struct answer *a)
{
	json_t *root = json_loads(a->body, 0, NULL);
	const json_t *after = json_object_get(root, "retry_after");
	double s = json_number_value(after);

	if (json_is_integer(after) && s >= MILLISECONDS_FROM)
		s /= 1000;
	if (json_is_number(after) && s >= 0)
		a->retry_after_ms = (int64_t)(1000 *
		    (s < RETRY_AFTER_MAX_S ? s : RETRY_AFTER_MAX_S));
	json_decref(root);
}

/* 403 is also what its shield against floods says for a while. */
static enum verdict
judge(struct answer *a, struct err *e)
{
	static const struct judgement rows[] = {
		{ 200, VERDICT_DELIVERED, NULL },
		{ 204, VERDICT_DELIVERED, NULL },
		{ 400, VERDICT_REFUSED, "calls the message malformed" },
		{ 401, VERDICT_GONE, "does not know the webhook's token" },
		{ 403, VERDICT_RETRY, "forbids us to post" },
		{ 404, VERDICT_GONE, "knows no such webhook" },
		{ 429, VERDICT_RETRY, "had too many messages" },
		{ 0, VERDICT_RETRY, NULL },
	};

	if (a->status == 429)
		read_retry_after(a);
	return judge_by(rows, "Discord", a, e);
}

extern const struct receiver_type receiver_discord;

const struct receiver_type receiver_discord = {
	.name = "discord",
	.help = "POSTs a message to a Discord webhook, at most every two "
	    "seconds.",
	.needs = "url",
	.groups = true,
	.storm_max = STORM_MAX,
	.gap_ms = 2000,		/* 30 a minute are taken */
	.write = write_request,
	.judge = judge,
};
