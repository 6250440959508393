/*
 * sign - signatures as Standard Webhooks has them.
 *
 * A signature covers the id, the second of the attempt and the body, so that a
 * receiver can tell ours from others and a new message from a repeated one.
 */
#ifndef ALERTS_SIGN_H
#define ALERTS_SIGN_H

#include <stdint.h>

struct err;

#define SIGNATURE_MAX	48	/* "v1,", 44 characters and a NUL */

/* The secret is "whsec_" and 24 to 64 bytes in base64; -1 when it is not. */
int	sign_message(char ret[SIGNATURE_MAX], const char *secret,
	    const char *id, int64_t wall_s, const char *body, struct err *);

/* By each of several secrets, with blanks between: one is added, receivers
 * learn it, the old one goes.  Signatures with a blank between; the caller
 * frees. */
#define SIGN_SECRETS_MAX	4
int	sign_by_all(char **ret, const char *secrets, const char *id,
	    int64_t wall_s, const char *body, struct err *);

#endif
