/*
 * wording - a message as people read it, for every type that speaks to people.
 *
 *	char *title = message_title(m, &escape_slack, 256);
 *	char *lines = message_lines(m, &escape_slack, 4000);
 *
 * Titles, words, colours and lines are the same everywhere; what differs is how
 * a place escapes and how much it takes.  All text that comes out is escaped,
 * is never longer than max bytes (so never longer than max characters), is cut
 * between two characters and never within an escape, and ends in an ellipsis
 * then.  What does not fit loses its causes first, then its next steps.
 *
 *	message_title	"[firing] write-rate on app (warning)" of one,
 *			"[2 firing, 1 resolved] app" of several,
 *			"[9 firing] disk-free on 9 databases"
 *	message_lines	what was measured, the likely cause, the next step, a
 *			line each; of several: each with its title before,
 *			an empty line between, "... and 3 more" at the end
 *	message_url	the page to open
 *	message_mood	the colour: of the worst in it
 *
 * notification_title(), _lines() and _mood() are the same of one item, for a
 * type that gives each a box of its own.
 */
#ifndef ALERTS_WORDING_H
#define ALERTS_WORDING_H

#include <stdbool.h>
#include <stddef.h>

#include "alerts/receiver.h"

struct buf;

struct escape {
	const char *const *becomes;	/* by ASCII character; NULL: itself */
	bool		 spares_urls;	/* as they are, so that they work */
	bool		 breaks_commands;	/* "/stop" by itself is one */
};

extern const struct escape escape_none;
extern const struct escape escape_telegram;	/* its HTML */
extern const struct escape escape_slack;	/* and who takes the same */
extern const struct escape escape_markdown;	/* Discord */
extern const struct escape escape_chat;		/* Google Chat */

/* From good to bad. */
enum mood { MOOD_GOOD, MOOD_INFO, MOOD_NO_DATA, MOOD_WARNING, MOOD_CRITICAL,
	MOOD_COUNT };

/* "firing", "still firing", "resolved", "no data", "flapping", "test",
 * "digest" */
const char	*notification_word(const struct notification *);
enum mood	 notification_mood(const struct notification *);
enum mood	 message_mood(const struct message *);
/* Of how many databases it speaks; of several only when they meet one rule. */
size_t		 message_databases(const struct message *);
const char	*message_url(const struct message *);	/* borrowed */

/* The caller frees these. */
char	*notification_title(const struct notification *, const struct escape *,
	    size_t max);
char	*notification_lines(const struct notification *, const struct escape *,
	    size_t max);
char	*message_title(const struct message *, const struct escape *,
	    size_t max);
char	*message_lines(const struct message *, const struct escape *,
	    size_t max);
char	*wording_escape(const char *, const struct escape *, size_t max);
/* Bytes of it, escaped, that fit into max; *from becomes where it ended. */
size_t	 wording_fit(const char **from, const struct escape *, size_t max);
/* Appends it; max counts from here. */
void	 wording_add(struct buf *, const char *, const struct escape *,
	    size_t max);

#endif
