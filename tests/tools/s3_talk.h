/*
 * s3_talk - one request, and the ways to answer it.
 */
#ifndef TESTS_TOOLS_S3_TALK_H
#define TESTS_TOOLS_S3_TALK_H

#include <microhttpd.h>

#include "tests/tools/s3_sigv4.h"

struct talk {
	struct MHD_Connection *c;
	const char	*method;
	char		*uri;		/* owned; as it was sent */
	char		*path;		/* owned; decoded */
	const char	*query;		/* of uri; "" */
	const char	*key;		/* of path; "": the bucket */
	const char	*op;		/* the method, or "LIST" */
	bool		 begun;
	struct sigv4	 sign;
	const char	*who;		/* by access key; or "-" */
	char		*body;		/* owned */
	size_t		 n, room;
	int64_t		 skew_s;
	const char	*region;	/* where the bucket lies */
	bool		 told;		/* it was sent elsewhere: say where */
	int		 status;	/* that was answered */
};

static inline const char *
talk_header(const struct talk *t, const char *name)
{
	return MHD_lookup_connection_value(t->c, MHD_HEADER_KIND, name);
}

/* A parameter, decoded; the caller frees.  NULL: it is not there. */
static inline char *
talk_param(const struct talk *t, const char *name)
{
	const size_t n = strlen(name);

	for (const char *p = t->query; *p != '\0'; p += *p == '&') {
		const size_t len = strcspn(p, "&");

		if (strncmp(p, name, n) == 0 && (len == n || p[n] == '=')) {
			char *value = len == n ? strdup("") :
			    strndup(p + n + 1, len - n - 1);

			text_decode(value);
			return value;
		}
		p += len;
	}
	return NULL;
}

static inline bool
talk_has(const struct talk *t, const char *name)
{
	char *value = talk_param(t, name);

	free(value);
	return value != NULL;
}

static inline void
talk_date(char ret[64], time_t at)
{
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(ret, 64, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* Takes the response. */
static inline enum MHD_Result
talk_send(struct talk *t, int status, struct MHD_Response *r)
{
	enum MHD_Result rc;
	char date[64];

	talk_date(date, time(NULL) + t->skew_s);
	MHD_add_response_header(r, "Date", date);
	MHD_add_response_header(r, "Server", "s3-test");
	MHD_add_response_header(r, "x-amz-request-id", "0123456789ABCDEF");
	if (t->told)
		MHD_add_response_header(r, "x-amz-bucket-region", t->region);
	t->status = status;
	rc = MHD_queue_response(t->c, (unsigned)status, r);
	MHD_destroy_response(r);
	return rc;
}

static inline struct MHD_Response *
talk_empty(void)
{
	return MHD_create_response_from_buffer(0, (void *)(uintptr_t)"",
	    MHD_RESPMEM_PERSISTENT);
}

/* Takes the text. */
static inline enum MHD_Result
talk_xml(struct talk *t, int status, char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text),
	    text, MHD_RESPMEM_MUST_FREE);

	MHD_add_response_header(r, "Content-Type", "application/xml");
	return talk_send(t, status, r);
}

static const struct {
	const char	*code;
	int		 status;
	const char	*message;
} talk_errors[] = {
	{ "AccessDenied", 403, "Access Denied" },
	{ "AuthorizationHeaderMalformed", 400,
	  "The authorization header is malformed; the region is wrong" },
	{ "BadDigest", 400, "The body is not the one that was signed" },
	{ "EntityTooLarge", 400, "Too large" },
	{ "IncompleteBody", 400, "The body is not what its headers say" },
	{ "InternalError", 500, "It could not be stored" },
	{ "InvalidAccessKeyId", 403, "The access key does not exist" },
	{ "InvalidRange", 416, "The range is not satisfiable" },
	{ "InvalidRequest", 400, "This cannot be asked" },
	{ "MethodNotAllowed", 405, "Not of this resource" },
	{ "NoSuchBucket", 404, "The specified bucket does not exist" },
	{ "NoSuchKey", 404, "The specified key does not exist." },
	{ "NoSuchUpload", 404, "There is no such upload" },
	{ "NotImplemented", 501, "Not implemented" },
	{ "PermanentRedirect", 301, "The bucket is at another endpoint" },
	{ "PreconditionFailed", 412, "It is there already" },
	{ "RequestTimeTooSkewed", 403, "The clocks differ too much" },
	{ "SignatureDoesNotMatch", 403, "The signature does not match" },
	{ "SlowDown", 503, "Please reduce your request rate." },
	{ "TooManyRequests", 429, "Please reduce your request rate." },
};

static inline char *
talk_error_text(const struct talk *t, const char *code, const char *message)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>"
	    "%s</Code><Message>%s</Message>", code, message);
	if (strcmp(code, "AuthorizationHeaderMalformed") == 0)
		fprintf(f, "<Region>%s</Region>", t->region);
	fprintf(f, "<Resource>/</Resource><RequestId>0123456789ABCDEF"
	    "</RequestId></Error>");
	fclose(f);
	return text;
}

static inline enum MHD_Result
talk_error(struct talk *t, const char *code)
{
	for (size_t i = 0; i < TOOL_LENGTH(talk_errors); i++)
		if (strcmp(talk_errors[i].code, code) == 0)
			return talk_xml(t, talk_errors[i].status,
			    talk_error_text(t, code, talk_errors[i].message));
	abort();
}

/* By a status that a test asks for. */
static inline enum MHD_Result
talk_status(struct talk *t, int status)
{
	for (size_t i = TOOL_LENGTH(talk_errors); i-- > 0; )
		if (talk_errors[i].status == status)
			return talk_error(t, talk_errors[i].code);
	return talk_xml(t, status, talk_error_text(t, "Whatever", "As told"));
}

#endif
