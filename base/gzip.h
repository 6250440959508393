/*
 * gzip - a page made smaller for whoever asked for it so.
 */
#ifndef BASE_GZIP_H
#define BASE_GZIP_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

#define GZIP_LEAST	1024	/* bytes; below it is not worth the while */

/* Replaces the text by its gzip; false, and nothing changes, when that is
 * not worth it or fails. */
bool	gzip_buf(struct buf *);

#endif
