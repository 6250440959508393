/*
 * buf - text that grows up to a ceiling.
 *
 * A buf never holds more than its limit.  The first append that would pass it
 * marks the buf as overflowed and changes nothing; later appends do nothing,
 * so a writer appends freely and asks buf_ok() once, at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char	*data;		/* owned; NUL-terminated when not NULL */
	size_t	 len;
	size_t	 cap;
	size_t	 limit;
	bool	 overflowed;
};

void	 buf_init(struct buf *, size_t limit);
void	 buf_free(struct buf *);
bool	 buf_ok(const struct buf *);
void	 buf_add(struct buf *, const void *, size_t);
void	 buf_adds(struct buf *, const char *);
void	 buf_addf(struct buf *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
char	*buf_take(struct buf *);	/* the caller frees; never NULL */

#endif
