/*
 * s3_sigv4 - who signed this request, and did they?
 *
 * AWS Signature Version 4 from the server's side.  Written for the tool alone:
 * an agent that signs wrongly must find nobody here who errs in the same way.
 */
#ifndef TESTS_TOOLS_S3_SIGV4_H
#define TESTS_TOOLS_S3_SIGV4_H

#include <ctype.h>
#include <microhttpd.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <strings.h>

#include "tests/tools/s3_text.h"

struct s3_keys {
	const char	*access, *secret;
};

struct sigv4 {
	char		 access[129], date[9], region[65];
	char		 names[1024], signature[65];
};

/* From after "word=" to the next of the stops. */
static inline bool
sigv4_part(const char *text, const char *word, const char *stops, char *ret,
    size_t size)
{
	const char *at = strstr(text, word);
	size_t n;

	if (at == NULL)
		return false;
	at += strlen(word);
	n = strcspn(at, stops);
	if (n == 0 || n >= size)
		return false;
	memcpy(ret, at, n);
	ret[n] = '\0';
	return true;
}

static inline bool
sigv4_read(struct sigv4 *s, const char *header)
{
	char credential[256], service[32], end[32];

	return header != NULL &&
	    strncmp(header, "AWS4-HMAC-SHA256", 16) == 0 &&
	    sigv4_part(header, "Credential=", ", ", credential,
	    sizeof credential) &&
	    sigv4_part(header, "SignedHeaders=", ", ", s->names,
	    sizeof s->names) &&
	    sigv4_part(header, "Signature=", ", ", s->signature,
	    sizeof s->signature) &&
	    sscanf(credential, "%128[^/]/%8[^/]/%64[^/]/%31[^/]/%31s",
	    s->access, s->date, s->region, service, end) == 5 &&
	    strcmp(service, "s3") == 0 && strcmp(end, "aws4_request") == 0;
}

static inline void
sigv4_hex(char ret[65], const unsigned char hash[32])
{
	for (int i = 0; i < 32; i++)
		snprintf(ret + 2 * i, 3, "%02x", hash[i]);
}

static inline void
sigv4_hash(char ret[65], const void *data, size_t n)
{
	unsigned char hash[32];

	SHA256(data, n, hash);
	sigv4_hex(ret, hash);
}

static inline int
sigv4_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Each parameter decoded, encoded by the rule, and sorted. */
static inline void
sigv4_query(FILE *f, const char *query)
{
	char *pairs[64], *copy = strdup(query), *rest = copy, *pair;
	size_t n = 0;

	while ((pair = strsep(&rest, "&")) != NULL && n < 64) {
		char *value = strchr(pair, '='), *text;
		size_t size;
		FILE *m;

		if (*pair == '\0')
			continue;
		if (value != NULL)
			*value++ = '\0';
		m = open_memstream(&text, &size);
		text_decode(pair);
		text_encode(m, pair, false);
		putc('=', m);
		if (value != NULL) {
			text_decode(value);
			text_encode(m, value, false);
		}
		fclose(m);
		pairs[n++] = text;
	}
	qsort(pairs, n, sizeof *pairs, sigv4_compare);
	for (size_t i = 0; i < n; i++) {
		fprintf(f, "%s%s", i > 0 ? "&" : "", pairs[i]);
		free(pairs[i]);
	}
	free(copy);
}

static inline void
sigv4_headers(FILE *f, struct MHD_Connection *c, const char *names)
{
	char *copy = strdup(names), *rest = copy, *name;

	while ((name = strsep(&rest, ";")) != NULL) {
		const char *v = MHD_lookup_connection_value(c,
		    MHD_HEADER_KIND, name);

		fprintf(f, "%s:", name);
		while (v != NULL && isspace((unsigned char)*v))
			v++;
		for (; v != NULL && *v != '\0'; v++)
			if (*v != ' ' || (v[1] != ' ' && v[1] != '\0'))
				putc(*v, f);
		putc('\n', f);
	}
	free(copy);
}

static inline void
sigv4_hmac(unsigned char key[32], size_t n, const char *text)
{
	unsigned char next[32];
	unsigned len = 32;

	HMAC(EVP_sha256(), key, (int)n, (const unsigned char *)text,
	    strlen(text), next, &len);
	memcpy(key, next, 32);
}

static inline void
sigv4_sign(char ret[65], const struct sigv4 *s, const char *secret,
    const char *time, const char *canonical)
{
	unsigned char key[256] = "AWS4";
	char hash[65], text[512];

	sigv4_hash(hash, canonical, strlen(canonical));
	snprintf(text, sizeof text, "AWS4-HMAC-SHA256\n%s\n%s/%s/s3/"
	    "aws4_request\n%s", time, s->date, s->region, hash);
	snprintf((char *)key + 4, sizeof key - 4, "%s", secret);
	sigv4_hmac(key, strlen((char *)key), s->date);
	sigv4_hmac(key, 32, s->region);
	sigv4_hmac(key, 32, "s3");
	sigv4_hmac(key, 32, "aws4_request");
	sigv4_hmac(key, 32, text);
	sigv4_hex(ret, key);
}

/* Host and the hash of the body must be signed, or anybody could swap them. */
static inline bool
sigv4_covers(const struct sigv4 *s)
{
	char names[1100];

	snprintf(names, sizeof names, ";%s;", s->names);
	return strstr(names, ";host;") != NULL &&
	    strstr(names, ";x-amz-date;") != NULL &&
	    strstr(names, ";x-amz-content-sha256;") != NULL;
}

static inline bool
sigv4_holds(const struct sigv4 *s, struct MHD_Connection *c,
    const char *method, const char *path, const char *query,
    const char *secret)
{
	const char *hash = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    "x-amz-content-sha256");
	const char *time = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    "x-amz-date");
	char *canonical, want[65];
	size_t size;
	FILE *f;

	if (hash == NULL || time == NULL || !sigv4_covers(s) ||
	    strncmp(time, s->date, 8) != 0)
		return false;
	f = open_memstream(&canonical, &size);
	fprintf(f, "%s\n", method);
	text_encode(f, path, true);
	putc('\n', f);
	sigv4_query(f, query);
	putc('\n', f);
	sigv4_headers(f, c, s->names);
	fprintf(f, "\n%s\n%s", s->names, hash);
	fclose(f);
	sigv4_sign(want, s, secret, time, canonical);
	free(canonical);
	return strcmp(want, s->signature) == 0;
}

#endif
