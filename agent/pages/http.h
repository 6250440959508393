/*
 * http - the agent's front door.
 *
 * libmicrohttpd runs inside our loop: it lends us one epoll descriptor, we
 * call MHD_run() when that is readable or when it asked to be called.  So a
 * handler runs on the loop's thread and may read the store without a lock.
 *
 * A page is a row of the table in pages.c: a path, a method, a type and a
 * function that appends to a buf.  No path, file name or address ever comes
 * from a request.  A page that takes no GET changes something; who may ask for
 * what is told in gate.h.
 */
#ifndef AGENT_PAGES_HTTP_H
#define AGENT_PAGES_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct agent;
struct buf;
struct err;
struct http;
struct loop;
struct query;

#define HTTP_PAGE_MAX		(64u << 20)	/* no answer is longer */
#define HTTP_CONNECTIONS_MAX	64u
#define HTTP_IDLE_S		30u

struct page {
	const char	*path;
	const char	*methods;	/* "GET" (HEAD with it) or "POST" */
	const char	*type;		/* content type */
	/* Returns the HTTP status.  *type may be changed.  */
	unsigned	(*write)(struct agent *, const struct query *,
			    struct buf *, const char **type);
	const char	*help;		/* the manual's sentence */
};

extern const struct page pages[];	/* NULL path ends it */

/* listen: "127.0.0.1:10925" or "[::1]:0". */
struct http	*http_new(struct loop *, struct agent *, const char *listen,
		    struct err *);
void		 http_free(struct http *);
unsigned	 http_port(const struct http *);	/* the real one */

#endif
