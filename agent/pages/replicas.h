/*
 * replicas - what the store knows of each replica, put together.
 *
 * The store keeps samples one by one; a person asks about a replica.  Every
 * family whose name begins with sqlite_replica_ and whose first label is
 * `replica` belongs to one.
 */
#ifndef AGENT_PAGES_REPLICAS_H
#define AGENT_PAGES_REPLICAS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct buf;
struct labelled;
struct watched;

/* The next replica after prev (NULL: the first); NULL ends.  It stands for its
 * line of sqlite_replica_info. */
const struct labelled *replicas_next(const struct watched *,
	    const struct labelled *prev);
/* A value of it by the family's name without "sqlite_replica_"; NAN: none. */
double	replicas_value(const struct watched *, const struct labelled *,
	    const char *what);
/* All of them, for the API. */
json_t	*replicas_json(const struct watched *);

#endif
