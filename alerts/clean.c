/*
 * clean - see clean.h.
 */
#include <stdlib.h>
#include <string.h>

#include "alerts/clean.h"
#include "base/buf.h"
#include "base/text.h"

#define REPLACEMENT	"\xef\xbf\xbd"

/* Of more than one byte: the first ones, and the last from .. to. */
static const struct form {
	const char	*head;
	unsigned char	 from, to;
} forms[] = {
	{ "\xc2",	0x80, 0x9f },	/* C1 */
	{ "\xd8",	0x9c, 0x9c },	/* a mark of direction, and more: */
	{ "\xe2\x80",	0x8e, 0x8f },
	{ "\xe2\x80",	0xa8, 0xae },	/* also ends of lines, paragraphs */
	{ "\xe2\x81",	0xa6, 0xa9 },
};

/* The bytes of the control character that begins here; 0: none does. */
static size_t
control(const char *c)
{
	if ((unsigned char)*c < 0x20 || *c == 0x7f)
		return 1;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		const struct form *f = &forms[i];
		size_t n = strlen(f->head);
		unsigned char last;

		if (strncmp(c, f->head, n) != 0)
			continue;
		last = (unsigned char)c[n];
		if (last >= f->from && last <= f->to)
			return n + 1;
	}
	return 0;
}

size_t
clean_fit(const char *text, size_t max)
{
	size_t n = strnlen(text, max + 1);

	if (n <= max)
		return n;
	n = max;
	while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Nothing here makes text shorter, so what is far behind max is not needed; a
 * character that this cuts is itself behind it. */
static void
add_utf8(struct buf *b, const char *text, size_t max)
{
	char *head = strndup(text, max + 4);

	if (head == NULL)
		abort();	/* out of memory, as in mem.h */
	text_plain(b, head);
	free(head);
}

char *
clean_copy(const char *text, size_t max)
{
	struct buf utf8, b;
	char *ret;

	buf_init(&utf8, 3 * max + 12);
	add_utf8(&utf8, text, max);
	buf_init(&b, 9 * max + 36);
	for (size_t i = 0; i < utf8.len; ) {
		size_t n = control(utf8.data + i);

		if (n > 0)
			buf_adds(&b, REPLACEMENT);
		else
			buf_add(&b, utf8.data + i, n = 1);
		i += n;
	}
	buf_free(&utf8);
	ret = buf_take(&b);
	ret[clean_fit(ret, max)] = '\0';
	return ret;
}

bool
clean_is(const char *text, size_t max)
{
	char *clean = clean_copy(text, max);
	bool same = strcmp(clean, text) == 0;

	free(clean);
	return same;
}
