/*
 * teams - alerts as an adaptive card, for a workflow of Microsoft Teams.
 *
 * Texts go in runs, which know no markup, so that there is none to escape.
 * What Teams takes is 28 KB, and others have met an end at 21 KB; the texts of
 * cards are 6 KB, twice that at most once JSON has escaped them, and the lines
 * are counted, for each is a block.
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

#define LINES_MAX	100	/* 7 KB of blocks, without what is in them */
#define ELLIPSIS	"\xe2\x80\xa6"
#define SCHEMA		"http://adaptivecards.io/schemas/adaptive-card.json"

static const char *const colors[MOOD_COUNT] = {
	[MOOD_GOOD]	= "Good",
	[MOOD_INFO]	= "Accent",
	[MOOD_NO_DATA]	= "Default",
	[MOOD_WARNING]	= "Warning",
	[MOOD_CRITICAL]	= "Attention",
};

static json_t *
add_block(json_t *items, json_t *run)
{
	json_t *block = json_pack("{s:s, s:[o]}", "type", "RichTextBlock",
	    "inlines", run);

	json_array_append_new(items, block);
	return block;
}

/* A run keeps no line end, so each line is a block; an empty one is space. */
static void
add_lines(json_t *items, const char *lines)
{
	bool apart = false;
	json_t *block;
	size_t n;

	for (; *lines != '\0'; lines += n + (lines[n] == '\n')) {
		if (json_array_size(items) >= LINES_MAX)
			lines = ELLIPSIS;	/* the last */
		n = strcspn(lines, "\n");
		if (n > 0) {
			block = add_block(items, json_pack("{s:s, s:s%}",
			    "type", "TextRun", "text", lines, n));
			if (apart)
				json_object_set_new(block, "spacing",
				    json_string("Large"));
		}
		apart = n == 0;
	}
}

static json_t *
container(const struct card *c, bool first)
{
	json_t *items = json_array();

	(void)add_block(items, json_pack("{s:s, s:s, s:s, s:s, s:s}",
	    "type", "TextRun", "text", c->title, "weight", "Bolder",
	    "size", "Medium", "color", colors[c->mood]));
	add_lines(items, c->lines);
	if (c->host[0] != '\0')
		(void)add_block(items, json_pack("{s:s, s:s, s:b, s:s}",
		    "type", "TextRun", "text", c->host, "isSubtle", 1,
		    "size", "Small"));
	return json_pack("{s:s, s:b, s:o}", "type", "Container",
	    "separator", !first, "items", items);
}

static json_t *
card_json(const struct message *m)
{
	json_t *body = json_array();
	struct cards cards;

	cards_make(&cards, m, &escape_none);
	for (size_t i = 0; i < cards.n; i++)
		json_array_append_new(body, container(&cards.all[i], i == 0));
	assert(json_array_size(body) == cards.n);
	cards_done(&cards);
	return json_pack("{s:s, s:s, s:s, s:o, s:[{s:s, s:s, s:s}], s:{s:s}}",
	    "$schema", SCHEMA, "type", "AdaptiveCard", "version", "1.2",
	    "body", body,
	    "actions", "type", "Action.OpenUrl", "title", "Open litegauge",
	    "url", message_url(m),
	    "msteams", "width", "full");
}

static char *
make_body(const struct message *m)
{
	json_t *root = json_pack("{s:s, s:[{s:s, s:n, s:o}]}",
	    "type", "message", "attachments",
	    "contentType", "application/vnd.microsoft.card.adaptive",
	    "contentUrl", "content", card_json(m));
	char *body;

	body = json_take(root);
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

static enum verdict
judge(struct answer *a, struct err *e)
{
	static const struct judgement rows[] = {
		{ 200, VERDICT_DELIVERED, NULL },
		{ 202, VERDICT_DELIVERED, NULL },
		{ 400, VERDICT_REFUSED, "calls the message malformed" },
		{ 401, VERDICT_GONE, "does not take the signature in the url" },
		{ 404, VERDICT_GONE, "knows no such workflow" },
		{ 410, VERDICT_GONE, "knows the workflow no more" },
		{ 413, VERDICT_REFUSED, "calls the message too large" },
		{ 429, VERDICT_RETRY, "had too many messages" },
		{ 0, VERDICT_RETRY, NULL },
	};

	/* A workflow that is off is turned on again by a person. */
	if (a->status == 400 &&
	    strstr(a->body, "WorkflowTriggerIsNotEnabled") != NULL) {
		err_set(e, "the workflow is turned off (HTTP 400)");
		return VERDICT_RETRY;
	}
	return judge_by(rows, "Teams", a, e);
}

extern const struct receiver_type receiver_teams;

const struct receiver_type receiver_teams = {
	.name = "teams",
	.help = "POSTs an adaptive card to a workflow of Microsoft Teams that "
	    "waits for a webhook.",
	.needs = "url",
	.groups = true,
	.storm_max = STORM_MAX,
	.gap_ms = 1000,
	.write = write_request,
	.judge = judge,
};
