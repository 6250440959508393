/*
 * text - words that strangers chose, made fit to be shown.
 *
 * A path, a command or an error may hold any bytes.  Each function appends it
 * in the way one format wants; what is not UTF-8 becomes U+FFFD, for one bad
 * byte would cost a reader the whole page.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

struct buf;

void	text_plain(struct buf *, const char *);	/* UTF-8, nothing escaped */
void	text_label(struct buf *, const char *);	/* between the "" of a label */
void	text_html(struct buf *, const char *);	/* HTML, also in attributes */

#endif
