/*
 * culprit - whoever holds what others wait for, in words.
 */
#ifndef BASE_CULPRIT_H
#define BASE_CULPRIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/batch.h"

#define CULPRIT_TEXT_MAX	128

/* "PID 9001 (rake import)", or why there is no name. */
const char	*culprit_text(char text[CULPRIT_TEXT_MAX],
		    const struct culprit *);
/* Litestream holds a read mark by design: that is never the fault. */
bool		 culprit_is_litestream(const struct culprit *);

#endif
