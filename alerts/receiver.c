/*
 * receiver - see receiver.h.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/clock.h"
#include "agent/err.h"
#include "agent/mem.h"
#include "agent/secret.h"
#include "alerts/receiver.h"

const struct receiver_type *
receiver_type_find(const char *name)
{
	for (size_t i = 0; receiver_types[i] != NULL; i++)
		if (strcmp(receiver_types[i]->name, name) == 0)
			return receiver_types[i];
	return NULL;
}

void
receiver_done(struct receiver *r)
{
	free(r->name);
	secret_wipe(r->url);
	free(r->url_file);
	secret_wipe(r->secret);
	free(r->secret_file);
	*r = (struct receiver){ 0 };
}

/* Given, or in the file, or (rc 0 and NULL) nowhere. */
static int
given_or_read(const char *text, const char *file, char **ret, struct err *e)
{
	*ret = NULL;
	if (file != NULL)
		return secret_read(ret, file, e);
	if (text != NULL)
		*ret = mem_strdup(text);
	return 0;
}

static bool
is_http(const char *url)
{
	size_t scheme = strncasecmp(url, "http://", 7) == 0 ? 7 :
	    strncasecmp(url, "https://", 8) == 0 ? 8 : 0;

	for (const char *c = url; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return false;
	return scheme > 0 && strcspn(url + scheme, "/?#") > 0;
}

/* The sentences tell where to look, never what is there. */
int
receiver_url(const struct receiver *r, char **ret, struct err *e)
{
	const char *where = r->url_file != NULL ? r->url_file : "url";
	char *url;

	if (given_or_read(r->url, r->url_file, &url, e) == -1)
		return err_prefix(e, "receiver %s", r->name);
	if (url == NULL)
		return err_set(e, "receiver %s has neither url nor url_file",
		    r->name);
	if (!is_http(url)) {
		secret_wipe(url);
		return err_set(e, "receiver %s: %s does not hold one URL that "
		    "begins with https:// or http://", r->name, where);
	}
	*ret = url;
	return 0;
}

int
receiver_secret(const struct receiver *r, char **ret, struct err *e)
{
	if (given_or_read(r->secret, r->secret_file, ret, e) == -1)
		return err_prefix(e, "receiver %s", r->name);
	return 0;
}

static int
check_mode(const struct receiver *r, const char *path, struct err *e)
{
	if (path == NULL || secret_check_mode(path, e) == 0)
		return 0;
	return err_prefix(e, "receiver %s", r->name);
}

int
receiver_check(const struct receiver *r, struct err *e)
{
	if (check_mode(r, r->url_file, e) == -1)
		return -1;
	return check_mode(r, r->secret_file, e);
}

int
receiver_try(const struct receiver *r, struct err *e)
{
	struct notification *n = notification_test(NOTIFY_TEST, "", "",
	    wall_ms());
	struct request q = { 0 };
	int rc = r->type->write(r, n, 0, &q, e);

	if (rc == 0)
		request_done(&q);
	notification_free(n);
	return rc;
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
		free(q->headers[i]);
	free(q->body);
	*q = (struct request){ 0 };
}
