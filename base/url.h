/*
 * url - is this something that may be handed to curl?
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include <stdbool.h>
#include <stddef.h>

/* One URL of http or https with a host; no blanks, no control characters, so
 * that nothing in it begins a line of its own. */
bool	url_is_http(const char *);
/* A host of n bytes where nobody else can listen: localhost, 127.0.0.1 or
 * [::1]. */
bool	url_is_here(const char *host, size_t n);
/* What is sent there can be read on the way: http, to another host. */
bool	url_is_clear(const char *);

#endif
