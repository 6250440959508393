/*
 * expand - variables in a text, as Go's os.Expand puts them in.
 *
 * $NAME and ${NAME}; one that is not set is empty.  There is no escape and no
 * default: "$$" is the variable called "$", "${A:-b}" the one called "A:-b".
 * A dollar without a name stays ("$ ", "a$"); "${}" and a "${" without its end
 * vanish.
 */
#ifndef LITESTREAM_EXPAND_H
#define LITESTREAM_EXPAND_H

#include <stddef.h>

struct buf;

#define EXPAND_MAX_NAME	255u	/* a longer one is taken as not set */

/* A variable's value, or NULL. */
typedef const char *expand_fn(void *arg, const char *name);

/* Appends n bytes of text; whether it fitted is for buf_ok(). */
void	expand_text(struct buf *, const char *text, size_t n, expand_fn *,
	    void *arg);

#endif
