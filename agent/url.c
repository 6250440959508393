/*
 * url - see url.h.
 */
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "agent/url.h"

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
