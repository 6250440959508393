/*
 * option_check - whether a text is right for its option, by type.
 *
 * The sentence quotes the text, except where it is a secret.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/config/options.h"
#include "base/err.h"
#include "base/units.h"

static int
check_flag(const struct option *o, const char *text, struct err *e)
{
	if (unit_flag(text) == -1)
		return err_set(e, "%s: \"%s\" is neither yes nor no",
		    o->key, text);
	return 0;
}

static int
check_choice(const struct option *o, const char *text, struct err *e)
{
	size_t n = strlen(text), m;

	for (const char *c = o->choices; *c != '\0'; c += m) {
		c += strspn(c, " ");
		m = strcspn(c, " ");
		if (m == n && memcmp(c, text, n) == 0)
			return 0;
	}
	return err_set(e, "%s: \"%s\" is none of: %s", o->key, text,
	    o->choices);
}

static int
is_beyond(const struct option *o, const char *text, const char *how,
    int64_t bound_ms, struct err *e)
{
	char bound[UNIT_TEXT_MAX];

	return err_set(e, "%s: %s is too %s is %s", o->key, text, how,
	    unit_print(bound, UNIT_SECONDS, (double)bound_ms / 1000));
}

static int
check_duration(const struct option *o, const char *text, struct err *e)
{
	int64_t ms;

	if (unit_parse_ms(&ms, text, e) == -1)
		return err_prefix(e, "%s", o->key);
	if (ms == 0 && o->zero_off)
		return 0;
	if (ms < o->min)
		return is_beyond(o, text, "short, the least", o->min, e);
	if (ms > o->max)
		return is_beyond(o, text, "long, the most", o->max, e);
	return 0;
}

static int
check_count(const struct option *o, const char *text, struct err *e)
{
	double n;

	if (unit_parse(&n, UNIT_NONE, text, e) == -1)
		return err_prefix(e, "%s", o->key);
	if (n < (double)o->min || n > (double)o->max)
		return err_set(e, "%s: %s is not between %lld and %lld",
		    o->key, text, (long long)o->min, (long long)o->max);
	return 0;
}

static int
check_path(const struct option *o, const char *text, struct err *e)
{
	if (text[0] == '~')
		return err_set(e, "%s: \"~\" has no meaning here, write the "
		    "whole path", o->key);
	return 0;
}

static bool
is_port(const char *text)
{
	char *end;
	long n;

	if (text[0] < '0' || text[0] > '9')	/* strtol() takes a sign */
		return false;
	errno = 0;
	n = strtol(text, &end, 10);
	return errno == 0 && *end == '\0' && n >= 0 && n <= 65535;
}

/* An address in numbers: asking for a name could wait for the network. */
static bool
is_address(const char *text, size_t n)
{
	char host[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	int family = AF_INET;

	if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
		family = AF_INET6;
		text++;
		n -= 2;
	}
	if (n == 0 || n >= sizeof host)
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	return inet_pton(family, host, &addr) == 1;
}

static int
check_listen(const struct option *o, const char *text, struct err *e)
{
	const char *colon = strrchr(text, ':');

	if (colon == NULL || !is_port(colon + 1) ||
	    !is_address(text, (size_t)(colon - text)))
		return err_set(e, "%s: \"%s\" is not an address and a port in "
		    "numbers, such as 127.0.0.1:10925 or [::1]:10925", o->key,
		    text);
	return 0;
}

static int
check_nothing(const struct option *o, const char *text, struct err *e)
{
	(void)o;
	(void)text;
	(void)e;
	return 0;
}

typedef int check_fn(const struct option *, const char *, struct err *);

static check_fn *const checks[] = {
	[OPTION_TEXT]	  = check_nothing,
	[OPTION_PATH]	  = check_path,
	[OPTION_LISTEN]	  = check_listen,
	[OPTION_DURATION] = check_duration,
	[OPTION_COUNT]	  = check_count,
	[OPTION_FLAG]	  = check_flag,
	[OPTION_CHOICE]	  = check_choice,
	[OPTION_SECRET]	  = check_nothing,
};

int
option_check(const struct option *o, const char *text, struct err *e)
{
	if (text[0] == '\0')
		return err_set(e, "%s: no value is given", o->key);
	if (text[0] == '"')
		return err_set(e, "%s: write the value without quotes", o->key);
	return checks[o->type](o, text, e);
}
