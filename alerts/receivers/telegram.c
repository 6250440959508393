/*
 * telegram - the notification as a message of a Telegram bot.
 *
 * The bot's token is part of the address; it is in no sentence of ours, and of
 * Telegram's only what it calls the description.
 */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/clean.h"
#include "alerts/receiver.h"
#include "alerts/wording.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secret.h"

#define VENDORS_URL	"https://api.telegram.org"
#define TITLE_MAX	300
#define LINES_MAX	2900	/* all together less than 4096 */
#define URL_MAX		600
#define HOST_MAX	200
#define TOKEN_MAX	128
#define NUMBER_MAX	18	/* digits */
#define RETRY_AFTER_MAX_S 3600
#define SAID_SHOWN	200
#define TOKEN_LEAST	6	/* letters of one, behind its colon */
#define LETTERS		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
			"0123456789_"

static char *
make_text(const struct message *m)
{
	char *title = message_title(m, &escape_telegram, TITLE_MAX);
	char *lines = message_lines(m, &escape_telegram, LINES_MAX);
	char *url = wording_escape(message_url(m), &escape_telegram, URL_MAX);
	char *host = wording_escape(m->items[0]->host, &escape_telegram,
	    HOST_MAX);
	char *text = mem_printf("<b>%s</b>\n%s\n%s\n%s", title, lines, url,
	    host);

	free(host);
	free(title);
	free(lines);
	free(url);
	return text;
}

static bool
is_number(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n > 0 && n <= NUMBER_MAX && text[n] == '\0';
}

/* A chat's number, or the name of a channel that everybody can see. */
static json_t *
chat_of(const char *id)
{
	if (is_number(id + (id[0] == '-')))
		return json_integer(strtoll(id, NULL, 10));
	if (id[0] == '@' && id[1] != '\0' && strspn(id + 1, LETTERS) ==
	    strlen(id + 1))
		return json_string(id);
	return NULL;
}

static bool
is_token(const char *token)
{
	size_t bot = strspn(token, "0123456789");

	return bot > 0 && token[bot] == ':' && token[bot + 1] != '\0' &&
	    strlen(token) <= TOKEN_MAX &&
	    strspn(token + bot + 1, LETTERS "-") == strlen(token + bot + 1);
}

static char *
make_body(const struct message *m, json_t *chat, const char *thread)
{
	char *text = make_text(m), *body;
	json_t *root = json_pack("{s:o, s:s, s:s, s:{s:b}}", "chat_id", chat,
	    "text", text, "parse_mode", "HTML",
	    "link_preview_options", "is_disabled", 1);

	assert(root != NULL);	/* all text in it was made clean */
	if (thread != NULL)
		json_object_set_new(root, "message_thread_id",
		    json_integer(strtoll(thread, NULL, 10)));
	body = json_take(root);
	free(text);
	return body;
}

/* What the section says; all owned. */
struct place {
	char	*url, *token, *chat, *thread;
};

static void
place_done(struct place *p)
{
	secret_wipe(p->url);
	secret_wipe(p->token);
	free(p->chat);
	free(p->thread);
}

static int
place_read(struct place *p, const struct receiver *r, struct err *e)
{
	if (receiver_url_or(r, VENDORS_URL, &p->url, e) == -1 ||
	    receiver_text(r, RECEIVER_TOKEN, &p->token, e) == -1 ||
	    receiver_text(r, RECEIVER_CHAT_ID, &p->chat, e) == -1 ||
	    receiver_text(r, RECEIVER_THREAD_ID, &p->thread, e) == -1)
		return -1;
	if (p->token == NULL || !is_token(p->token))
		return err_set(e, "the token is not one of Telegram's, "
		    "NUMBER:LETTERS");
	if (p->thread != NULL && !is_number(p->thread))
		return err_set(e, "thread_id is not a number");
	return 0;
}

static int
fill(struct request *q, const struct message *m, const struct place *p,
    struct err *e)
{
	json_t *chat = chat_of(p->chat != NULL ? p->chat : "");
	size_t n = strlen(p->url);

	if (chat == NULL)
		return err_set(e, "chat_id is neither a number nor "
		    "@CHANNEL");
	while (n > 0 && p->url[n - 1] == '/')
		n--;
	q->url = mem_printf("%.*s/bot%s/sendMessage", (int)n, p->url,
	    p->token);
	q->body = make_body(m, chat, p->thread);
	request_header(q, "Content-Type: application/json");
	return 0;
}

static int
write_request(const struct receiver *r, const struct message *m,
    struct request *ret, struct err *e)
{
	struct request q = { 0 };
	struct place p = { 0 };
	int rc = -1;

	if (place_read(&p, r, e) == 0)
		rc = fill(&q, m, &p, e);
	place_done(&p);
	if (rc == 0)
		*ret = q;
	return rc;
}

/* Of a failure; borrowed from the answer's JSON. */
struct failure {
	const char	*says;
	long long	 retry_after_s;	/* -1: not said */
	long long	 moved_to;	/* 0: it has not moved */
};

static void
read_failure(struct failure *f, json_t *root)
{
	json_int_t after = -1, moved = 0;

	*f = (struct failure){ .says = "" };
	(void)json_unpack(root, "{s?s, s?{s?I, s?I}}", "description", &f->says,
	    "parameters", "retry_after", &after,
	    "migrate_to_chat_id", &moved);
	f->retry_after_s = after;
	f->moved_to = moved;
}

/* NUMBER:LETTERS: what stands between us and Telegram may repeat the address,
 * and so our token. */
static bool
has_token(const char *text)
{
	const char *colon = text;

	while ((colon = strchr(colon, ':')) != NULL) {
		bool number = colon > text && colon[-1] >= '0' &&
		    colon[-1] <= '9';

		colon++;
		if (number && strspn(colon, LETTERS "-") >= TOKEN_LEAST)
			return true;
	}
	return false;
}

static enum verdict
judge_failure(struct answer *a, const struct failure *f, struct err *e)
{
	char *says;

	if (f->moved_to != 0) {
		err_set(e, "the group has got another number: say chat_id = "
		    "%lld", f->moved_to);
		return VERDICT_RETRY;
	}
	if (f->retry_after_s >= 0)
		a->retry_after_ms = 1000 *
		    (f->retry_after_s < RETRY_AFTER_MAX_S ?
		    f->retry_after_s : RETRY_AFTER_MAX_S);
	says = clean_copy(has_token(f->says) ? "" : f->says, SAID_SHOWN);
	err_set(e, "Telegram answered HTTP %ld%s%s", a->status,
	    says[0] != '\0' ? ": " : "", says);
	free(says);
	return a->status == 400 ? VERDICT_REFUSED : VERDICT_RETRY;
}

static enum verdict
judge(struct answer *a, struct err *e)
{
	json_t *root = json_loads(a->body, 0, NULL);
	enum verdict verdict = VERDICT_DELIVERED;
	struct failure f;

	/* Of a long answer only the beginning is here. */
	if (a->status == 200 && (json_is_true(json_object_get(root, "ok")) ||
	    strncmp(a->body, "{\"ok\":true,", 11) == 0)) {
		json_decref(root);
		return verdict;
	}
	read_failure(&f, root);
	if (a->status == 200) {
		verdict = VERDICT_RETRY;
		err_set(e, "it answered HTTP 200, but not as Telegram does");
	} else {
		verdict = judge_failure(a, &f, e);
	}
	json_decref(root);
	return verdict;
}

extern const struct receiver_type receiver_telegram;

const struct receiver_type receiver_telegram = {
	.name = "telegram",
	.help = "Sends a message to a Telegram chat, as a bot.",
	.needs = "token chat_id",
	.takes = "url thread_id",
	.groups = true,
	.storm_max = STORM_MAX,
	.gap_ms = 3000,		/* a group takes 20 a minute */
	.write = write_request,
	.judge = judge,
};
