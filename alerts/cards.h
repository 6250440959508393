/*
 * cards - a message as a few boxes, for chats that show one in colour.
 *
 * A card for each alert; one for all of them when they are more than a chat
 * takes.  The texts are escaped, and together they are within the least that
 * any of them takes in one message: Discord's 6000 characters.
 */
#ifndef ALERTS_CARDS_H
#define ALERTS_CARDS_H

#include <stddef.h>
#include <stdint.h>

#include "alerts/wording.h"

#define CARDS_MAX	10
#define CARDS_BYTES	6000	/* of titles, lines and hosts together */
#define CARD_TITLE_MAX	256
#define CARD_LINES_MAX	3000	/* a section of Slack's takes no more */

struct card {
	char		*title, *lines, *host;	/* owned */
	enum mood	 mood;
	const char	*url;			/* of the notification */
	int64_t		 at_ms;
};

struct cards {
	struct card	 all[CARDS_MAX];
	size_t		 n;
};

void	cards_make(struct cards *, const struct message *,
	    const struct escape *);
void	cards_done(struct cards *);

#endif
