/*
 * s3_fault - what an answer of a bucket means, and the sentence for people.
 *
 * The sentences are made of what was configured, of numbers, and of S3's own
 * error codes.  Nothing else that a stranger sent is repeated, and no key,
 * signature or query.
 */
#ifndef LITESTREAM_S3_FAULT_H
#define LITESTREAM_S3_FAULT_H

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

#include "litestream/s3.h"

#define S3_MAX_WHY	512

/* All that is known of how it went; borrowed. */
struct s3_clue {
	const char	*bucket, *host;
	enum s3_method	 method;
	CURLcode	 rc;		/* CURLE_OK: there is a status */
	long		 status;
	const char	*code;		/* of the error document; or "" */
	const char	*odd;		/* wrong with its body, or NULL */
	const char	*region;	/* where it was asked */
	const char	*lies;		/* where it says it lies, or NULL */
	int64_t		 skew_ms;
};

enum s3_fault s3_fault_of(const struct s3_clue *, char why[S3_MAX_WHY]);

#endif
