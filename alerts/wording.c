/*
 * wording - see wording.h.
 */
#include <stdlib.h>
#include <string.h>

#include "alerts/clean.h"
#include "alerts/wording.h"
#include "base/buf.h"

#define ELLIPSIS	"\xe2\x80\xa6"
#define NAME_SHOWN	80		/* bytes of a name within a title */
#define RAW_MAX		(4 * NOTIFICATION_TEXT_MAX)
#define MORE_BYTES	32		/* "... and 19 more" and line ends */

static const struct look {
	const char	*word;
	enum mood	 mood;
	bool		 by_severity;	/* instead of the mood */
} looks[NOTIFY_TYPES] = {
	[NOTIFY_FIRING]		= { "firing", MOOD_WARNING, true },
	[NOTIFY_RESOLVED]	= { "resolved", MOOD_GOOD, false },
	[NOTIFY_NO_DATA]	= { "no data", MOOD_NO_DATA, false },
	[NOTIFY_FLAPPING]	= { "flapping", MOOD_WARNING, true },
	[NOTIFY_TEST]		= { "test", MOOD_INFO, false },
	[NOTIFY_DIGEST]		= { "digest", MOOD_INFO, false },
};

static const struct {
	const char	*severity;
	enum mood	 mood;
} moods[] = {
	{ "info",	MOOD_INFO },
	{ "warning",	MOOD_WARNING },
	{ "critical",	MOOD_CRITICAL },
};

const char *
notification_word(const struct notification *n)
{
	static const char *const again[NOTIFY_TYPES] = {
		[NOTIFY_FIRING]	 = "still firing",
		[NOTIFY_NO_DATA] = "still no data",
	};

	return n->reminder && again[n->type] != NULL ? again[n->type] :
	    looks[n->type].word;
}

enum mood
notification_mood(const struct notification *n)
{
	if (looks[n->type].by_severity)
		for (size_t i = 0; i < sizeof moods / sizeof *moods; i++)
			if (strcmp(moods[i].severity, n->severity) == 0)
				return moods[i].mood;
	return looks[n->type].mood;
}

enum mood
message_mood(const struct message *m)
{
	enum mood worst = MOOD_GOOD;

	for (size_t i = 0; i < m->n; i++)
		if (notification_mood(m->items[i]) > worst)
			worst = notification_mood(m->items[i]);
	return worst;
}

const char *
message_url(const struct message *m)
{
	return m->items[0]->url;
}

static void
add_name(struct buf *b, const char *name)
{
	wording_add(b, name, &escape_none, NAME_SHOWN);
}

static void
add_title(struct buf *b, const struct notification *n)
{
	buf_addf(b, "[%s] ", notification_word(n));
	if (n->type == NOTIFY_DIGEST) {
		add_name(b, n->host);
		return;
	}
	add_name(b, n->alert);
	buf_adds(b, " on ");
	add_name(b, n->db);
	buf_addf(b, " (%s)", n->severity);
}

static bool
is_first_of_its_db(const struct message *m, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(m->items[k]->db, m->items[i]->db) == 0)
			return false;
	return true;
}

size_t
message_databases(const struct message *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += is_first_of_its_db(m, i);
	return n;
}

static void
add_counts(struct buf *b, const struct message *m)
{
	const char *between = "[";
	size_t n;

	for (size_t i = 0; i < NOTIFY_TYPES; i++) {
		n = 0;
		for (size_t k = 0; k < m->n; k++)
			n += (size_t)m->items[k]->type == i;
		if (n == 0)
			continue;
		buf_addf(b, "%s%zu %s", between, n, looks[i].word);
		between = ", ";
	}
	buf_adds(b, "] ");
	n = message_databases(m);
	add_name(b, n > 1 ? m->items[0]->alert : m->items[0]->db);
	if (n > 1)
		buf_addf(b, " on %zu databases", n);
}

static char *
finish(struct buf *raw, const struct escape *x, size_t max)
{
	char *text = buf_take(raw), *ret = wording_escape(text, x, max);

	free(text);
	return ret;
}

char *
notification_title(const struct notification *n, const struct escape *x,
    size_t max)
{
	struct buf raw;

	buf_init(&raw, RAW_MAX);
	add_title(&raw, n);
	return finish(&raw, x, max);
}

char *
message_title(const struct message *m, const struct escape *x, size_t max)
{
	struct buf raw;

	if (m->n == 1)
		return notification_title(m->items[0], x, max);
	buf_init(&raw, RAW_MAX);
	add_counts(&raw, m);
	return finish(&raw, x, max);
}

/* How much is said of an item, from all of it to the least. */
static const struct detail {
	bool	cause, next_step;
} details[] = {
	{ true, true },
	{ false, true },
	{ false, false },
};

#define DETAILS	(sizeof details / sizeof *details)

static void
add_lines(struct buf *b, const struct notification *n, const struct detail *d)
{
	buf_adds(b, n->summary);
	if (d->cause)
		buf_addf(b, "\n%s", n->cause);
	if (d->next_step)
		buf_addf(b, "\n%s", n->next_step);
}

static bool
fits(const char *text, const struct escape *x, size_t max)
{
	(void)wording_fit(&text, x, max);
	return *text == '\0';
}

char *
notification_lines(const struct notification *n, const struct escape *x,
    size_t max)
{
	struct buf raw;

	for (size_t i = 0; ; i++) {
		buf_init(&raw, RAW_MAX);
		add_lines(&raw, n, &details[i]);
		if (i == DETAILS - 1 || (buf_ok(&raw) && raw.data != NULL &&
		    fits(raw.data, x, max)))
			return finish(&raw, x, max);
		buf_free(&raw);
	}
}

/* Each with its title, escaped; stops before the first that does not fit, and
 * returns how many did. */
static size_t
add_items(struct buf *b, const struct message *m, const struct escape *x,
    const struct detail *d)
{
	for (size_t i = 0; i < m->n; i++) {
		struct buf raw;
		size_t before = b->len;
		char *text;

		buf_init(&raw, RAW_MAX + NOTIFICATION_TEXT_MAX);
		if (i > 0)
			buf_adds(&raw, "\n\n");
		add_title(&raw, m->items[i]);
		buf_adds(&raw, "\n");
		add_lines(&raw, m->items[i], d);
		text = finish(&raw, x, b->limit + 1);
		buf_adds(b, text);
		free(text);
		if (b->len == before)
			return i;
	}
	return m->n;
}

/* The least of each, as long as there is room. */
static char *
list_some(const struct message *m, const struct escape *x, size_t max)
{
	struct buf b, whole;
	size_t n;

	buf_init(&b, max > MORE_BYTES ? max - MORE_BYTES : 0);
	n = add_items(&b, m, x, &details[DETAILS - 1]);
	buf_init(&whole, max);
	if (n == 0)
		wording_add(&whole, m->items[n++]->summary, x,
		    max > MORE_BYTES ? max - MORE_BYTES : 0);
	else
		buf_add(&whole, b.data, b.len);
	buf_addf(&whole, "\n\n" ELLIPSIS " and %zu more", m->n - n);
	buf_free(&b);
	return buf_take(&whole);
}

char *
message_lines(const struct message *m, const struct escape *x, size_t max)
{
	struct buf b;

	if (m->n == 1)
		return notification_lines(m->items[0], x, max);
	for (size_t i = 0; i < DETAILS; i++) {
		buf_init(&b, max);
		if (add_items(&b, m, x, &details[i]) == m->n && buf_ok(&b))
			return buf_take(&b);
		buf_free(&b);
	}
	return list_some(m, x, max);
}
