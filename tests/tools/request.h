/*
 * request - reads an HTTP/1.1 request, and writes it down as JSON.
 *
 * A request is slices of the buffer it came in; nothing is copied.  It must
 * say its length: a body in chunks is refused, since curl sends none unless
 * asked to.
 */
#ifndef TESTS_TOOLS_REQUEST_H
#define TESTS_TOOLS_REQUEST_H

#include <ctype.h>
#include <strings.h>

#include "tests/tools/tool.h"

#define REQUEST_MAX	(1024 * 1024)	/* head and body, in bytes */

/* Bytes in a buffer that somebody else owns. */
struct slice {
	const char	*at;
	size_t		 n;
};

struct request {
	struct slice	 method, path, version, headers, body;
	size_t		 bytes;		/* all of it */
};

/* A request that cannot be read has the status to refuse it with. */
enum request_is {
	REQUEST_PART	 = 0,
	REQUEST_WHOLE	 = 200,
	REQUEST_BAD	 = 400,
	REQUEST_UNKNOWN	 = 411,		/* how long it is */
	REQUEST_LONG	 = 413,
};

/* Cut what comes before the mark, and the mark, off the front of rest. */
static inline struct slice
slice_cut(struct slice *rest, const char *mark)
{
	const size_t skip = strlen(mark);
	const char *end = rest->n == 0 ? NULL :
	    memmem(rest->at, rest->n, mark, skip);
	struct slice cut = *rest;

	if (end == NULL) {
		rest->at += rest->n;
		rest->n = 0;
		return cut;
	}
	cut.n = (size_t)(end - rest->at);
	rest->at += cut.n + skip;
	rest->n -= cut.n + skip;
	return cut;
}

static inline struct slice
slice_trim(struct slice s)
{
	while (s.n > 0 && (*s.at == ' ' || *s.at == '\t')) {
		s.at++;
		s.n--;
	}
	while (s.n > 0 && (s.at[s.n - 1] == ' ' || s.at[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static inline bool
slice_is(struct slice s, const char *text)
{
	return s.n == strlen(text) && strncasecmp(s.at, text, s.n) == 0;
}

static inline bool
slice_has(struct slice s, const char *text)
{
	return s.n > 0 && memmem(s.at, s.n, text, strlen(text)) != NULL;
}

/* Cut the first header off the front of rest. */
static inline bool
request_header(struct slice *rest, struct slice *name, struct slice *value)
{
	struct slice line;

	if (rest->n == 0)
		return false;
	line = slice_cut(rest, "\r\n");
	*name = slice_cut(&line, ":");
	*value = slice_trim(line);
	return true;
}

static inline struct slice
request_find(const struct request *r, const char *wanted)
{
	struct slice rest = r->headers, name, value;

	while (request_header(&rest, &name, &value))
		if (slice_is(name, wanted))
			return value;
	return (struct slice){ NULL, 0 };
}

/* Only HTTP/1.1 keeps a connection, and only if the client wants to. */
static inline bool
request_is_last(const struct request *r)
{
	return !slice_is(r->version, "HTTP/1.1") ||
	    slice_is(request_find(r, "connection"), "close");
}

static inline enum request_is
request_body(struct request *r, struct slice rest)
{
	const struct slice length = request_find(r, "content-length");
	size_t n = 0;

	if (request_find(r, "transfer-encoding").at != NULL)
		return REQUEST_UNKNOWN;
	for (size_t i = 0; i < length.n; i++) {
		if (!isdigit((unsigned char)length.at[i]))
			return REQUEST_BAD;
		n = n * 10 + (size_t)(length.at[i] - '0');
		if (n > REQUEST_MAX)
			return REQUEST_LONG;
	}
	if ((size_t)(rest.at - r->method.at) + n > REQUEST_MAX)
		return REQUEST_LONG;
	if (n > rest.n)
		return REQUEST_PART;
	r->body = (struct slice){ rest.at, n };
	r->bytes = (size_t)(rest.at - r->method.at) + n;
	return REQUEST_WHOLE;
}

static inline enum request_is
request_read(struct request *r, struct slice in)
{
	struct slice head, line, rest = in;

	*r = (struct request){ .method = { in.at, 0 }, .bytes = in.n };
	if (!slice_has(in, "\r\n\r\n"))
		return in.n < REQUEST_MAX ? REQUEST_PART : REQUEST_LONG;
	head = slice_cut(&rest, "\r\n\r\n");
	line = slice_cut(&head, "\r\n");
	r->headers = head;
	r->method = slice_cut(&line, " ");
	r->path = slice_cut(&line, " ");
	r->version = line;
	if (r->method.n == 0 || r->path.n == 0 || line.n != 8 ||
	    memcmp(line.at, "HTTP/1.", 7) != 0)
		return REQUEST_BAD;
	return request_body(r, rest);
}

/* How long the character at s is, when it is UTF-8 and n bytes are there. */
static inline size_t
utf8_bytes(const unsigned char *s, size_t n)
{
	static const struct {
		unsigned char	first, last;	/* of the first byte */
		unsigned char	from, to;	/* of the second */
		size_t		bytes;
	} forms[] = {
		{ 0x00, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	size_t i = 0, k;

	while (i < TOOL_LENGTH(forms) &&
	    (*s < forms[i].first || *s > forms[i].last))
		i++;
	if (i == TOOL_LENGTH(forms) || forms[i].bytes > n)
		return 0;
	if (forms[i].bytes > 1 && (s[1] < forms[i].from || s[1] > forms[i].to))
		return 0;
	for (k = 2; k < forms[i].bytes; k++)
		if ((s[k] & 0xc0) != 0x80)
			return 0;
	return forms[i].bytes;
}

static inline void
json_string(FILE *f, struct slice text, bool lower)
{
	const unsigned char *s = (const unsigned char *)text.at;
	size_t bytes;

	putc('"', f);
	for (size_t i = 0; i < text.n; i += bytes == 0 ? 1 : bytes) {
		bytes = utf8_bytes(s + i, text.n - i);
		if (bytes == 0)
			fputs("\\ufffd", f);
		else if (s[i] < ' ' || s[i] == 0x7f)
			fprintf(f, "\\u%04x", s[i]);
		else if (s[i] == '"' || s[i] == '\\')
			fprintf(f, "\\%c", s[i]);
		else if (bytes == 1)
			putc(lower ? tolower(s[i]) : s[i], f);
		else
			fwrite(s + i, bytes, 1, f);
	}
	putc('"', f);
}

/* One line.  Of headers with the same name a JSON reader takes the last. */
static inline void
request_log(FILE *f, const struct request *r, int status)
{
	struct slice rest = r->headers, name, value;
	struct timespec t;
	const char *comma = "";

	clock_gettime(CLOCK_REALTIME, &t);
	fprintf(f, "{\"t\":%lld.%03ld,\"method\":", (long long)t.tv_sec,
	    t.tv_nsec / TOOL_MS);
	json_string(f, r->method, false);
	fputs(",\"path\":", f);
	json_string(f, r->path, false);
	fputs(",\"headers\":{", f);
	while (request_header(&rest, &name, &value)) {
		fputs(comma, f);
		json_string(f, name, true);
		putc(':', f);
		json_string(f, value, false);
		comma = ",";
	}
	fputs("},\"body\":", f);
	json_string(f, r->body, false);
	fprintf(f, ",\"status\":%d}\n", status);
}

#endif
