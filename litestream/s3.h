/*
 * s3 - one signed question to a bucket, and its answer.
 *
 * For Amazon S3 and what speaks like it (MinIO, Backblaze B2, Cloudflare R2,
 * DigitalOcean, Scaleway, ...): HEAD, GET and ListObjectsV2, signed with AWS
 * Signature Version 4, in path and virtual-host style.  Reads only.  Redirects
 * are never followed; a bucket that says where it lies ("x-amz-bucket-region")
 * is asked there from then on: at the endpoint that was configured, or else at
 * Amazon's own for that region.
 *
 * What a stranger can make bigger: S3_MAX_BODY, S3_MAX_KEYS, and wire.h's time
 * limits.  Runs on the loop.
 */
#ifndef LITESTREAM_S3_H
#define LITESTREAM_S3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "litestream/replica.h"

struct err;
struct wire;

#define S3_MAX_BODY	(2u << 20)	/* of a listing or an error, bytes */
#define S3_MAX_OBJECT	(256ll << 20)	/* of a GET, bytes that flow by */
#define S3_MAX_KEYS	1000u		/* in one listing: a page */
#define S3_MAX_KEY	1024u		/* bytes, S3's own limit */

enum s3_method { S3_HEAD, S3_GET, S3_LIST, S3_METHOD_COUNT };

/* What went wrong, as far as somebody can do something about it. */
enum s3_fault {
	S3_FINE,
	S3_MISSING,		/* 404: there is no such object */
	S3_NO_BUCKET,
	S3_FORBIDDEN,		/* credentials, policy */
	S3_SKEWED,		/* one of the two clocks is off */
	S3_ELSEWHERE,		/* another region, a redirect */
	S3_UNREACHABLE,		/* no connection, TLS, timeout */
	S3_BUSY,		/* 429, 5xx: later */
	S3_ODD			/* an answer that is none */
};

struct s3_object {
	char	 key[S3_MAX_KEY + 1];
	int64_t	 size;
	int64_t	 modified_ms;	/* wall, by the bucket's clock */
};

struct s3_answer {
	enum s3_fault	 fault;
	const char	*why;		/* a sentence, when not S3_FINE */
	long		 status;	/* HTTP; 0: there was no answer */
	int64_t		 size;		/* HEAD, GET: of the object; -1 */
	int64_t		 modified_ms;	/* HEAD, GET: Last-Modified; 0 */
	int64_t		 skew_ms;	/* its clock less ours; 0: not said */
	/* LIST: in order of their keys, one page. */
	const struct s3_object *objects;
	size_t		 nobjects;
	const char	(*prefixes)[S3_MAX_KEY + 1];	/* with a delimiter */
	size_t		 nprefixes;
	bool		 truncated;	/* there are more */
};

struct s3_question {
	enum s3_method	 method;
	const char	*key;		/* HEAD, GET; or the prefix to list */
	const char	*start_after;	/* LIST; NULL: from the beginning */
	char		 delimiter;	/* LIST; '/', or 0 */
	unsigned	 max_keys;	/* LIST; 0: S3_MAX_KEYS */
	int64_t		 max_bytes;	/* GET: a range from 0; 0: all of it */
	/* GET: the bytes as they come.  False: enough, hang up.  It is called
	 * from inside curl: s3_cancel() and s3_free() have to wait. */
	bool		(*body)(void *arg, const unsigned char *, size_t);
};

/* A bucket with what was learned about it (its region).  Not shared. */
struct s3;
struct s3_call;

/* The answer is the callee's only while it runs. */
typedef void s3_done_fn(void *arg, const struct s3_answer *);

struct s3	*s3_new(struct wire *, const struct replica *);	/* copies */
void		 s3_free(struct s3 *);		/* and what is on its way */
/* Never calls back before it returns, and always exactly once after. */
struct s3_call	*s3_ask(struct s3 *, const struct s3_question *, s3_done_fn *,
		    void *arg);
void		 s3_cancel(struct s3_call *);

/*
 * A key of the replica as Litestream makes it: 0.5 puts path + "/" in front,
 * 0.3 joins and cleans (so that no path gives "generations/...").  NULL when
 * it would be longer than S3_MAX_KEY; the caller frees.
 */
char	*s3_key_03(const struct replica *, const char *rest);
char	*s3_key_05(const struct replica *, const char *rest);

/* "HEAD", "GET", "LIST"; and what Amazon takes for one, in dollars. */
const char *s3_method_name(enum s3_method);
double	 s3_method_cost(enum s3_method);

#endif
