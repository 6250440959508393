/*
 * inbox - the only thing two threads share.
 *
 * Many may put, one takes.  The descriptor becomes readable when there is mail,
 * so a loop can watch it.  inbox_take() empties the box and returns the mail in
 * the order it came; the taker owns it.
 *
 * Mail is any struct whose first member is a struct mail.  An inbox holds at
 * most its limit: then inbox_put() refuses and the sender keeps the mail.
 */
#ifndef BASE_INBOX_H
#define BASE_INBOX_H

#include <stddef.h>

struct err;
struct inbox;

struct mail {
	struct mail	*next;			/* inbox.c and the taker */
	void		(*discard)(struct mail *);	/* frees it unread */
};

struct inbox	*inbox_new(size_t limit, struct err *);
void		 inbox_free(struct inbox *);	/* and what is left in it */
int		 inbox_fd(const struct inbox *);
int		 inbox_put(struct inbox *, struct mail *);	/* -1: full */
struct mail	*inbox_take(struct inbox *);	/* NULL when empty */

#endif
