/*
 * s3_sign - see s3_sign.h.
 *
 *	canonical request = method, path, query, headers, their names, hash of
 *			    the body
 *	text to sign	  = algorithm, time, scope, hash of that request
 *	key		  = HMACs of date, region, service and a word, in a
 *			    chain that begins with the secret
 */
#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "litestream/s3_sign.h"

#define HASH		SHA256_DIGEST_LENGTH
#define HEX		(2 * HASH + 1)
#define ALGORITHM	"AWS4-HMAC-SHA256"
#define EMPTY_HASH	"e3b0c44298fc1c149afbf4c8996fb924" \
			"27ae41e4649b934ca495991b7852b855"
#define MAX_HEADERS	5
#define MAX_CANONICAL	65536	/* of a text that is signed */

/* What is signed; the table that is made of them is in order of the names. */
struct header {
	const char	*name, *value;	/* no value: not sent */
};

struct stamp {
	char	 time[17];	/* "20130524T000000Z" */
	char	 date[9];
	char	*scope;		/* owned */
};

static void
hex_of(char ret[HEX], const unsigned char bytes[HASH])
{
	for (size_t i = 0; i < HASH; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
}

static void
hmac(unsigned char ret[HASH], const void *key, size_t n, const char *text)
{
	unsigned len = HASH;

	if (HMAC(EVP_sha256(), key, (int)n, (const unsigned char *)text,
	    strlen(text), ret, &len) == NULL)
		abort();	/* out of memory, as in mem.h */
}

static void
encode(struct buf *b, const char *text, const char *also)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *text != '\0'; text++) {
		size_t n = strspn(text, plain);

		buf_add(b, text, n);
		text += n;
		if (*text == '\0')
			return;
		if (strchr(also, *text) != NULL)
			buf_add(b, text, 1);
		else
			buf_addf(b, "%%%02X", (unsigned char)*text);
	}
}

static void
add_query(struct buf *b, const struct s3_request *q)
{
	const char *before = NULL;

	for (size_t i = 0; i < q->nparams; i++) {
		const struct s3_param *p = &q->params[i];

		if (p->value == NULL)
			continue;
		assert(before == NULL || strcmp(before, p->name) < 0);
		if (before != NULL)
			buf_adds(b, "&");
		before = p->name;
		encode(b, p->name, "");
		buf_adds(b, "=");
		encode(b, p->value, "");
	}
}

static bool
has_query(const struct s3_request *q)
{
	for (size_t i = 0; i < q->nparams; i++)
		if (q->params[i].value != NULL)
			return true;
	return false;
}

void
s3_sign_target(struct buf *b, const struct s3_request *q)
{
	encode(b, q->path, "/");
	if (has_query(q))
		buf_adds(b, "?");
	add_query(b, q);
}

/* "host;range;x-amz-date" */
static void
add_names(struct buf *b, const struct header *headers)
{
	const char *separator = "";

	for (size_t i = 0; i < MAX_HEADERS; i++) {
		if (headers[i].value == NULL)
			continue;
		buf_adds(b, separator);
		buf_adds(b, headers[i].name);
		separator = ";";
	}
}

static void
add_canonical(struct buf *b, const struct s3_request *q,
    const struct header *headers)
{
	buf_addf(b, "%s\n", q->method);
	encode(b, q->path, "/");
	buf_adds(b, "\n");
	add_query(b, q);
	buf_adds(b, "\n");
	for (size_t i = 0; i < MAX_HEADERS; i++)
		if (headers[i].value != NULL)
			buf_addf(b, "%s:%s\n", headers[i].name,
			    headers[i].value);
	buf_adds(b, "\n");
	add_names(b, headers);
	buf_adds(b, "\n" EMPTY_HASH);
}

static void
sign(char ret[HEX], const struct s3_request *q, const struct stamp *at,
    const char *text)
{
	char *secret = mem_printf("AWS4%s", q->secret_key);
	unsigned char key[HASH], next[HASH];
	const char *const chain[] = { q->region, "s3", "aws4_request", text };

	hmac(key, secret, strlen(secret), at->date);
	for (size_t i = 0; i < sizeof chain / sizeof *chain; i++) {
		hmac(next, key, sizeof key, chain[i]);
		memcpy(key, next, sizeof key);
	}
	hex_of(ret, key);
	OPENSSL_cleanse(key, sizeof key);
	OPENSSL_cleanse(next, sizeof next);
	OPENSSL_cleanse(secret, strlen(secret));
	free(secret);
}

/* The text, or NULL when it is longer than anything that is signed. */
static char *
take(struct buf *b)
{
	if (buf_ok(b))
		return buf_take(b);
	buf_free(b);
	return NULL;
}

static char *
authorize(const struct s3_request *q, const struct stamp *at,
    const struct header *headers)
{
	unsigned char hash[HASH];
	char hex[HEX], signature[HEX], *text;
	struct buf b;

	buf_init(&b, MAX_CANONICAL);
	add_canonical(&b, q, headers);
	text = take(&b);
	if (text == NULL)
		return NULL;
	SHA256((const unsigned char *)text, strlen(text), hash);
	free(text);
	hex_of(hex, hash);
	text = mem_printf(ALGORITHM "\n%s\n%s\n%s", at->time, at->scope, hex);
	sign(signature, q, at, text);
	free(text);
	buf_init(&b, MAX_CANONICAL);
	buf_addf(&b, "Authorization: " ALGORITHM " Credential=%s/%s,"
	    "SignedHeaders=", q->access_key, at->scope);
	add_names(&b, headers);
	buf_addf(&b, ",Signature=%s", signature);
	return take(&b);
}

static void
stamp_of(struct stamp *ret, const struct s3_request *q)
{
	time_t at = (time_t)q->at_s;
	struct tm tm = { 0 };

	(void)gmtime_r(&at, &tm);
	(void)strftime(ret->time, sizeof ret->time, "%Y%m%dT%H%M%SZ", &tm);
	(void)strftime(ret->date, sizeof ret->date, "%Y%m%d", &tm);
	ret->scope = mem_printf("%s/%s/s3/aws4_request", ret->date, q->region);
}

/* Takes the line; a list that cannot grow is gone. */
static bool
add_line(struct curl_slist **list, char *line)
{
	struct curl_slist *longer = line == NULL ? NULL :
	    curl_slist_append(*list, line);

	free(line);
	if (longer == NULL) {
		curl_slist_free_all(*list);
		*list = NULL;
		return false;
	}
	*list = longer;
	return true;
}

struct curl_slist *
s3_sign_headers(const struct s3_request *q)
{
	bool is_signed = q->access_key != NULL && q->secret_key != NULL;
	struct curl_slist *list = NULL;
	struct stamp at;
	struct header headers[MAX_HEADERS];

	stamp_of(&at, q);
	memcpy(headers, (struct header[]){
		{ "host", q->host },
		{ "range", q->range },
		{ "x-amz-content-sha256", is_signed ? EMPTY_HASH : NULL },
		{ "x-amz-date", is_signed ? at.time : NULL },
		{ "x-amz-security-token", is_signed ? q->session_token : NULL },
	}, sizeof headers);
	for (size_t i = 0; i < MAX_HEADERS; i++)
		if (headers[i].value != NULL && !add_line(&list, mem_printf(
		    "%s: %s", headers[i].name, headers[i].value)))
			goto out;
	if (is_signed)
		(void)add_line(&list, authorize(q, &at, headers));
out:
	free(at.scope);
	return list;
}
