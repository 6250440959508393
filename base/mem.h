/*
 * mem - allocation that cannot fail.
 *
 * For objects whose size we choose.  Running out of memory for a hundred-byte
 * struct means the machine is lost; we say so and abort, and the service
 * manager starts us again with what state.db kept.  Anything whose size a
 * stranger chooses goes through buf.h, which has a ceiling and can refuse.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void	*mem_new(size_t n, size_t size) __attribute__((returns_nonnull));
void	*mem_grow(void *, size_t n, size_t size)
	    __attribute__((returns_nonnull));
char	*mem_strdup(const char *) __attribute__((returns_nonnull));
char	*mem_printf(const char *, ...)
	    __attribute__((returns_nonnull, format(printf, 1, 2)));

#define NEW(ptr)	((ptr) = mem_new(1, sizeof *(ptr)))

/* Make room for one more in an array that holds n of cap elements. */
#define MEM_ROOM(array, n, cap)	do {					\
	if ((n) == (cap)) {						\
		(cap) = (cap) ? (cap) * 2 : 8;				\
		(array) = mem_grow((array), (cap), sizeof *(array));	\
	}								\
} while (0)

#endif
