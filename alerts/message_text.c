/*
 * message_text - see message_text.h.
 */
#include <string.h>

#include "alerts/alert.h"
#include "alerts/message_text.h"
#include "alerts/notification.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

#define SHOWN	40	/* bytes of a wrong word in an error */

static void
add_db(struct buf *b, const struct notification *n, const struct alert *a)
{
	(void)a;
	buf_adds(b, n->db);
}

static void
add_host(struct buf *b, const struct notification *n, const struct alert *a)
{
	(void)a;
	buf_adds(b, n->host);
}

static void
add_value(struct buf *b, const struct notification *n, const struct alert *a)
{
	char text[UNIT_TEXT_MAX];

	buf_adds(b, unit_print(text, measures[a->rule->measure].unit,
	    n->value));
}

static void
add_threshold(struct buf *b, const struct notification *n,
    const struct alert *a)
{
	char text[UNIT_TEXT_MAX];

	buf_adds(b, unit_print(text, measures[a->rule->measure].unit,
	    n->threshold));
}

static void
add_since(struct buf *b, const struct notification *n, const struct alert *a)
{
	char text[CLOCK_TEXT_MAX];

	(void)a;
	buf_adds(b, clock_day(text, n->since_ms, n->at_ms));
}

static const struct word {
	const char	*name;
	void		(*add)(struct buf *, const struct notification *,
			    const struct alert *);
} words[] = {
	{ "db",		add_db },
	{ "value",	add_value },
	{ "threshold",	add_threshold },
	{ "host",	add_host },
	{ "since",	add_since },
};

/* NULL: none has this name. */
static const struct word *
find_word(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].name) == n &&
		    memcmp(words[i].name, name, n) == 0)
			return &words[i];
	return NULL;
}

/* A word between braces, of which there might be one: its length, or 0. */
static size_t
word_at(const char *brace)
{
	size_t n = strspn(brace + 1, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

	return brace[1 + n] == '}' ? n : 0;
}

int
message_check(const char *text, struct err *e)
{
	while ((text = strchr(text, '{')) != NULL) {
		size_t n = word_at(text);

		if (n > 0 && find_word(text + 1, n) == NULL)
			return err_set(e, "there is no {%.*s}: there are {db} "
			    "{value} {threshold} {host} {since}; a brace "
			    "itself is written {{", n < SHOWN ? (int)n : SHOWN,
			    text + 1);
		text += text[1] == '{' ? 2 : 1;
	}
	return 0;
}

void
message_fill(struct buf *b, const char *text, const struct notification *n,
    const struct alert *a)
{
	while (*text != '\0') {
		size_t plain = strcspn(text, "{");
		const struct word *w;

		buf_add(b, text, plain);
		text += plain;
		if (*text == '\0')
			break;
		w = find_word(text + 1, word_at(text));
		if (w != NULL) {
			w->add(b, n, a);
			text += 2 + strlen(w->name);
			continue;
		}
		buf_adds(b, "{");
		text += text[1] == '{' ? 2 : 1;
	}
}
