/*
 * message_text - a user's own next step, with what is known filled in.
 *
 * "Ask {db}'s owner: {value} is beyond {threshold}": a word between braces
 * stands for what it names, "{{" for a brace; any other brace is one.
 */
#ifndef ALERTS_MESSAGE_TEXT_H
#define ALERTS_MESSAGE_TEXT_H

struct alert;
struct buf;
struct err;
struct notification;

/* 0 when every word between braces is one; else -1 and a sentence. */
int	message_check(const char *, struct err *);
/* Appends the text, which was checked; what is unknown stays as it is. */
void	message_fill(struct buf *, const char *, const struct notification *,
	    const struct alert *);

#endif
