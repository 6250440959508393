/*
 * s3_call - see s3_call.h.
 */
#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "litestream/s3_call.h"
#include "litestream/s3_fault.h"
#include "litestream/s3_list.h"

void
s3_call_free(struct s3_call *c)
{
	curl_slist_free_all(c->headers);
	s3_place_done(&c->place);
	s3_list_free(c->list);
	free(c->start_after);
	free(c->region);
	free(c);
}

static bool
is_fine(long status)
{
	return status >= 200 && status < 300;
}

static long
status_of(CURL *easy)
{
	long status = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* An object flows by.  Who ignores the range is hung up on at its end. */
static bool
pass_on(struct s3_call *c, const char *data, size_t n)
{
	const struct s3_question *q = &c->question;
	int64_t most = q->max_bytes > 0 ? q->max_bytes : S3_MAX_OBJECT;
	int64_t room = most - c->flowed;
	bool enough = q->max_bytes > 0 && (int64_t)n > room;

	if (q->max_bytes <= 0 && (int64_t)n > room)
		c->odd = "the object is too large to be looked at";
	if ((int64_t)n > room)
		n = (size_t)room;
	c->flowed += (int64_t)n;
	if (n > 0 && q->body != NULL &&
	    !q->body(c->arg, (const unsigned char *)data, n))
		enough = true;
	return !enough && c->odd == NULL;
}

size_t
s3_call_body(char *data, size_t size, size_t n, void *arg)
{
	struct s3_call *c = arg;
	bool more;

	if (c->question.method == S3_GET && is_fine(status_of(c->easy)))
		more = pass_on(c, data, size * n);
	else
		more = s3_list_feed(c->list, data, size * n);
	return more ? size * n : 0;
}

static const char *
header(CURL *easy, const char *name)
{
	struct curl_header *h;

	return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &h) ==
	    CURLHE_OK ? h->value : NULL;
}

/* HTTP dates, which have no fractions; 0: there is none. */
static int64_t
date_ms(CURL *easy, const char *name)
{
	const char *text = header(easy, name);
	time_t at = text == NULL ? -1 : curl_getdate(text, NULL);

	return at == -1 ? 0 : (int64_t)at * 1000;
}

/* "bytes 0-99/12345", or all that there is. */
static int64_t
size_of(CURL *easy)
{
	const char *range = header(easy, "Content-Range");
	const char *total = range == NULL ? NULL : strchr(range, '/');
	curl_off_t n = -1;

	if (total != NULL && isdigit((unsigned char)total[1]))
		return strtoll(total + 1, NULL, 10);
	(void)curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &n);
	return n;
}

static void
read_headers(struct s3_call *c, CURL *easy, struct s3_answer *a)
{
	int64_t date;

	a->status = status_of(easy);
	date = date_ms(easy, "Date");
	/* Half a second, since the other half is cut off on average. */
	if (date != 0)
		a->skew_ms = date + 500 - wall_ms();
	if (c->question.method == S3_LIST || (!is_fine(a->status) &&
	    a->status != 416))
		return;
	a->modified_ms = date_ms(easy, "Last-Modified");
	a->size = size_of(easy);
}

/* A page that does not begin where it was asked to would be read forever. */
static const char *
check_page(const struct s3_call *c, const struct s3_document *d)
{
	if (d->is_error)
		return "it is an error that calls itself a success";
	if (c->start_after != NULL && d->nobjects > 0 &&
	    strcmp(d->objects[0].key, c->start_after) <= 0)
		return "the listing does not start after the key it was "
		    "asked for";
	return NULL;
}

/* Ours is kept unless the bucket named another that can be one. */
static const char *
learn_region(struct s3_call *c, const struct s3_clue *clue, CURL *easy,
    const struct s3_document *d)
{
	const char *lies = header(easy, "x-amz-bucket-region");

	if (lies == NULL && d != NULL && d->is_error)
		lies = d->region;
	if (lies == NULL || is_fine(clue->status) ||
	    !s3_place_is_region(lies) || strcmp(lies, c->region) == 0)
		return NULL;
	free(c->s3->region);
	c->s3->region = mem_strdup(lies);
	return c->s3->region;
}

/* S3 cannot satisfy a range of it: it has no first byte. */
static bool
is_empty_object(const struct s3_call *c, long status)
{
	return c->question.method == S3_GET && c->question.max_bytes > 0 &&
	    status == 416;
}

static void
add_page(struct s3_answer *a, const struct s3_document *d)
{
	a->objects = d->objects;
	a->nobjects = d->nobjects;
	a->prefixes = (const char (*)[S3_MAX_KEY + 1])d->prefixes;
	a->nprefixes = d->nprefixes;
	a->truncated = d->truncated;
}

static void
judge(struct s3_call *c, CURL *easy, CURLcode rc, struct s3_answer *a,
    char why[S3_MAX_WHY])
{
	const char *odd = NULL;
	const struct s3_document *d = s3_list_end(c->list, &odd);
	const char *bucket = c->s3->replica.bucket;
	struct s3_clue clue = { .bucket = bucket != NULL ? bucket : "",
		.host = c->place.host, .method = c->question.method,
		.rc = rc == CURLE_WRITE_ERROR ? CURLE_OK : rc,
		.status = a->status, .code = "", .odd = c->odd,
		.region = c->region, .skew_ms = a->skew_ms };

	if (clue.method == S3_LIST && is_fine(clue.status))
		clue.odd = d != NULL ? check_page(c, d) : odd;
	if (d != NULL && d->is_error && !is_fine(clue.status))
		clue.code = d->code;
	if (clue.rc == CURLE_OK)
		clue.lies = learn_region(c, &clue, easy, d);
	if (clue.rc == CURLE_OK && clue.odd == NULL &&
	    (is_fine(clue.status) || is_empty_object(c, clue.status))) {
		if (clue.method == S3_LIST)
			add_page(a, d);
	} else {
		a->fault = s3_fault_of(&clue, why);
		a->why = why;
	}
}

/* The call is nobody's when its owner hears: who asked may free the client. */
void
s3_call_done(void *arg, CURL *easy, CURLcode rc)
{
	struct s3_call *c = arg;
	struct s3_answer a = { .fault = S3_FINE, .size = -1 };
	char why[S3_MAX_WHY];

	if (easy != NULL && (rc == CURLE_OK || rc == CURLE_WRITE_ERROR))
		read_headers(c, easy, &a);
	judge(c, easy, rc, &a, why);
	LIST_REMOVE(c, link);
	c->done(c->arg, &a);
	s3_call_free(c);
}
