/*
 * url - see url.h.
 */
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"

bool
url_is_http(const char *url)
{
	size_t scheme = strncasecmp(url, "http://", 7) == 0 ? 7 :
	    strncasecmp(url, "https://", 8) == 0 ? 8 : 0;

	for (const char *c = url; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return false;
	return scheme > 0 && strcspn(url + scheme, "/?#") > 0;
}

bool
url_is_here(const char *host, size_t n)
{
	static const char *const here[] = { "localhost", "127.0.0.1",
	    "[::1]" };

	for (size_t i = 0; i < sizeof here / sizeof *here; i++)
		if (strlen(here[i]) == n && strncasecmp(here[i], host, n) == 0)
			return true;
	return false;
}

bool
url_is_clear(const char *url)
{
	const char *host = url + 7;
	size_t n;

	if (strncasecmp(url, "http://", 7) != 0)
		return false;
	n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
	return !url_is_here(host, n) || strchr(":/?#", host[n]) == NULL;
}
