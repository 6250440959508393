/*
 * receiver - see receiver.h.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/receiver.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/url.h"

const struct receiver_type *
receiver_type_find(const char *name)
{
	for (size_t i = 0; receiver_types[i] != NULL; i++)
		if (strcmp(receiver_types[i]->name, name) == 0)
			return receiver_types[i];
	return NULL;
}

const struct receiver_key_row receiver_keys[RECEIVER_KEYS] = {
	[RECEIVER_URL]		= { "url", "url_file" },
	[RECEIVER_SECRET]	= { "secret", "secret_file" },
	[RECEIVER_TOKEN]	= { "token", "token_file" },
	[RECEIVER_ROUTING_KEY]	= { "routing_key", "routing_key_file" },
	[RECEIVER_USERNAME]	= { "username", NULL },
	[RECEIVER_PASSWORD]	= { "password", "password_file" },
	[RECEIVER_TOPIC]	= { "topic", "topic_file" },
	[RECEIVER_CHAT_ID]	= { "chat_id", NULL },
	[RECEIVER_THREAD_ID]	= { "thread_id", NULL },
	[RECEIVER_FROM]		= { "from", NULL },
	[RECEIVER_TO]		= { "to", NULL },
	[RECEIVER_COMMAND]	= { "command", NULL },
};

void
receiver_done(struct receiver *r)
{
	free(r->name);
	for (size_t i = 0; i < RECEIVER_KEYS; i++) {
		secret_wipe(r->texts[i]);
		free(r->files[i]);
	}
	free(r->fallback);
	*r = (struct receiver){ 0 };
}

/* The sentences tell where to look, never what is there. */
int
receiver_text(const struct receiver *r, enum receiver_key key, char **ret,
    struct err *e)
{
	int rc = 0;

	*ret = NULL;
	if (r->files[key] != NULL)
		rc = secret_read(ret, r->files[key], e);
	else if (r->texts[key] != NULL)
		rc = secret_text(ret, r->texts[key], e);
	return rc == 0 ? 0 : err_prefix(e, "%s", receiver_keys[key].name);
}

int
receiver_url_or(const struct receiver *r, const char *vendors, char **ret,
    struct err *e)
{
	const char *file = r->files[RECEIVER_URL];
	char *url;

	if (receiver_text(r, RECEIVER_URL, &url, e) == -1)
		return -1;
	if (url == NULL && vendors != NULL)
		url = mem_strdup(vendors);
	if (url == NULL)
		return err_set(e, "it has neither url nor url_file");
	if (!url_is_http(url)) {
		secret_wipe(url);
		return err_set(e, "%s does not hold one URL that begins with "
		    "https:// or http://", file != NULL ? file : "url");
	}
	*ret = url;
	return 0;
}

int
receiver_url(const struct receiver *r, char **ret, struct err *e)
{
	return receiver_url_or(r, NULL, ret, e);
}

bool
receiver_skips(const struct receiver_type *t, enum notification_type type)
{
	return (t->skips >> type & 1) != 0;
}

/* Whether a list of words has this one. */
static bool
has_word(const char *list, const char *word)
{
	size_t want = strlen(word), n;

	for (const char *c = list; c != NULL && *c != '\0'; c += n) {
		c += strspn(c, " ");
		n = strcspn(c, " ");
		if (n == want && memcmp(c, word, n) == 0)
			return true;
	}
	return false;
}

static int
check_key(const struct receiver *r, enum receiver_key i, struct err *e)
{
	const struct receiver_key_row *k = &receiver_keys[i];
	bool said = r->texts[i] != NULL || r->files[i] != NULL;
	bool needed = has_word(r->type->needs, k->name);

	if (needed && !said)
		return err_set(e, "the type %s needs %s%s%s",
		    r->type->name, k->name,
		    k->file != NULL ? " or " : "",
		    k->file != NULL ? k->file : "");
	if (said && !needed && !has_word(r->type->takes, k->name))
		return err_set(e, "the type %s has no %s", r->type->name,
		    k->name);
	if (r->texts[i] != NULL && r->files[i] != NULL)
		return err_set(e, "it has both %s and %s", k->name, k->file);
	return r->files[i] == NULL ? 0 : secret_check_mode(r->files[i], e);
}

int
receiver_check(const struct receiver *r, struct err *e)
{
	for (int i = 0; i < RECEIVER_KEYS; i++)
		if (check_key(r, (enum receiver_key)i, e) == -1)
			return -1;
	return 0;
}

int
receiver_try(const struct receiver *r, struct err *e)
{
	struct notification *n = notification_test(NOTIFY_TEST, "", "",
	    wall_ms());
	const struct notification *items[] = { n };
	const struct message m = { items, 1, 0 };
	struct request q = { 0 };
	int rc = r->type->write(r, &m, &q, e);

	if (rc == 0)
		request_done(&q);
	notification_free(n);
	return rc;
}

int
request_begin(struct request *q, const struct receiver *r, struct err *e)
{
	*q = (struct request){ 0 };
	if (receiver_url(r, &q->url, e) == -1)
		return -1;
	request_header(q, "Content-Type: application/json");
	return 0;
}

void
request_header(struct request *q, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	if (q->nheaders == REQUEST_MAX_HEADERS)
		abort();
	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n == -1)
		abort();	/* out of memory, as in mem.h */
	q->headers[q->nheaders++] = text;
}

void
request_done(struct request *q)
{
	secret_wipe(q->url);
	for (size_t i = 0; i < q->nheaders; i++)
		secret_wipe(q->headers[i]);	/* or a token */
	secret_wipe(q->body);
	free(q->from);
	free(q->to);
	free(q->username);
	secret_wipe(q->password);
	*q = (struct request){ 0 };
}
