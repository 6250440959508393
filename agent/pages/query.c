/*
 * query - see query.h.
 */
#include <microhttpd.h>

#include "agent/pages/query.h"

const char *
query_arg(const struct query *q, const char *name)
{
	return MHD_lookup_connection_value(q->connection,
	    MHD_GET_ARGUMENT_KIND, name);
}

const char *
query_header(const struct query *q, const char *name)
{
	return MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND,
	    name);
}
