/*
 * url - see url.h.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "litestream/url.h"

#define UNRESERVED	"-_.~"
#define IN_PATH		UNRESERVED "$&+,/:;=@"
#define IN_RAW_PATH	IN_PATH "!'()*[]%"
#define IN_HOST		UNRESERVED "!$&'()*+,;=:[]<>\""
#define IN_USER		UNRESERVED "$&+,;=!'()*:@%"

static bool
is_plain(char c, const char *others)
{
	return isalnum((unsigned char)c) ||
	    (c != '\0' && strchr(others, c) != NULL);
}

static bool
is_all_of(const char *text, const char *others)
{
	while (is_plain(*text, others))
		text++;
	return *text == '\0';
}

static int
hex_of(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c == '\0' ? NULL :
	    strchr(digits, tolower((unsigned char)c));

	return at == NULL ? -1 : (int)(at - digits);
}

/* NULL: a percent sign without two digits, or a NUL byte. */
static char *
unescape(const char *text, bool plus)
{
	char *ret = mem_new(strlen(text) + 1, 1), *out = ret;

	for (; *text != '\0'; text++) {
		int high, low;

		if (*text != '%') {
			*out++ = plus && *text == '+' ? ' ' : *text;
			continue;
		}
		high = hex_of(text[1]);
		low = high == -1 ? -1 : hex_of(text[2]);
		if (low == -1 || high + low == 0) {
			free(ret);
			return NULL;
		}
		*out++ = (char)(high << 4 | low);
		text += 2;
	}
	return ret;
}

char *
url_escape_path(const char *path)
{
	static const char digits[] = "0123456789ABCDEF";
	char *ret = mem_new(strlen(path) * 3 + 1, 1), *out = ret;

	for (; *path != '\0'; path++) {
		unsigned char c = (unsigned char)*path;

		if (is_plain(*path, IN_PATH)) {
			*out++ = *path;
			continue;
		}
		*out++ = '%';
		*out++ = digits[c >> 4];
		*out++ = digits[c & 15];
	}
	return ret;
}

/* Ends at a colon; NULL: it has none. */
static const char *
scheme_end(const char *text)
{
	const char *at = text;

	if (!isalpha((unsigned char)*at))
		return NULL;
	while (is_plain(*at, "+-."))
		at++;
	return *at == ':' ? at : NULL;
}

bool
url_is(const char *text)
{
	size_t n = 0;

	while (is_plain(text[n], "_"))
		n++;
	return n > 0 && strncmp(text + n, "://", 3) == 0;
}

static int
set_host(struct url *u, char *host, struct err *e)
{
	const char *port = strrchr(host, ':');

	if (!is_all_of(host, IN_HOST))
		return err_set(e, "a host with odd characters in it");
	if (port != NULL && strchr(port, ']') == NULL &&
	    port[1 + strspn(port + 1, "0123456789")] != '\0')
		return err_set(e, "a port that is no number");
	u->host = mem_strdup(host);
	return 0;
}

/* USER:PASSWORD@HOST:PORT. */
static int
set_authority(struct url *u, char *text, struct err *e)
{
	char *at = strrchr(text, '@'), *colon;

	if (at == NULL)
		return set_host(u, text, e);
	*at = '\0';
	if (!is_all_of(text, IN_USER))
		return err_set(e, "a user or password with odd characters in "
		    "it, which must be escaped");
	colon = strchr(text, ':');
	if (colon != NULL)
		*colon = '\0';
	u->user = unescape(text, false);
	if (u->user == NULL)
		return err_set(e, "an escape that is none");
	return set_host(u, at + 1, e);
}

/* As url.String() writes it again, and path.Clean() would get it. */
static char *
file_of(const struct url *u, const char *raw, const char *authority,
    const char *fragment)
{
	char *again = is_all_of(raw, IN_RAW_PATH) ? mem_strdup(raw) :
	    url_escape_path(u->path);
	char *ret = mem_printf("%s%s%s%s%s", authority[0] != '\0' ? "//" : "",
	    authority, again, fragment != NULL ? "#" : "",
	    fragment != NULL ? fragment : "");

	free(again);
	return ret;
}

/* After the scheme: two slashes, authority and path; or a path. */
static int
set_rest(struct url *u, char *rest, const char *fragment, struct err *e)
{
	char *authority = mem_strdup(""), *path = rest;
	int status = -1;

	if (strncmp(rest, "//", 2) == 0) {
		size_t n = strcspn(rest + 2, "/");

		free(authority);
		authority = mem_printf("%.*s", (int)n, rest + 2);
		path = rest + 2 + n;
	}
	u->path = unescape(path, false);
	if (u->path == NULL) {
		err_set(e, "an escape that is none");
		goto out;
	}
	u->as_file = file_of(u, path, authority, fragment);
	status = set_authority(u, authority, e);
out:
	free(authority);
	return status;
}

static char *
cut(char *text, char c)
{
	char *at = strchr(text, c);

	if (at == NULL)
		return NULL;
	*at = '\0';
	return at + 1;
}

/* Without an authority the rest of "file:a/b" is not even decoded. */
static int
set_opaque(struct url *u, const char *rest)
{
	u->host = mem_strdup("");
	u->path = mem_strdup("");
	u->as_file = mem_strdup(rest);
	return 0;
}

static int
take_apart(struct url *u, char *text, struct err *e)
{
	const char *end, *fragment, *query;
	char *rest = text;

	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return err_set(e, "a control character");
	fragment = cut(text, '#');
	end = scheme_end(text);
	if (end != NULL)
		rest = text + (end - text) + 1;
	u->scheme = mem_printf("%.*s", end == NULL ? 0 : (int)(end - text),
	    text);
	for (char *c = u->scheme; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	query = cut(rest, '?');
	u->query = mem_strdup(query != NULL ? query : "");
	if (rest[0] != '/')
		return set_opaque(u, rest);
	return set_rest(u, rest, fragment, e);
}

int
url_parse(struct url *ret, const char *text, struct err *e)
{
	char *copy = mem_strdup(text);
	struct url u = { 0 };
	int status = take_apart(&u, copy, e);

	free(copy);
	if (status == -1) {
		url_done(&u);
		return err_prefix(e, "not a URL");
	}
	*ret = u;
	return 0;
}

void
url_done(struct url *u)
{
	free(u->scheme);
	free(u->host);
	free(u->user);
	free(u->path);
	free(u->query);
	free(u->as_file);
	*u = (struct url){ 0 };
}

/* One of KEY=VALUE&KEY=VALUE; NULL: another key. */
static char *
value_of(const char *pair, size_t n, const char *key)
{
	char *text = mem_printf("%.*s", (int)n, pair);
	const char *raw = cut(text, '=');
	char *name = unescape(text, true), *value = NULL;

	if (name != NULL && strcmp(name, key) == 0 &&
	    strchr(text, ';') == NULL)
		value = unescape(raw != NULL ? raw : "", true);
	free(name);
	free(text);
	return value;
}

char *
url_query(const struct url *u, const char *key)
{
	for (const char *at = u->query; *at != '\0'; ) {
		size_t n = strcspn(at, "&");
		char *value = value_of(at, n, key);

		if (value != NULL && value[0] != '\0')
			return value;
		if (value != NULL) {	/* the first one counts */
			free(value);
			return NULL;
		}
		at += n + (at[n] == '&');
	}
	return NULL;
}
