/*
 * accept - reading Accept and Accept-Encoding.
 *
 * Both are lists: names with parameters, one of which, q, says how welcome the
 * thing is.  A list is walked in place; text that makes no sense is an item
 * that nobody wants, never an error.
 */
#ifndef AGENT_PAGES_ACCEPT_H
#define AGENT_PAGES_ACCEPT_H

#include <stdbool.h>
#include <stddef.h>

struct accept {
	const char	*name;		/* borrowed, as the next; not ended */
	size_t		 length;
	const char	*params;	/* ";version=1.0.0;q=0.5" */
	size_t		 nparams;
	int		 q;		/* in thousandths; 0: not wanted */
};

/* The next item; *at starts at the header's text. */
bool	accept_next(const char **at, struct accept *);
bool	accept_is(const struct accept *, const char *name);
/* Is the parameter one of the values (a list ended by NULL) or not there? */
bool	accept_allows(const struct accept *, const char *param,
	    const char *const *values);
/* Does an Accept-Encoding header (NULL: none) welcome that encoding? */
bool	accept_encoding(const char *header, const char *encoding);

#endif
