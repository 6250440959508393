/*
 * s3_place - see s3_place.h.
 */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "litestream/s3_place.h"

#define LOWER	"abcdefghijklmnopqrstuvwxyz"
#define DIGITS	"0123456789"

bool
s3_place_is_region(const char *text)
{
	size_t n = strlen(text);

	return n > 0 && n <= S3_MAX_REGION &&
	    strspn(text, LOWER DIGITS "-") == n;
}

/* "a.b" would be a host below a host, of which no certificate knows. */
static bool
is_label(const char *bucket)
{
	size_t n = strlen(bucket);

	return n > 0 && n < 64 && strspn(bucket, LOWER DIGITS "-") == n &&
	    bucket[0] != '-' && bucket[n - 1] != '-';
}

/* Numbers and brackets have nothing below them. */
static bool
is_address(const char *host)
{
	return host[0] == '[' || strspn(host, DIGITS ".") == strlen(host);
}

static char *
endpoint_of(const struct replica *r, const char *region)
{
	if (r->endpoint == NULL)
		return mem_printf("https://s3.%s.amazonaws.com%s", region,
		    strncmp(region, "cn-", 3) == 0 ? ".cn" : "");
	return strstr(r->endpoint, "://") != NULL ? mem_strdup(r->endpoint) :
	    mem_printf("https://%s", r->endpoint);
}

/* A part of a URL; "" when it has none. */
static char *
part(CURLU *u, CURLUPart what)
{
	char *text = NULL, *copy;

	if (curl_url_get(u, what, &text, CURLU_NO_DEFAULT_PORT) != CURLUE_OK)
		return mem_strdup("");
	copy = mem_strdup(text);
	curl_free(text);
	return copy;
}

static void
fill(struct s3_place *ret, CURLU *u, const struct replica *r)
{
	char *scheme = part(u, CURLUPART_SCHEME);
	char *host = part(u, CURLUPART_HOST);
	char *port = part(u, CURLUPART_PORT);
	char *path = part(u, CURLUPART_PATH);
	size_t n = strlen(path);
	bool below = !r->path_style && is_label(r->bucket) &&
	    !is_address(host);

	while (n > 0 && path[n - 1] == '/')
		path[--n] = '\0';
	ret->host = mem_printf("%s%s%s%s%s", below ? r->bucket : "",
	    below ? "." : "", host, port[0] != '\0' ? ":" : "", port);
	ret->base = mem_printf("%s://%s", scheme, ret->host);
	ret->path = below ? mem_strdup(path) :
	    mem_printf("%s/%s", path, r->bucket);
	free(scheme);
	free(host);
	free(port);
	free(path);
}

int
s3_place_of(struct s3_place *ret, const struct replica *r, const char *region)
{
	char *endpoint;
	CURLU *u;
	int rc = -1;

	if (r->bucket == NULL || r->bucket[0] == '\0')
		return -1;
	u = curl_url();
	if (u == NULL)
		abort();	/* out of memory, as in mem.h */
	endpoint = endpoint_of(r, region);
	if (curl_url_set(u, CURLUPART_URL, endpoint, 0) == CURLUE_OK) {
		fill(ret, u, r);
		rc = 0;
	}
	free(endpoint);
	curl_url_cleanup(u);
	return rc;
}

void
s3_place_done(struct s3_place *p)
{
	free(p->base);
	free(p->host);
	free(p->path);
	*p = (struct s3_place){ 0 };
}
