/*
 * s3_list - what a bucket says in XML: a listing, or what went wrong.
 *
 * Fed piece by piece.  Bounded in bytes (S3_MAX_BODY), entries (S3_MAX_KEYS),
 * depth and the length of every text; a document type is refused, and with it
 * every entity of a stranger's making.
 */
#ifndef LITESTREAM_S3_LIST_H
#define LITESTREAM_S3_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "litestream/s3.h"

#define S3_MAX_CODE	64
#define S3_MAX_MESSAGE	256	/* a longer one loses its end */

struct s3_document {
	bool		 is_error;	/* else it is a listing */

	struct s3_object *objects;	/* owned; in order of their keys */
	size_t		 nobjects, objects_cap;
	char		(*prefixes)[S3_MAX_KEY + 1];	/* owned */
	size_t		 nprefixes, prefixes_cap;
	bool		 truncated;

	char		 code[S3_MAX_CODE];	/* "NoSuchBucket" */
	char		 message[S3_MAX_MESSAGE];
	char		 region[S3_MAX_CODE];	/* of the bucket; or "" */
};

struct s3_list;

struct s3_list	*s3_list_new(void);
void		 s3_list_free(struct s3_list *);
/* False: no more of it is wanted, and s3_list_end() says why. */
bool		 s3_list_feed(struct s3_list *, const char *, size_t);
/* That was all.  NULL: it is no such document, *why is how it differs. */
const struct s3_document *s3_list_end(struct s3_list *, const char **why);

#endif
