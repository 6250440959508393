/*
 * accept - see accept.h.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "agent/pages/accept.h"

#define Q_MOST	1000

static bool
same(const char *text, size_t n, const char *word)
{
	return strlen(word) == n && strncasecmp(text, word, n) == 0;
}

/* The value of a parameter, without quotes; NULL when it is not there. */
static const char *
find(const struct accept *a, const char *name, size_t *length)
{
	const char *p = a->params, *end = p + a->nparams;

	while (p < end) {
		size_t whole, key;

		p += strspn(p, "; \t");
		whole = strcspn(p, ";,");
		key = strcspn(p, "=; \t,");
		if (p >= end || !same(p, key, name) || p[key] != '=') {
			p += whole;
			continue;
		}
		p += key + 1;
		p += *p == '"';
		*length = strcspn(p, "\"; \t,");
		return p;
	}
	return NULL;
}

/* 0 to 1 with up to three digits; more of them are not looked at. */
static int
quality(const struct accept *a)
{
	int q, unit = Q_MOST;
	size_t n;
	const char *text = find(a, "q", &n);

	if (text == NULL)
		return Q_MOST;
	if (n == 0 || text[0] < '0' || text[0] > '1' ||
	    (n > 1 && text[1] != '.'))
		return 0;
	q = (text[0] - '0') * unit;
	for (size_t i = 2; i < n; i++) {
		if (!isdigit((unsigned char)text[i]))
			return 0;
		unit /= 10;
		q += (text[i] - '0') * unit;
	}
	return q <= Q_MOST ? q : 0;
}

bool
accept_next(const char **at, struct accept *ret)
{
	const char *p = *at + strspn(*at, ", \t");
	size_t whole = strcspn(p, ",");

	if (whole == 0)
		return false;
	*at = p + whole;
	ret->name = p;
	ret->length = strcspn(p, ";, \t");
	ret->params = p + ret->length;
	ret->nparams = whole - ret->length;
	ret->q = quality(ret);
	return true;
}

bool
accept_is(const struct accept *a, const char *name)
{
	return same(a->name, a->length, name);
}

bool
accept_allows(const struct accept *a, const char *param,
    const char *const *values)
{
	size_t n;
	const char *text = find(a, param, &n);

	if (text == NULL)
		return true;
	for (; *values != NULL; values++)
		if (same(text, n, *values))
			return true;
	return false;
}

/* What is said of it by name outweighs what is said of everything. */
bool
accept_encoding(const char *header, const char *encoding)
{
	bool any = false;
	struct accept a;

	while (header != NULL && accept_next(&header, &a)) {
		if (accept_is(&a, encoding))
			return a.q > 0;
		if (accept_is(&a, "*"))
			any = a.q > 0;
	}
	return any;
}
