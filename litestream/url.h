/*
 * url - a URL taken apart as Go's net/url does.
 *
 * Litestream's replicas are where url.Parse says, so its quirks are kept: what
 * is an error there is one here, "file:///a b" is a path with an escape in it,
 * "file://a/b" one below /a.
 */
#ifndef LITESTREAM_URL_H
#define LITESTREAM_URL_H

#include <stdbool.h>

struct err;

struct url {
	char	*scheme;	/* owned, as all here; in lower case; or "" */
	char	*host;		/* with its port */
	char	*user;		/* decoded; NULL: none was given */
	char	*path;		/* decoded */
	char	*query;		/* as it stands, without "?" */
	char	*as_file;	/* what url.String() gives without the scheme
				   and the query: a file replica's path */
};

/* -1 and a sentence, which does not quote it: it may hold a password. */
int	url_parse(struct url *ret, const char *, struct err *);
void	url_done(struct url *);
/* The first value of a key, decoded; NULL: none, or empty.  Caller frees. */
char	*url_query(const struct url *, const char *key);
/* A path with what is not allowed in one escaped; the caller frees. */
char	*url_escape_path(const char *);
/* Begins like one: a word and "://". */
bool	url_is(const char *);

#endif
