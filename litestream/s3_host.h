/*
 * s3_host - what the host of an s3:// URL says.
 *
 * Litestream lets BUCKET.s3.REGION.backblazeb2.com and its like stand for
 * bucket, region and endpoint; 0.3 and 0.5 know somewhat different ones, and
 * here are all of them.
 */
#ifndef LITESTREAM_S3_HOST_H
#define LITESTREAM_S3_HOST_H

#include <stdbool.h>

struct err;
struct url;

struct s3_host {
	char	*bucket;	/* owned, as all here; "" when there is none */
	char	*region;	/* or NULL */
	char	*endpoint;	/* or NULL: Amazon's own */
	bool	 path_style;
};

void	s3_host_parse(struct s3_host *ret, const char *host);
void	s3_host_done(struct s3_host *);
/* With a scheme; what has none gets https, or http when `local` and it is one
 * on this machine or in a private network.  The caller frees. */
char	*s3_endpoint(const char *, bool local);
/* Does this one need path style, whatever the URL says? */
bool	s3_endpoint_wants_path(const char *);


/* s3://arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/PATH, which is no URL by the
 * letter; its host is then all up to NAME. */
bool	s3_is_access_point(const char *url);
int	s3_access_point_parse(struct url *ret, const char *, struct err *);

#endif
