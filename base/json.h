/*
 * json - small helps for writing JSON with jansson.
 *
 * Text may come from strangers and is made UTF-8 first; a number that is not
 * finite is null.  Objects are built small and appended to a buf, which has the
 * ceiling.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct buf;

json_t	*json_text(const char *);		/* NULL: null */
json_t	*json_number(double);			/* NAN: null */
json_t	*json_time(int64_t wall_ms);		/* RFC 3339; 0: null */
json_t	*json_labels(const char *labels);	/* as in /metrics; an object */
void	 json_append(struct buf *, json_t *);	/* takes the value */
/* Takes a value of which all text was made clean, so that it is one; the caller
 * frees. */
char	*json_take(json_t *);

#endif
