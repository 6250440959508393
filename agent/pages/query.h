/*
 * query - what a page may ask of the request it answers.
 */
#ifndef AGENT_PAGES_QUERY_H
#define AGENT_PAGES_QUERY_H

struct MHD_Connection;

struct query {
	struct MHD_Connection	*connection;	/* for query.c */
};

/* Borrowed while the request is answered; NULL: it says nothing of that. */
const char	*query_arg(const struct query *, const char *name);
const char	*query_header(const struct query *, const char *name);

#endif
