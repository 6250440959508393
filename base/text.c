/*
 * text - see text.h.
 */
#include <stddef.h>

#include "base/buf.h"
#include "base/text.h"

#define ASCII		0x80
#define REPLACEMENT	"\xef\xbf\xbd"

/* What a character becomes; NULL: it stays. */
static const char *const plain[ASCII];

static const char *const label[ASCII] = {
	['\n'] = "\\n",
	['"']  = "\\\"",
	['\\'] = "\\\\",
};

static const char *const html[ASCII] = {
	['&']  = "&amp;",
	['<']  = "&lt;",
	['>']  = "&gt;",
	['"']  = "&quot;",
	['\''] = "&#39;",
};

/* Well-formed UTF-8: the first byte sets the length and bounds the second. */
static const struct {
	unsigned char first, last, least, most;
	size_t length;
} forms[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

/* The bytes of the character of two or more that begins here; 0: none does. */
static size_t
length(const unsigned char *c)
{
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if (c[0] < forms[i].first || c[0] > forms[i].last)
			continue;
		if (c[1] < forms[i].least || c[1] > forms[i].most)
			return 0;
		for (size_t k = 2; k < forms[i].length; k++)
			if ((c[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].length;
	}
	return 0;
}

static void
add(struct buf *b, const char *text, const char *const *becomes)
{
	const unsigned char *from = (const unsigned char *)text, *c = from;

	while (*c != '\0') {
		const char *to = *c < ASCII ? becomes[*c] : REPLACEMENT;
		size_t n = *c < ASCII ? 1 : length(c);

		if (*c < ASCII ? to == NULL : n > 0) {
			c += n;
			continue;
		}
		buf_add(b, from, (size_t)(c - from));
		buf_adds(b, to);
		from = ++c;
	}
	buf_add(b, from, (size_t)(c - from));
}

void
text_plain(struct buf *b, const char *text)
{
	add(b, text, plain);
}

void
text_label(struct buf *b, const char *text)
{
	add(b, text, label);
}

void
text_html(struct buf *b, const char *text)
{
	add(b, text, html);
}
