/*
 * wording_escape - how each place escapes; see wording.h.
 *
 * What cannot be escaped is broken by a character that has no width, so that it
 * looks as it did and calls nobody.
 */
#include <stdlib.h>
#include <string.h>

#include "alerts/wording.h"
#include "base/buf.h"

#define ASCII		0x80
#define ELLIPSIS	"\xe2\x80\xa6"
#define ELLIPSIS_BYTES	3
#define BROKEN		"\xe2\x80\x8b"	/* U+200B: it breaks a mention */
#define WORD		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
			"0123456789_"

static const char *const nothing[ASCII];

/* Of HTML; what people would be called by, or what becomes a link that searches
 * or that gives a bot an order, is no markup and has no escape. */
static const char *const telegram[ASCII] = {
	['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;",
	['@'] = "@" BROKEN, ['#'] = "#" BROKEN, ['$'] = "$" BROKEN,
};

/* A bare < begins a link or calls the whole channel; in Mattermost a bare @
 * does. */
static const char *const slack[ASCII] = {
	['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['@'] = "@" BROKEN,
};

static const char *const markdown[ASCII] = {
	['\\'] = "\\\\", ['*'] = "\\*", ['_'] = "\\_", ['~'] = "\\~",
	['`'] = "\\`", ['|'] = "\\|", ['>'] = "\\>", ['#'] = "\\#",
	['['] = "\\[", [']'] = "\\]", ['('] = "\\(", [')'] = "\\)",
	['<'] = "\\<", ['@'] = "@" BROKEN,
};

/* It knows no escapes: <users/all> and <https://...|words> lose their form. */
static const char *const chat[ASCII] = {
	['<'] = "<" BROKEN, ['@'] = "@" BROKEN,
};

const struct escape escape_none = { nothing, false, false };
const struct escape escape_telegram = { telegram, true, true };
const struct escape escape_slack = { slack, false, false };
const struct escape escape_markdown = { markdown, true, false };
const struct escape escape_chat = { chat, false, false };

/* The bytes of the URL that begins here, of what needs no escape there: up to
 * an ampersand, where that does. */
static size_t
url_length(const char *text, const struct escape *x)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/?#=&%+:";
	size_t n = strspn(text, letters), amp = strcspn(text, "&");

	if (strncmp(text, "https://", 8) != 0 &&
	    strncmp(text, "http://", 7) != 0)
		return 0;
	return x->becomes['&'] != NULL && amp < n ? amp : n;
}

/* A word behind a slash that stands alone: "/stop", but no part of a path. */
static bool
is_command(const char *start, const char *text)
{
	size_t n = strspn(text + 1, WORD);

	return n > 0 && (text == start || strchr(WORD "/<>", text[-1]) == NULL)
	    && (text[1 + n] == '\0' || strchr("/<>", text[1 + n]) == NULL);
}

/* How much of the text goes next, and what it becomes; NULL: it stays. */
static size_t
next_piece(const char *start, const char *text, const struct escape *x,
    const char **becomes)
{
	size_t n = x->spares_urls ? url_length(text, x) : 0;

	*becomes = NULL;
	if (n > 0)
		return n;
	if ((unsigned char)*text < ASCII)
		*becomes = x->becomes[(unsigned char)*text];
	if (x->breaks_commands && *text == '/' && is_command(start, text))
		*becomes = "/" BROKEN;
	for (n = 1; ((unsigned char)text[n] & 0xc0) == 0x80; n++)
		continue;
	return n;
}

size_t
wording_fit(const char **from, const struct escape *x, size_t max)
{
	const char *start = *from, *becomes;
	size_t used = 0;

	while (**from != '\0') {
		size_t n = next_piece(start, *from, x, &becomes);
		size_t wide = becomes != NULL ? strlen(becomes) : n;

		if (used + wide > max)
			break;
		used += wide;
		*from += n;
	}
	return used;
}

static void
add_until(struct buf *b, const char *text, const char *end,
    const struct escape *x)
{
	const char *start = text, *becomes;

	while (text < end) {
		size_t n = next_piece(start, text, x, &becomes);

		if (becomes != NULL)
			buf_adds(b, becomes);
		else
			buf_add(b, text, n);
		text += n;
	}
}

void
wording_add(struct buf *b, const char *text, const struct escape *x,
    size_t max)
{
	const char *end = text;

	(void)wording_fit(&end, x, max);
	if (*end == '\0') {
		add_until(b, text, end, x);
		return;
	}
	if (max < ELLIPSIS_BYTES)
		return;
	end = text;
	(void)wording_fit(&end, x, max - ELLIPSIS_BYTES);
	add_until(b, text, end, x);
	buf_adds(b, ELLIPSIS);
}

char *
wording_escape(const char *text, const struct escape *x, size_t max)
{
	struct buf b;

	buf_init(&b, max);
	wording_add(&b, text, x, max);
	return buf_take(&b);
}
