/*
 * post - see post.h.
 *
 * curl's own error texts name hosts and paths, so only the general sentence of
 * an error code leaves this file.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "alerts/post.h"
#include "alerts/smtp.h"
#include "alerts/spawn.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/wire.h"

#define BODY_KEPT		1023	/* bytes of an answer */
#define BODY_LIMIT		65536	/* after these we hang up */
#define RETRY_AFTER_MAX_S	3600

/* One request on its way; on the post's list from birth to death. */
struct posting {
	LIST_ENTRY(posting) link;
	struct request	  request;
	struct curl_slist *headers;	/* owned */
	struct wire_call *call;		/* the wire's; NULL for a program */
	struct spawn	 *spawn;	/* owned; NULL: no program */
	struct spawn_list *ending;	/* the post's; where a cancelled one
					   goes */
	struct smtp	  smtp;
	post_done_fn	 *done;
	void		 *arg;
	size_t		  kept, seen;	/* bytes of the answer */
	char		  body[BODY_KEPT + 1];
};

struct post {
	struct wire	 *wire;		/* not owned */
	LIST_HEAD(posting_list, posting) postings;
	struct spawn_list ending;	/* owned; cancelled, not ended */
};

static void
posting_free(struct posting *p)
{
	LIST_REMOVE(p, link);
	curl_slist_free_all(p->headers);
	smtp_done(&p->smtp);
	request_done(&p->request);
	free(p);
}

/* Keep the first bytes; hang up on who never ends. */
static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct posting *p = arg;
	size_t len = size * n, room = BODY_KEPT - p->kept;

	if (room > len)
		room = len;
	memcpy(p->body + p->kept, data, room);
	p->kept += room;
	p->seen += len;
	return p->seen > BODY_LIMIT ? 0 : len;
}

/* Seconds, or a date: from now, at most an hour, in ms. */
static int64_t
read_retry_after(CURL *easy)
{
	struct curl_header *h;
	long long s;
	char *end;

	if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &h) !=
	    CURLHE_OK)
		return -1;
	s = strtoll(h->value, &end, 10);
	if (end == h->value || *end != '\0') {
		time_t at = curl_getdate(h->value, NULL);

		if (at == -1)
			return -1;
		s = (long long)at - wall_ms() / 1000;
	}
	if (s < 0)
		s = 0;
	return (s < RETRY_AFTER_MAX_S ? s : RETRY_AFTER_MAX_S) * 1000;
}

/* The object dies before its owner hears: the owner may send the next. */
static void
tell(struct posting *p, struct answer *a, const char *error, int timed_out)
{
	post_done_fn *done = p->done;
	void *arg = p->arg;

	posting_free(p);
	done(arg, a, error, timed_out);
}

static void
on_done(void *arg, CURL *easy, CURLcode rc)
{
	struct posting *p = arg;
	bool hung_up = rc == CURLE_WRITE_ERROR && p->seen > BODY_LIMIT;
	const char *error = rc == CURLE_OK || hung_up ? NULL :
	    curl_easy_strerror(rc);
	struct answer a = { .retry_after_ms = -1 };
	char body[BODY_KEPT + 1];

	if (error == NULL && curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE,
	    &a.status) == CURLE_OK)
		a.retry_after_ms = read_retry_after(easy);
	memcpy(body, p->body, p->kept);
	body[p->kept] = '\0';
	a.body = body;
	tell(p, &a, error, rc == CURLE_OPERATION_TIMEDOUT);
}

/* A code above 400 is an answer, whatever curl calls it. */
static void
on_mailed(void *arg, CURL *easy, CURLcode rc)
{
	struct posting *p = arg;
	const char *error = rc == CURLE_OK ? NULL : smtp_strerror(rc);
	char said[SMTP_SAID_MAX];
	struct answer a = { .retry_after_ms = -1 };

	if (rc != CURLE_OK && error == NULL)
		error = curl_easy_strerror(rc);
	if (curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE,
	    &a.status) != CURLE_OK)
		a.status = 0;
	if (rc != CURLE_OK && a.status >= 400)
		error = NULL;
	memcpy(said, p->smtp.said, sizeof said);
	a.body = said;
	tell(p, &a, error, rc == CURLE_OPERATION_TIMEDOUT);
}

static void
on_stop(void *arg)
{
	struct posting *p = arg;

	smtp_stop(&p->smtp);
}

static void
on_ended(void *arg, int status, const char *said, const char *error,
    int timed_out)
{
	struct answer a = { .status = status, .body = said,
		.retry_after_ms = -1 };

	tell(arg, &a, error, timed_out);
}

struct post *
post_new(struct wire *wire)
{
	struct post *post;

	NEW(post);
	post->wire = wire;
	return post;
}

void
post_free(struct post *post)
{
	if (post == NULL)
		return;
	while (!LIST_EMPTY(&post->postings))
		post_cancel(LIST_FIRST(&post->postings));
	spawn_wait(&post->ending);
	free(post);
}

/* Copied by curl, or a list that has to grow: both need memory, no more. */
static bool
add_headers(struct posting *p)
{
	/* An empty Expect keeps curl from asking before it sends. */
	p->headers = curl_slist_append(NULL, "Expect:");
	for (size_t i = 0; p->headers != NULL && i < p->request.nheaders; i++)
		if (curl_slist_append(p->headers, p->request.headers[i]) ==
		    NULL)
			return false;
	return p->headers != NULL;
}

#define SET(option, value) \
	(curl_easy_setopt(easy, CURLOPT_##option, (value)) == CURLE_OK)

static bool
set_body(CURL *easy, const struct request *q)
{
	return q->body != NULL ? SET(POSTFIELDS, q->body) : SET(HTTPGET, 1L);
}

/* NULL: it could not be made. */
static CURL *
easy_of(struct posting *p)
{
	CURL *easy = curl_easy_init();

	if (easy == NULL)
		abort();	/* out of memory, as in mem.h */
	if (add_headers(p) &&
	    SET(URL, p->request.url) &&
	    SET(HTTPHEADER, p->headers) &&
	    set_body(easy, &p->request) &&
	    SET(WRITEFUNCTION, on_body) &&
	    SET(WRITEDATA, p))
		return easy;
	curl_easy_cleanup(easy);
	return NULL;
}

static void
begin(struct posting *p, struct wire *wire)
{
	switch (p->request.kind) {
	case REQUEST_HTTP:
		p->call = wire_call(wire, easy_of(p), WIRE_LIMIT_MS, on_done,
		    p);
		break;
	case REQUEST_MAIL:
		p->call = wire_mail(wire, smtp_easy(&p->smtp, &p->request),
		    on_mailed, on_stop, p);
		break;
	case REQUEST_EXEC:
		p->spawn = spawn_start(wire_loop(wire), &p->request,
		    SPAWN_LIMIT_MS, on_ended, p);
		break;
	}
}

struct posting *
post_send(struct post *post, struct request *q, post_done_fn *done, void *arg)
{
	struct posting *p;

	NEW(p);
	p->request = *q;
	*q = (struct request){ 0 };
	p->done = done;
	p->arg = arg;
	p->ending = &post->ending;
	LIST_INSERT_HEAD(&post->postings, p, link);
	begin(p, post->wire);
	return p;
}

void
post_cancel(struct posting *p)
{
	if (p->call != NULL)
		wire_cancel(p->call);
	if (p->spawn != NULL)
		spawn_cancel(p->spawn, p->ending);
	posting_free(p);
}
