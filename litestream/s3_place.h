/*
 * s3_place - where a bucket is asked: the host, and what its paths begin with.
 *
 *	virtual-host style	https://BUCKET.s3.REGION.amazonaws.com/KEY
 *	path style		https://s3.REGION.amazonaws.com/BUCKET/KEY
 *
 * Path style is for those who want it, and for buckets whose name is none for a
 * host, or none that a certificate covers.
 */
#ifndef LITESTREAM_S3_PLACE_H
#define LITESTREAM_S3_PLACE_H

#include "litestream/replica.h"

#define S3_REGION	"us-east-1"	/* when nothing was said */
#define S3_MAX_REGION	63

struct s3_place {
	char	*base;		/* owned; "https://host:port" */
	char	*host;		/* owned; "host:port", without a usual port */
	char	*path;		/* owned; "/bucket" or "" */
};

/* -1: the endpoint is no URL that can be asked; ret is not touched then. */
int	s3_place_of(struct s3_place *ret, const struct replica *,
	    const char *region);
void	s3_place_done(struct s3_place *);
/* May a stranger's word become part of a host name of Amazon's? */
bool	s3_place_is_region(const char *);

#endif
