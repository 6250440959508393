/*
 * restore_said - what can be read from the words of `litestream restore`.
 *
 * Three ways of writing are known: Go's log lines (0.3 by URL), slog's text and
 * slog's JSON (0.3 by configuration), and plain text (0.5).  A complaint is
 *
 *	... error="WORDS"	{..., "error":"WORDS"}		Error: WORDS
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "litestream/replica.h"
#include "litestream/restore.h"

#define HIDDEN	"(withheld: it names a secret)"

/* How a complaint begins, and what ends it. */
static const struct {
	const char	*begin;
	char		 end;
} complaints[] = {
	{ "error=\"", '"' },
	{ "\"error\":\"", '"' },
	{ "Error: ", '\n' },
	{ "error=", ' ' },
};

/* Of these it says nothing about the backup: it was not reached, or not with
 * the right keys, or there is no room here. */
static const char *const hindrances[] = {
	"dial tcp", "no such host", "connection refused", "connection reset",
	"i/o timeout", "TLS handshake", "network is unreachable",
	"no route to host", "context deadline exceeded", "x509:",
	"AccessDenied", "Forbidden", "InvalidAccessKeyId",
	"SignatureDoesNotMatch", "RequestTimeTooSkewed", "ExpiredToken",
	"SlowDown", "ServiceUnavailable", "NoCredentialProviders",
	"failed to refresh cached credentials", "cannot load aws config",
	"unable to authenticate", "no space left on device",
	"disk quota exceeded", "permission denied", "too many open files",
	"cannot allocate memory", "database not found in config",
	"config file not found", "flag provided but not defined",
	"operation not permitted", "file too large",
};

static const char *
find_last(const char *text, const char *what)
{
	const char *last = NULL, *at = text;

	while ((at = strstr(at, what)) != NULL)
		last = at++;
	return last;
}

/* To the end of the words, which may have escaped quotes in them. */
static size_t
length_to(const char *p, char end)
{
	size_t n = 0;

	while (p[n] != '\0' && p[n] != '\n' && p[n] != end)
		n += p[n] == '\\' && p[n + 1] != '\0' ? 2 : 1;
	return n;
}

/* The last line that has something on it. */
static const char *
last_line(const char *said, size_t *n)
{
	size_t end = strlen(said), begin;

	while (end > 0 && isspace((unsigned char)said[end - 1]))
		end--;
	begin = end;
	while (begin > 0 && said[begin - 1] != '\n')
		begin--;
	*n = end - begin;
	return said + begin;
}

static const char *
find_complaint(const char *said, size_t *n)
{
	const char *best = NULL;
	char end = '\n';

	for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++) {
		const char *at = find_last(said, complaints[i].begin);

		if (at == NULL)
			continue;
		at += strlen(complaints[i].begin);
		if (best == NULL || at > best + 1) {
			best = at;
			end = complaints[i].end;
		}
	}
	if (best == NULL)
		return last_line(said, n);
	*n = length_to(best, end);
	return best;
}

static bool
names(const char *text, const char *secret)
{
	return secret != NULL && *secret != '\0' &&
	    strstr(text, secret) != NULL;
}

static bool
is_secret(const char *text, const struct setup *s)
{
	for (size_t i = 0; i < s->nreplicas; i++)
		if (names(text, s->replicas[i].access_key) ||
		    names(text, s->replicas[i].secret_key) ||
		    names(text, s->replicas[i].session_token))
			return true;
	return strstr(text, "X-Amz-") != NULL;
}

/* scheme://user:password@host: from "://" to the "@" of the same word. */
static size_t
length_of_login(const char *p)
{
	size_t n;

	if (strncmp(p, "://", 3) != 0)
		return 0;
	n = 3 + strcspn(p + 3, "@/ \"\\");
	return p[n] == '@' ? n + 1 : 0;
}

static void
add_clean(struct buf *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t login = length_of_login(p + i);
		char c = p[i];

		if (login > 0) {
			buf_adds(out, "://");
			i += login - 1;
			continue;
		}
		if (c == '\\' && i + 1 < n)	/* \" and \n of Go's quoting */
			c = p[++i] == 'n' || p[i] == 't' ? ' ' : p[i];
		if (iscntrl((unsigned char)c))
			c = ' ';
		buf_add(out, &c, 1);
	}
}

void
restore_said_why(char *ret, size_t size, const char *said,
    const struct setup *setup)
{
	struct buf raw, text;
	const char *at;
	size_t n;

	buf_init(&raw, 65536);
	buf_init(&text, 65536);
	at = find_complaint(said, &n);
	add_clean(&raw, at, n);
	if (raw.data != NULL)
		text_plain(&text, raw.data);
	if (text.data == NULL || text.data[0] == '\0')
		(void)snprintf(ret, size, "it failed and gave no reason");
	else if (is_secret(text.data, setup))
		(void)snprintf(ret, size, HIDDEN);
	else
		(void)snprintf(ret, size, "%s", text.data);
	buf_free(&raw);
	buf_free(&text);
}

bool
restore_said_untried(const char *said)
{
	const char *at;
	char *words;
	bool found = false;
	size_t n;

	at = find_complaint(said, &n);
	words = strndup(at, n);
	for (size_t i = 0; words != NULL &&
	    i < sizeof hindrances / sizeof *hindrances; i++)
		found |= strcasestr(words, hindrances[i]) != NULL;
	free(words);
	return found;
}

/* The number behind the last occurrence of a key. */
static bool
number_after(uint64_t *ret, const char *said, const char *key, int base)
{
	const char *at = find_last(said, key);
	char *end;

	if (at == NULL)
		return false;
	at += strlen(key);
	at += strspn(at, " \"=:");
	*ret = strtoull(at, &end, base);
	return end != at;
}

static bool
generation_after(char ret[17], const char *said)
{
	const char *at = find_last(said, "generation");

	if (at == NULL)
		return false;
	at += strlen("generation");
	at += strspn(at, " \"=:");
	if (strspn(at, "0123456789abcdef") != 16)
		return false;
	memcpy(ret, at, 16);
	ret[16] = '\0';
	return true;
}

void
restore_said_position(struct restored *r, const char *said)
{
	uint64_t index;

	r->has_txid = number_after(&r->txid, said, "\"txid\"", 16);
	if (r->has_txid || !generation_after(r->generation, said))
		return;
	if (!number_after(&index, said, "\"index_max\":", 10) &&
	    !number_after(&index, said, "index_max=", 10) &&
	    !number_after(&index, said, " index=", 10) &&
	    !number_after(&index, said, "\"index\":", 10))
		return;
	r->has_index = true;
	r->index = index;
}

void
restore_said_version(struct restore_program *p, const char *said)
{
	unsigned major, minor, patch;
	const char *at = said + strcspn(said, "0123456789");

	if (sscanf(at, "%9u.%9u.%9u", &major, &minor, &patch) != 3)
		return;
	if (major == 0 && minor == 3)
		p->version = LITESTREAM_03;
	else if (major > 0 || minor >= 5)
		p->version = LITESTREAM_05;
	p->patch = major > 0 || minor > 5 ? 99 : patch;
}
