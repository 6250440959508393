/*
 * cards - see cards.h.
 */
#include <stdlib.h>
#include <string.h>

#include "alerts/cards.h"

#define HOST_MAX	100

/* What of a card's share is left for its lines. */
static size_t
room(const struct card *c, size_t share)
{
	size_t used = strlen(c->title) + strlen(c->host);
	size_t left = share > used ? share - used : 0;

	return left < CARD_LINES_MAX ? left : CARD_LINES_MAX;
}

static void
begin(struct card *c, const struct notification *n, const struct escape *x)
{
	c->host = wording_escape(n->host, x, HOST_MAX);
	c->url = n->url;
	c->at_ms = n->at_ms;
}

/* All of it in one. */
static void
make_one(struct card *c, const struct message *m, const struct escape *x)
{
	begin(c, m->items[m->n - 1], x);
	c->title = message_title(m, x, CARD_TITLE_MAX);
	c->lines = message_lines(m, x, room(c, CARDS_BYTES));
	c->mood = message_mood(m);
}

void
cards_make(struct cards *ret, const struct message *m, const struct escape *x)
{
	*ret = (struct cards){ .n = m->n <= CARDS_MAX ? m->n : 1 };
	if (ret->n == 1) {
		make_one(&ret->all[0], m, x);
		return;
	}
	for (size_t i = 0; i < m->n; i++) {
		struct card *c = &ret->all[i];

		begin(c, m->items[i], x);
		c->title = notification_title(m->items[i], x, CARD_TITLE_MAX);
		c->lines = notification_lines(m->items[i], x, room(c,
		    CARDS_BYTES / m->n));
		c->mood = notification_mood(m->items[i]);
	}
}

void
cards_done(struct cards *cards)
{
	for (size_t i = 0; i < cards->n; i++) {
		free(cards->all[i].title);
		free(cards->all[i].lines);
		free(cards->all[i].host);
	}
	cards->n = 0;
}
