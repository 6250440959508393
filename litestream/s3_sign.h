/*
 * s3_sign - AWS Signature Version 4, for requests that carry no body.
 *
 * By our own hand: libcurl 7.88 has it too (CURLOPT_AWS_SIGV4), but leaves out
 * x-amz-content-sha256, which S3 demands, and signs a query in the order that
 * it has.  S3's rule is: everything is encoded but A-Z a-z 0-9 - . _ ~ and the
 * path's "/", once, and "." or an empty segment stays as it is.
 *
 * The secret goes in and only its signature comes out.
 */
#ifndef LITESTREAM_S3_SIGN_H
#define LITESTREAM_S3_SIGN_H

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct s3_param {
	const char	*name, *value;	/* not encoded; no value: skipped */
};

/* All of it borrowed. */
struct s3_request {
	const char	*method;
	const char	*host;		/* "host" or "host:port" */
	const char	*path;		/* from its "/"; not encoded */
	const struct s3_param *params;	/* in the order of their names */
	size_t		 nparams;
	const char	*range;		/* "bytes=0-9"; NULL: all */
	const char	*region;
	const char	*access_key, *secret_key;	/* NULL: not signed */
	const char	*session_token;	/* or NULL */
	int64_t		 at_s;		/* wall; seconds */
};

/* "/path?query", as it is sent and signed. */
void	 s3_sign_target(struct buf *, const struct s3_request *);
/* The header lines, Host among them; the caller frees.  NULL: too long. */
struct curl_slist *s3_sign_headers(const struct s3_request *);

#endif
