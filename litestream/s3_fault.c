/*
 * s3_fault - see s3_fault.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "litestream/s3_fault.h"

#define SKEW_LIMIT_MS	(15 * 60 * 1000)	/* more is refused by S3 */

#define LACKS	": the key may lack s3:ListBucket or s3:GetObject"

/* By S3's own word first, then by the status; the first row that fits. */
static const struct meaning {
	const char	*code;		/* NULL: any */
	long		 first, last;	/* statuses */
	enum s3_fault	 fault;
	const char	*sentence, *advice;
} meanings[] = {
	{ "AccessDenied", 0, 999, S3_FORBIDDEN, "access denied", LACKS },
	{ "InvalidAccessKeyId", 0, 999, S3_FORBIDDEN,
	  "it does not know this access key", "" },
	{ "SignatureDoesNotMatch", 0, 999, S3_FORBIDDEN,
	  "the secret key does not fit the access key", "" },
	{ "ExpiredToken", 0, 999, S3_FORBIDDEN,
	  "the session token has expired", "" },
	{ "InvalidToken", 0, 999, S3_FORBIDDEN,
	  "the session token is not accepted", "" },
	{ "InvalidObjectState", 0, 999, S3_FORBIDDEN,
	  "the object is archived and cannot be read", "" },
	{ "RequestTimeTooSkewed", 0, 999, S3_SKEWED, "", ": check NTP" },
	{ "NoSuchBucket", 0, 999, S3_NO_BUCKET,
	  "there is no such bucket", "" },
	{ "NoSuchKey", 0, 999, S3_MISSING, "there is no such object", "" },
	{ "AuthorizationHeaderMalformed", 0, 999, S3_ELSEWHERE,
	  "it wants another region", ": correct the region" },
	{ "SlowDown", 0, 999, S3_BUSY, "it is asked too often", "" },
	{ "RequestTimeout", 0, 999, S3_BUSY, "it is busy", "" },
	{ NULL, 300, 399, S3_ELSEWHERE, "it sends to another place, and "
	  "redirects are not followed",
	  ": correct the endpoint or the region" },
	{ NULL, 401, 401, S3_FORBIDDEN, "access denied", LACKS },
	{ NULL, 403, 403, S3_FORBIDDEN, "access denied", LACKS },
	{ NULL, 404, 404, S3_MISSING, "there is no such object", "" },
	{ NULL, 408, 408, S3_BUSY, "it is busy", "" },
	{ NULL, 429, 429, S3_BUSY, "it is asked too often", "" },
	{ NULL, 500, 599, S3_BUSY, "it is busy", "" },
	{ NULL, 0, 999, S3_ODD, "an answer that is not understood", "" },
};

/* Nothing at all where a listing should be: that is the bucket. */
static const struct meaning *
find(const struct s3_clue *c)
{
	bool no_bucket = c->method == S3_LIST && c->status == 404;
	const char *code = no_bucket ? "NoSuchBucket" : c->code;
	const struct meaning *m = meanings;

	while (c->status < m->first || c->status > m->last ||
	    (m->code != NULL && strcmp(m->code, code) != 0))
		m++;
	return m;
}

/* S3's words are letters; what is not one is not repeated. */
static const char *
word(const char *code)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz";

	return strspn(code, letters) == strlen(code) ? code : "";
}

static enum s3_fault
unreachable(const struct s3_clue *c, char why[S3_MAX_WHY])
{
	bool odd = c->rc == CURLE_WEIRD_SERVER_REPLY ||
	    c->rc == CURLE_UNSUPPORTED_PROTOCOL;

	if (c->rc == CURLE_FAILED_INIT || c->rc == CURLE_URL_MALFORMAT) {
		(void)snprintf(why, S3_MAX_WHY, "s3://%s: there is no such "
		    "request: check the bucket, the endpoint and the keys",
		    c->bucket);
		return S3_ODD;
	}
	(void)snprintf(why, S3_MAX_WHY, "s3://%s at %s: %s", c->bucket,
	    c->host, curl_easy_strerror(c->rc));
	return odd ? S3_ODD : S3_UNREACHABLE;
}

static enum s3_fault
skewed(const struct s3_clue *c, char why[S3_MAX_WHY])
{
	(void)snprintf(why, S3_MAX_WHY, "s3://%s: the bucket's clock and this "
	    "machine's differ by %lld min (RequestTimeTooSkewed): check NTP",
	    c->bucket, llabs((long long)c->skew_ms) / 60000);
	return S3_SKEWED;
}

static enum s3_fault
elsewhere(const struct s3_clue *c, char why[S3_MAX_WHY])
{
	(void)snprintf(why, S3_MAX_WHY, "s3://%s: the bucket lies in %s, not "
	    "%s", c->bucket, c->lies, c->region);
	return S3_ELSEWHERE;
}

/* An answer to HEAD has no document: what it would say is guessed. */
enum s3_fault
s3_fault_of(const struct s3_clue *c, char why[S3_MAX_WHY])
{
	const struct meaning *m = find(c);
	const char *code = word(c->code);
	bool off = llabs((long long)c->skew_ms) > SKEW_LIMIT_MS;

	if (c->rc != CURLE_OK)
		return unreachable(c, why);
	if (c->odd != NULL) {
		(void)snprintf(why, S3_MAX_WHY, "s3://%s: the answer cannot "
		    "be used: %s", c->bucket, c->odd);
		return S3_ODD;
	}
	if (m->fault == S3_SKEWED ||
	    (m->fault == S3_FORBIDDEN && *code == '\0' && off))
		return skewed(c, why);
	if (c->lies != NULL && c->status >= 300 && c->status != 404)
		return elsewhere(c, why);
	(void)snprintf(why, S3_MAX_WHY, "s3://%s: %s (%ld%s%s)%s", c->bucket,
	    m->sentence, c->status, *code != '\0' ? " " : "", code, m->advice);
	return m->fault;
}
