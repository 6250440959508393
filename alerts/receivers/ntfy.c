/*
 * ntfy - the notification as a push to phones that subscribed to a topic.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/authorize.h"
#include "alerts/judge.h"
#include "alerts/receiver.h"
#include "alerts/wording.h"
#include "base/err.h"
#include "base/json.h"
#include "base/secret.h"

#define VENDORS_URL	"https://ntfy.sh"
#define TITLE_MAX	250
#define TEXT_MAX	3800	/* of 4096, beyond which it is a file */
#define TOPIC_MAX	64

static const struct look {
	int		 priority;	/* 1 to 5 */
	const char	*tag;		/* an emoji's name */
} looks[MOOD_COUNT] = {
	[MOOD_GOOD]	= { 3, "white_check_mark" },
	[MOOD_INFO]	= { 3, "information_source" },
	[MOOD_NO_DATA]	= { 4, "grey_question" },
	[MOOD_WARNING]	= { 4, "warning" },
	[MOOD_CRITICAL]	= { 5, "rotating_light" },
};

static char *
make_body(const struct message *m, const char *topic)
{
	const struct look *look = &looks[message_mood(m)];
	char *title = message_title(m, &escape_none, TITLE_MAX);
	char *lines = message_lines(m, &escape_none, TEXT_MAX);
	json_t *root = json_pack("{s:s, s:s, s:s, s:i, s:[s, s], s:s}",
	    "topic", topic, "title", title, "message", lines,
	    "priority", look->priority,
	    "tags", look->tag, m->items[0]->host, "click", message_url(m));
	char *body;

	body = json_take(root);
	free(title);
	free(lines);
	return body;
}

static bool
is_topic(const char *topic)
{
	size_t n = strspn(topic, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

	return n > 0 && n <= TOPIC_MAX && topic[n] == '\0';
}

/* JSON that is posted to a topic's own address is what people would read. */
static bool
is_server(const char *url)
{
	const char *host = strstr(url, "://") + 3;
	size_t n = strcspn(host, "/?#");

	return host[n] == '\0' || strcmp(host + n, "/") == 0;
}

static int
fill(struct request *q, const struct receiver *r, const struct message *m,
    const char *topic, struct err *e)
{
	if (topic == NULL || !is_topic(topic))
		return err_set(e, "a topic has 1 to %d letters, digits, - and "
		    "_", TOPIC_MAX);
	if (receiver_url_or(r, VENDORS_URL, &q->url, e) == -1)
		return -1;
	if (!is_server(q->url))
		return err_set(e, "the url is that of the server, "
		    "https://HOST; the topic is a key of its own");
	q->body = make_body(m, topic);
	request_header(q, "Content-Type: application/json");
	return authorize(q, r, e);
}

static int
write_request(const struct receiver *r, const struct message *m,
    struct request *ret, struct err *e)
{
	struct request q = { 0 };
	char *topic;
	int rc;

	if (receiver_text(r, RECEIVER_TOPIC, &topic, e) == -1)
		return -1;
	rc = fill(&q, r, m, topic, e);
	secret_wipe(topic);
	if (rc == 0)
		*ret = q;
	else
		request_done(&q);
	return rc;
}

static enum verdict
judge(struct answer *a, struct err *e)
{
	static const struct judgement rows[] = {
		{ 200, VERDICT_DELIVERED, NULL },
		{ 400, VERDICT_REFUSED, "calls the message malformed" },
		{ 401, VERDICT_RETRY, "does not know the token or the user" },
		{ 403, VERDICT_RETRY, "forbids us to write to the topic" },
		{ 413, VERDICT_REFUSED, "calls the message too large" },
		{ 429, VERDICT_RETRY, "had too many messages" },
		{ 0, VERDICT_RETRY, NULL },
	};

	return judge_by(rows, "ntfy", a, e);
}

extern const struct receiver_type receiver_ntfy;

const struct receiver_type receiver_ntfy = {
	.name = "ntfy",
	.help = "Pushes to a topic of ntfy.sh, or of an ntfy server of one's "
	    "own.",
	.needs = "topic",
	.takes = "url token username password",
	.groups = true,
	.storm_max = STORM_MAX,
	.gap_ms = 1000,
	.write = write_request,
	.judge = judge,
};
