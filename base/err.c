/*
 * err - see err.h for the contract.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"

int
err_set(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_prefix(struct err *e, const char *fmt, ...)
{
	struct err cause = *e;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	/* A long story loses its end, which is the price of a fixed err. */
	if (n >= 0 && (size_t)n < sizeof e->text &&
	    snprintf(e->text + n, sizeof e->text - (size_t)n, ": %s",
	    cause.text) < 0)
		e->text[n] = '\0';
	return -1;
}
