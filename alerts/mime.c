/*
 * mime - see mime.h.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alerts/mime.h"
#include "base/buf.h"

#define WORD_MAX	75	/* of an encoded word, by its standard */
#define WORD_BEGIN	"=?UTF-8?Q?"
#define WORD_END	"?="
#define WORD_ROOM	(WORD_MAX - sizeof WORD_BEGIN - sizeof WORD_END + 2)
/* What stands for itself in an encoded word, also within a name. */
#define PLAIN		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
			"0123456789!*+-/"

static size_t
character(const char *text)
{
	size_t n = 1;

	while (((unsigned char)text[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* Characters that it takes in an encoded word. */
static size_t
encoded(const char *text, size_t n)
{
	return *text == ' ' || strchr(PLAIN, *text) != NULL ? n : 3 * n;
}

static void
add_encoded(struct buf *b, const char *text, size_t n)
{
	if (*text == ' ')
		buf_adds(b, "_");
	else if (strchr(PLAIN, *text) != NULL)
		buf_add(b, text, n);
	else
		for (size_t i = 0; i < n; i++)
			buf_addf(b, "=%02X", (unsigned char)text[i]);
}

/* Words of whole characters, each on a line of its own but the first, which
 * begins behind so many characters. */
static void
add_words(struct buf *b, const char *text, size_t column)
{
	while (*text != '\0') {
		size_t room = WORD_ROOM, n;

		if (column + WORD_MAX > MIME_LINE)
			room -= column < WORD_ROOM / 2 ? column :
			    WORD_ROOM / 2;
		buf_adds(b, WORD_BEGIN);
		do {
			n = character(text);
			room -= encoded(text, n);
			add_encoded(b, text, n);
			text += n;
		} while (*text != '\0' &&
		    encoded(text, character(text)) <= room);
		buf_adds(b, WORD_END);
		if (*text != '\0')
			buf_adds(b, "\r\n ");
		column = 1;
	}
}

/* Printable, nothing that looks encoded, no word longer than a line. */
static bool
is_plain(const char *text)
{
	size_t word = 0;

	for (const char *c = text; *c != '\0'; c++) {
		word = *c == ' ' ? 0 : word + 1;
		if (*c < ' ' || *c > '~' || word > MIME_LINE / 2 ||
		    (c[0] == '=' && c[1] == '?'))
			return false;
	}
	/* Blanks at a fold, or at an end, do not arrive. */
	return strstr(text, "  ") == NULL && text[0] != ' ' &&
	    (text[0] == '\0' || text[strlen(text) - 1] != ' ');
}

static void
add_folded(struct buf *b, const char *text, size_t column)
{
	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (column + 1 + n > MIME_LINE) {
			buf_adds(b, "\r\n");
			column = 0;
		}
		buf_addf(b, " %.*s", (int)n, text);
		column += n + 1;
		text += n + (text[n] == ' ');
	}
}

void
mime_header(struct buf *b, const char *name, const char *text)
{
	buf_addf(b, "%s:", name);
	if (is_plain(text)) {
		add_folded(b, text, strlen(name) + 1);
	} else {
		buf_adds(b, " ");
		add_words(b, text, strlen(name) + 2);
	}
	buf_adds(b, "\r\n");
}

/* A name that is not of plain words is an encoded one. */
void
mime_mailbox(struct buf *b, const char *name, const char *text,
    const char *address)
{
	buf_addf(b, "%s: ", name);
	if (strspn(text, PLAIN " ") == strlen(text) && is_plain(text))
		buf_adds(b, text);
	else
		add_words(b, text, strlen(name) + 2);
	buf_addf(b, "\r\n <%s>\r\n", address);
}

/* A blank at the end of a line would not arrive. */
static bool
is_itself(const char *c)
{
	return (*c > ' ' && *c <= '~' && *c != '=') ||
	    (*c == ' ' && c[1] != '\n' && c[1] != '\0');
}

void
mime_body(struct buf *b, const char *text)
{
	size_t column = 0;

	for (const char *c = text; *c != '\0'; c++) {
		size_t n = is_itself(c) ? 1 : 3;

		if (*c == '\n') {
			buf_adds(b, "\r\n");
			column = 0;
			continue;
		}
		/* One place is the soft line end's. */
		if (column + n > MIME_LINE - 1) {
			buf_adds(b, "=\r\n");
			column = 0;
		}
		if (n == 1)
			buf_add(b, c, 1);
		else
			buf_addf(b, "=%02X", (unsigned char)*c);
		column += n;
	}
	if (column > 0)
		buf_adds(b, "\r\n");
}

void
mime_date(char text[MIME_DATE_MAX], int64_t wall_s)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
	    "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t at = (time_t)wall_s;
	struct tm tm = { 0 };

	/* Not strftime(): its names are the locale's. */
	(void)gmtime_r(&at, &tm);
	(void)snprintf(text, MIME_DATE_MAX, "%s, %d %s %d %02d:%02d:%02d +0000",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
	    1900 + tm.tm_year, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
