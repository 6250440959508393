/*
 * mime - text as mail carries it: ASCII in lines of at most 76 characters.
 *
 * Text given to these is clean (clean.h): valid UTF-8 of one line, so what
 * comes of it can neither end a header nor begin another.
 */
#ifndef ALERTS_MIME_H
#define ALERTS_MIME_H

#include <stdint.h>

struct buf;

#define MIME_LINE	76
#define MIME_DATE_MAX	40

/* "NAME: text", folded; what is not plain ASCII as encoded words (RFC 2047). */
void	mime_header(struct buf *, const char *name, const char *text);
/* The same, for a header that holds names and addresses: "NAME: text <addr>",
 * where text is never more than a name. */
void	mime_mailbox(struct buf *, const char *name, const char *text,
	    const char *address);
/* Lines parted by '\n', as quoted-printable (RFC 2045). */
void	mime_body(struct buf *, const char *text);
/* "Sat, 28 Nov 2026 10:23:18 +0000" */
void	mime_date(char text[MIME_DATE_MAX], int64_t wall_s);

#endif
