/*
 * clean - text from strangers, made fit to be sent.
 *
 * The names of files and processes are any bytes at all.  What leaves the agent
 * is valid UTF-8 of one line: what is not, and every control character, becomes
 * U+FFFD, and so do the marks that turn the direction of writing, for with them
 * a name can read as another.  Text is cut on a character boundary.
 */
#ifndef ALERTS_CLEAN_H
#define ALERTS_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

/* At most max bytes and a NUL; the caller frees. */
char	*clean_copy(const char *, size_t max) __attribute__((returns_nonnull));
/* True when clean_copy() would change nothing. */
bool	 clean_is(const char *, size_t max);
/* The bytes of valid UTF-8 that fit into max without cutting a character. */
size_t	 clean_fit(const char *, size_t max);

#endif
