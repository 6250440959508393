/*
 * receiver - where notifications go, one file per type in receivers/.
 *
 * A type is a const struct receiver_type receiver_<file name>; the Makefile
 * finds the file.  A type writes a request and judges the answer; it opens no
 * socket and keeps no state: post.c sends, outbox.c queues and tries again.
 *
 * Receiver URLs and secrets are secret: they come from the configuration or
 * from a file that is read again at each use, and appear in no log, metric,
 * page or error text.
 */
#ifndef ALERTS_RECEIVER_H
#define ALERTS_RECEIVER_H

#include <stddef.h>
#include <stdint.h>

#include "alerts/notification.h"

struct err;
struct receiver_type;

struct receiver {
	char			*name;		/* owned */
	const struct receiver_type *type;
	char			*url, *url_file;	/* owned; one of them */
	char			*secret, *secret_file;	/* owned; or neither */
};

#define REQUEST_MAX_HEADERS	8

struct request {
	char	*url;				/* owned, and secret */
	char	*headers[REQUEST_MAX_HEADERS];	/* owned; "Name: value" */
	size_t	 nheaders;
	char	*body;				/* owned */
};

struct answer {
	long		 status;	/* HTTP; 0 when there was no answer */
	const char	*body;		/* the first bytes of it; never NULL */
	int64_t		 retry_after_ms;	/* -1: not said */
};

enum verdict { VERDICT_DELIVERED, VERDICT_RETRY, VERDICT_REFUSED };

struct receiver_type {
	const char	*name;		/* as in `type = ` */
	const char	*help;		/* the manual's sentence */
	int		(*write)(const struct receiver *,
			    const struct notification *, int64_t wall_s,
			    struct request *, struct err *);
	/* On anything but DELIVERED the err says why, without the URL. */
	enum verdict	(*judge)(const struct answer *, struct err *);
};

/* Written by the Makefile: every type, by name; NULL ends the list. */
extern const struct receiver_type *const receiver_types[];

const struct receiver_type *receiver_type_find(const char *name);
void	receiver_done(struct receiver *);
/* The URL or the secret as it is now: given, or read from its file and
 * trimmed.  The caller frees.  NULL secret with rc 0: there is none. */
int	receiver_url(const struct receiver *, char **ret, struct err *);
int	receiver_secret(const struct receiver *, char **ret, struct err *);
/* Warns: a file with a secret that others can read.  -1 and a sentence. */
int	receiver_check(const struct receiver *, struct err *);
/* Would a request come of it, as it stands now?  Sends nothing.  -1 and a
 * sentence: no URL, a secret that cannot be decoded, a file that is missing. */
int	receiver_try(const struct receiver *, struct err *);
void	request_header(struct request *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
void	request_done(struct request *);

#endif
