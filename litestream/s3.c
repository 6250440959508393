/*
 * s3 - see s3.h.
 */
#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/wire.h"
#include "litestream/s3.h"
#include "litestream/s3_call.h"
#include "litestream/s3_list.h"
#include "litestream/s3_place.h"
#include "litestream/s3_sign.h"

#define GET_LIMIT_MS	300000L	/* when there is no end in sight */
#define GET_SMALL	65536	/* bytes that need no patience */
#define MAX_URL		16384	/* a key may be three times as long in it */

static const struct {
	const char	*name, *verb;
	double		 cost;		/* dollars; S3 Standard, us-east-1 */
} methods[] = {
	[S3_HEAD] = { "HEAD", "HEAD", 0.0004 / 1000 },
	[S3_GET]  = { "GET",  "GET",  0.0004 / 1000 },
	[S3_LIST] = { "LIST", "GET",  0.005 / 1000 },
};

const char *
s3_method_name(enum s3_method m)
{
	return methods[m].name;
}

double
s3_method_cost(enum s3_method m)
{
	return methods[m].cost;
}

struct s3 *
s3_new(struct wire *wire, const struct replica *r)
{
	struct s3 *s3;

	NEW(s3);
	s3->wire = wire;
	replica_copy(&s3->replica, r);
	s3->region = mem_strdup(r->region != NULL && r->region[0] != '\0' ?
	    r->region : S3_REGION);
	return s3;
}

void
s3_free(struct s3 *s3)
{
	if (s3 == NULL)
		return;
	while (!LIST_EMPTY(&s3->calls))
		s3_cancel(LIST_FIRST(&s3->calls));
	replica_done(&s3->replica);
	free(s3->region);
	free(s3);
}

void
s3_cancel(struct s3_call *c)
{
	LIST_REMOVE(c, link);
	wire_cancel(c->wire_call);
	s3_call_free(c);
}

/* What curl would take for the end of a header, or of the text. */
static bool
is_clean(const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		if (iscntrl((unsigned char)*text))
			return false;
	return true;
}

static bool
is_askable(const struct replica *r, const struct s3_question *q)
{
	return is_clean(r->access_key) && is_clean(r->session_token) &&
	    is_clean(r->bucket) && is_clean(r->region) &&
	    strlen(q->key) <= S3_MAX_KEY &&
	    (q->start_after == NULL || strlen(q->start_after) <= S3_MAX_KEY);
}

/* NULL: it cannot be asked. */
static char *
path_of(const struct s3_call *c, const struct s3_question *q)
{
	if (!is_askable(&c->s3->replica, q))
		return NULL;
	if (q->method != S3_LIST)
		return mem_printf("%s/%s", c->place.path, q->key);
	return mem_strdup(c->place.path[0] != '\0' ? c->place.path : "/");
}

#define SET(option, value) \
	(curl_easy_setopt(easy, CURLOPT_##option, (value)) == CURLE_OK)

/* PATH_AS_IS: "./" may be the beginning of a key, and is signed as such. */
static bool
set(CURL *easy, struct s3_call *c, const char *url)
{
	bool trusts = c->s3->replica.skip_verify;

	return SET(URL, url) &&
	    SET(PATH_AS_IS, 1L) &&
	    SET(HTTPHEADER, c->headers) &&
	    SET(NOBODY, c->question.method == S3_HEAD ? 1L : 0L) &&
	    SET(SSL_VERIFYPEER, trusts ? 0L : 1L) &&
	    SET(SSL_VERIFYHOST, trusts ? 0L : 2L) &&
	    SET(WRITEFUNCTION, s3_call_body) &&
	    SET(WRITEDATA, c);
}

/* NULL: it could not be made. */
static CURL *
easy_of(struct s3_call *c, const struct s3_request *request)
{
	CURL *easy = curl_easy_init();
	struct buf url;
	bool good;

	if (easy == NULL)
		abort();	/* out of memory, as in mem.h */
	buf_init(&url, MAX_URL);
	buf_adds(&url, c->place.base);
	s3_sign_target(&url, request);
	c->headers = s3_sign_headers(request);
	good = buf_ok(&url) && c->headers != NULL && set(easy, c, url.data);
	buf_free(&url);
	if (good)
		return easy;
	curl_easy_cleanup(easy);
	return NULL;
}

static CURL *
prepare(struct s3_call *c, const struct s3_question *q)
{
	const struct replica *r = &c->s3->replica;
	char most[32], range[48], delimiter[2] = { q->delimiter, '\0' };
	const struct s3_param params[] = {
		{ "delimiter", q->delimiter != '\0' ? delimiter : NULL },
		{ "list-type", "2" },
		{ "max-keys", most },
		{ "prefix", q->key },
		{ "start-after", q->start_after },
	};
	struct s3_request request = {
		.method = methods[q->method].verb, .host = c->place.host,
		.params = params, .region = c->region,
		.access_key = r->access_key, .secret_key = r->secret_key,
		.session_token = r->session_token, .at_s = wall_ms() / 1000,
	};
	char *path = path_of(c, q);
	CURL *easy;

	if (path == NULL)
		return NULL;
	(void)snprintf(most, sizeof most, "%u", q->max_keys > 0 &&
	    q->max_keys < S3_MAX_KEYS ? q->max_keys : S3_MAX_KEYS);
	(void)snprintf(range, sizeof range, "bytes=0-%lld",
	    (long long)q->max_bytes - 1);
	request.path = path;
	if (q->method == S3_LIST)
		request.nparams = sizeof params / sizeof *params;
	if (q->method == S3_GET && q->max_bytes > 0)
		request.range = range;
	easy = easy_of(c, &request);
	free(path);
	return easy;
}

static long
limit_of(const struct s3_question *q)
{
	bool small = q->max_bytes > 0 && q->max_bytes <= GET_SMALL;

	return q->method == S3_GET && !small ? GET_LIMIT_MS : WIRE_LIMIT_MS;
}

struct s3_call *
s3_ask(struct s3 *s3, const struct s3_question *q, s3_done_fn *done, void *arg)
{
	struct s3_call *c;

	NEW(c);
	c->s3 = s3;
	c->question = *q;
	c->question.key = c->question.start_after = NULL;
	c->start_after = q->start_after != NULL ?
	    mem_strdup(q->start_after) : NULL;
	c->region = mem_strdup(s3->region);
	c->list = s3_list_new();
	c->done = done;
	c->arg = arg;
	LIST_INSERT_HEAD(&s3->calls, c, link);
	if (s3_place_of(&c->place, &s3->replica, c->region) == 0)
		c->easy = prepare(c, q);
	c->wire_call = wire_call(s3->wire, c->easy, limit_of(q), s3_call_done,
	    c);
	return c;
}
