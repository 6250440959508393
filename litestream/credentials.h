/*
 * credentials - with which keys Litestream signs.
 *
 * In its order: what its configuration says, its environment (AWS_... or
 * LITESTREAM_...), and the shared credentials file.  A role of the machine is
 * not asked for: without keys there is simply no access.
 */
#ifndef LITESTREAM_CREDENTIALS_H
#define LITESTREAM_CREDENTIALS_H

#include "litestream/plan.h"

#define CREDENTIALS_MAX_FILE	65536u

/* Sets the three keys of the replica, as far as they are known. */
void	credentials_find(struct replica *, const char *access_key,
	    const char *secret_key, const struct plan_source *);

#endif
