/*
 * message_text - see message_text.h.
 */
#include <string.h>

#include "agent/buf.h"
#include "agent/clock.h"
#include "agent/err.h"
#include "alerts/alert.h"
#include "alerts/message_text.h"
#include "alerts/notification.h"

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

/* The word of the brace at *text, which moves behind it; NULL: none. */
static const struct word *
take_word(const char **text)
{
	const char *name = *text + 1;
	size_t n = strcspn(name, "{}");
	const struct word *w = name[n] == '}' ? find_word(name, n) : NULL;

	if (w != NULL)
		*text = name + n + 1;
	return w;
}

int
message_check(const char *text, struct err *e)
{
	while ((text = strchr(text, '{')) != NULL) {
		if (text[1] == '{')
			text += 2;
		else if (take_word(&text) == NULL)
			return err_set(e, "\"%.*s\" is none of {db} {value} "
			    "{threshold} {host} {since}; a brace itself is "
			    "written {{", (int)strcspn(text, "} \t") + 1 <
			    SHOWN ? (int)strcspn(text, "} \t") + 1 : SHOWN,
			    text);
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
		w = take_word(&text);
		if (w != NULL) {
			w->add(b, n, a);
			continue;
		}
		buf_adds(b, "{");
		text += text[1] == '{' ? 2 : 1;
	}
}
