/*
 * s3_host - see s3_host.h.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "litestream/s3_host.h"
#include "litestream/url.h"

#define HOME_REGION	"us-east-1"	/* for what has no regions */

enum regions { NO_REGION, A_REGION, MAYBE_REGION };

/* [BUCKET.][lead.][REGION.]tail[:PORT] */
static const struct form {
	const char	*tail, *lead;
	enum regions	 regions;
	const char	*scheme;	/* NULL: it is Amazon, no endpoint */
	bool		 path_style;
} forms[] = {
	{ "amazonaws.com",		"s3.", MAYBE_REGION, NULL, false },
	{ "digitaloceanspaces.com",	"", A_REGION, "https", false },
	{ "backblazeb2.com",		"s3.", A_REGION, "https", true },
	{ "scw.cloud",			"s3.", A_REGION, "https", false },
	{ "linodeobjects.com",		"", A_REGION, "https", true },
	{ "s3.filebase.com",		"", NO_REGION, "https", true },
	{ "localhost",			"", NO_REGION, "http", true },
};

/*
 * Take an ending off, which begins the text or follows a dot.  What is left
 * keeps that dot.
 */
static bool
take_end(const char *text, size_t *n, const char *end)
{
	size_t len = strlen(end);

	if (*n < len || memcmp(text + *n - len, end, len) != 0 ||
	    (*n > len && text[*n - len - 1] != '.'))
		return false;
	*n -= len;
	return true;
}

/* The last label, of a text that ends in a dot; n: its length with the dot. */
static size_t
last_label(const char *text, size_t n)
{
	size_t at = n;

	if (n < 2)
		return 0;
	for (at = n - 1; at > 0 && text[at - 1] != '.'; at--)
		;
	return n - 1 > at ? n - at : 0;
}

static char *
endpoint_of(const struct form *f, const char *region, const char *port)
{
	if (f->scheme == NULL)
		return NULL;
	return mem_printf("%s://%s%s%s%s%s", f->scheme, f->lead,
	    region != NULL ? region : "", region != NULL ? "." : "", f->tail,
	    port);
}

/* Take what stands before the tail; false: it is not of this form. */
static bool
take_middle(const struct form *f, const char *host, size_t *n, char **region)
{
	size_t label;

	if (f->regions == NO_REGION ||
	    (f->regions == MAYBE_REGION && take_end(host, n, f->lead)))
		return true;
	label = last_label(host, *n);
	if (label == 0)
		return false;
	*n -= label;
	if (f->lead[0] != '\0' && !take_end(host, n, f->lead))
		return false;
	*region = mem_printf("%.*s", (int)label - 1, host + *n +
	    strlen(f->lead));
	return true;
}

/* n: bytes of the host before its port. */
static bool
is_form(const struct form *f, const char *host, size_t n, struct s3_host *ret)
{
	const char *port = host + n;
	char *region = NULL;

	if (!take_end(host, &n, f->tail) ||
	    !take_middle(f, host, &n, &region))
		return false;
	if (f->scheme == NULL && n == 0) {	/* a bucket is needed here */
		free(region);
		return false;
	}
	ret->bucket = mem_printf("%.*s", n > 0 ? (int)n - 1 : 0, host);
	ret->endpoint = endpoint_of(f, region, port);
	ret->path_style = f->path_style;
	if (region == NULL && f->scheme != NULL && f->regions == NO_REGION &&
	    strcmp(f->scheme, "http") == 0)
		region = mem_strdup(HOME_REGION);
	ret->region = region;
	return true;
}

/* BUCKET.HOST:PORT, a MinIO somewhere; HOST:PORT has no bucket. */
static bool
is_server(const char *host, struct s3_host *ret)
{
	const char *dot = strchr(host, '.');

	if (strchr(host, ':') == NULL || strstr(host, ".com") != NULL)
		return false;
	ret->bucket = mem_printf("%.*s", dot != NULL ? (int)(dot - host) : 0,
	    host);
	ret->endpoint = mem_printf("http://%s", dot != NULL ? dot + 1 : host);
	ret->region = mem_strdup(HOME_REGION);
	ret->path_style = true;
	return true;
}

/* The fourth of its fields. */
static char *
arn_region(const char *arn)
{
	for (int i = 0; i < 3; i++) {
		arn = strchr(arn, ':');
		if (arn == NULL)
			return NULL;
		arn++;
	}
	return mem_printf("%.*s", (int)strcspn(arn, ":"), arn);
}

void
s3_host_parse(struct s3_host *ret, const char *host)
{
	size_t n = strcspn(host, ":");

	*ret = (struct s3_host){ 0 };
	if (strncasecmp(host, "arn:", 4) == 0) {
		ret->bucket = mem_strdup(host);
		ret->region = arn_region(host);
		return;
	}
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (is_form(&forms[i], host, n, ret))
			return;
	if (!is_server(host, ret))
		ret->bucket = mem_strdup(host);
}

void
s3_host_done(struct s3_host *h)
{
	free(h->bucket);
	free(h->region);
	free(h->endpoint);
	*h = (struct s3_host){ 0 };
}

/* What a private endpoint begins or ends with. */
static bool
is_near(const char *host, size_t n)
{
	static const char *const begins[] = { "192.168.", "10.", "172.16.",
	    "172.17.", "172.18.", "172.19.", "172.2", "172.30.", "172.31." };
	static const char *const ends[] = { ".local", ".localhost" };
	static const char *const names[] = { "localhost", "127.0.0.1" };

	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (strncmp(host, begins[i], strlen(begins[i])) == 0)
			return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (n == strlen(names[i]) && memcmp(host, names[i], n) == 0)
			return true;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t len = strlen(ends[i]);

		if (n >= len && memcmp(host + n - len, ends[i], len) == 0)
			return true;
	}
	return false;
}

static const char *
after_scheme(const char *endpoint)
{
	const char *at = strstr(endpoint, "://");

	return at != NULL ? at + 3 : endpoint;
}

char *
s3_endpoint(const char *text, bool local)
{
	const char *port = strrchr(text, ':');
	const char *scheme = "";
	size_t n = strlen(text);
	char *ret;

	if (strncmp(text, "http://", 7) != 0 &&
	    strncmp(text, "https://", 8) != 0)
		scheme = local && is_near(text, port != NULL ?
		    (size_t)(port - text) : n) ? "http://" : "https://";
	ret = mem_printf("%s%s", scheme, text);
	for (n = strlen(ret); n > 0 && ret[n - 1] == '/'; n--)
		ret[n - 1] = '\0';
	return ret;
}

bool
s3_endpoint_wants_path(const char *endpoint)
{
	static const char *const always[] = { ".backblazeb2.com",
	    "s3.filebase.com", ".supabase.co" };
	static const char *const never[] = { ".amazonaws.com",
	    ".digitaloceanspaces.com", ".backblazeb2.com", ".filebase.com",
	    ".scw.cloud", ".r2.cloudflarestorage.com", "tigris.dev",
	    "t3.storage.dev", ".supabase.co" };
	const char *host = after_scheme(endpoint);
	size_t n = strlen(host);

	for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
		size_t len = strlen(always[i]);

		if (n >= len && strcasecmp(host + n - len, always[i]) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		if (strcasestr(host, never[i]) != NULL)
			return false;
	return strchr(host, ':') != NULL;	/* MinIO, by its port */
}

bool
s3_is_access_point(const char *url)
{
	return strncasecmp(url, "s3://arn:", 9) == 0;
}

int
s3_access_point_parse(struct url *ret, const char *url, struct err *e)
{
	static const char marker[] = ":accesspoint/";
	const char *arn = url + strlen("s3://");
	const char *end = arn + strcspn(arn, "?");
	const char *name = strcasestr(arn, marker), *slash;

	if (name == NULL || name + strlen(marker) >= end)
		return err_set(e, "not the ARN of an access point");
	name += strlen(marker);
	slash = memchr(name, '/', (size_t)(end - name));
	if (slash == NULL)
		slash = end;
	*ret = (struct url){
		.scheme = mem_strdup("s3"),
		.host = mem_printf("%.*s", (int)(slash - arn), arn),
		.path = mem_printf("/%.*s", (int)(end - slash), slash),
		.query = mem_strdup(end[0] == '?' ? end + 1 : ""),
		.as_file = mem_strdup(""),
	};
	return 0;
}
