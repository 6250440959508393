/*
 * mem - see mem.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void *
or_abort(void *p, size_t n, size_t size)
{
	if (p == NULL) {
		fprintf(stderr, "out of memory (%zu x %zu)\n", n, size);
		abort();
	}
	return p;
}

void *
mem_new(size_t n, size_t size)
{
	return or_abort(calloc(n, size), n, size);
}

void *
mem_grow(void *p, size_t n, size_t size)
{
	return or_abort(reallocarray(p, n, size), n, size);
}

char *
mem_strdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(mem_new(n, 1), s, n);
}

char *
mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	return or_abort(n < 0 ? NULL : text, 1, strlen(fmt));
}
