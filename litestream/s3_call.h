/*
 * s3_call - a question on its way, and what comes of it.
 *
 * s3.c sends it; here its answer is taken in, judged and handed over.  Between
 * these two files only.
 */
#ifndef LITESTREAM_S3_CALL_H
#define LITESTREAM_S3_CALL_H

#include <curl/curl.h>
#include <sys/queue.h>

#include "litestream/s3.h"
#include "litestream/s3_place.h"

struct s3_list;
struct wire;
struct wire_call;

struct s3 {
	struct wire	*wire;		/* not owned */
	struct replica	 replica;	/* owned */
	char		*region;	/* owned; as far as is known */
	LIST_HEAD(s3_call_list, s3_call) calls;
};

struct s3_call {
	LIST_ENTRY(s3_call) link;
	struct s3	*s3;		/* not owned */
	struct s3_question question;	/* but for its texts */
	char		*start_after;	/* owned; or NULL */
	char		*region;	/* owned; where it was asked */
	struct s3_place	 place;		/* owned */
	struct curl_slist *headers;	/* owned */
	CURL		*easy;		/* the wire's; or NULL */
	struct wire_call *wire_call;	/* the wire's */
	struct s3_list	*list;		/* owned; of a listing or an error */
	int64_t		 flowed;	/* bytes of an object */
	const char	*odd;		/* why we hung up; or NULL */
	s3_done_fn	*done;
	void		*arg;
};

/* For curl, and for the wire. */
size_t	s3_call_body(char *data, size_t size, size_t n, void *call);
void	s3_call_done(void *call, CURL *, CURLcode);
void	s3_call_free(struct s3_call *);

#endif
