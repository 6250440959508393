/*
 * inifile - see inifile.h.
 */
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/inifile.h"

struct reading {
	const struct inifile_reader *to;
	const char	*text;		/* what is left */
	size_t		 left;
	int		 line;
	bool		 handed;	/* a line was, and is not understood */
};

static const char indented[] = "begins with a space, which would add it to the "
    "line before: begin it in the first column, a value has one line";

static void
skip(struct reading *r, size_t n)
{
	r->text += n;
	r->left -= n;
}

/* inih does not say which lines it did not understand: we see which it kept. */
static void
check_handed(struct reading *r)
{
	if (r->handed)
		r->to->error(r->to->arg, r->line,
		    "this is not \"key = value\"");
	r->handed = false;
}

/* The next line without its end; false after the last. */
static bool
cut_line(struct reading *r, const char **line, size_t *n)
{
	const char *end;

	check_handed(r);
	if (r->left == 0)
		return false;
	*line = r->text;
	end = memchr(r->text, '\n', r->left);
	*n = end != NULL ? (size_t)(end - r->text) : r->left;
	skip(r, *n + (end != NULL));
	if (*n > 0 && (*line)[*n - 1] == '\r')
		(*n)--;
	r->line++;
	return true;
}

/* The length of the UTF-8 character at s, 0 when it is none. */
static size_t
utf8_length(const unsigned char *s, size_t left)
{
	static const struct {
		unsigned char	first, last, low, high;	/* high: of the 2nd */
		size_t		n;
	} forms[] = {
		{ 0x00, 0x7f, 0x80, 0xbf, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	size_t f = 0;

	while (f < sizeof forms / sizeof forms[0] &&
	    (s[0] < forms[f].first || s[0] > forms[f].last))
		f++;
	if (f == sizeof forms / sizeof forms[0] || forms[f].n > left)
		return 0;
	if (forms[f].n > 1 && (s[1] < forms[f].low || s[1] > forms[f].high))
		return 0;
	for (size_t i = 2; i < forms[f].n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return forms[f].n;
}

/* Names become labels of metrics, and those are UTF-8. */
static bool
is_utf8(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t length;

	for (size_t i = 0; i < n; i += length)
		if ((length = utf8_length(s + i, n - i)) == 0)
			return false;
	return true;
}

/* NULL when a line that begins with '[' is a section; else what is wrong. */
static const char *
header_fault(const char *line, size_t n, size_t *length)
{
	const char *end = memchr(line, ']', n);
	const char *rest;

	if (end == NULL)
		return "the section's name has no \"]\" at its end";
	for (rest = end + 1; rest < line + n && (*rest == ' ' || *rest == '\t');
	    rest++)
		;
	if (rest < line + n && *rest != ';' && *rest != '#')
		return "there is something behind the section's \"]\": begin a "
		    "new line";
	*length = (size_t)(end - line) - 1;
	if (*length > INIFILE_NAME_MAX)
		return "the section's name is longer than 49 characters";
	if (!is_utf8(line + 1, *length))
		return "the section's name is not UTF-8";
	return NULL;
}

static void
read_header(struct reading *r, const char *line, size_t n)
{
	char header[INIFILE_NAME_MAX + 1];
	size_t length = 0;
	const char *fault = header_fault(line, n, &length);

	if (fault != NULL) {
		r->to->error(r->to->arg, r->line, fault);
		r->to->section(r->to->arg, r->line, NULL);
		return;
	}
	memcpy(header, line + 1, length);
	header[length] = '\0';
	r->to->section(r->to->arg, r->line, header);
}

static const char *
line_fault(const char *line, size_t n)
{
	if (memchr(line, '\0', n) != NULL)
		return "holds a NUL byte: this is not a text file";
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') ||
		    line[i] == 0x7f)
			return "holds a control character";
	return NULL;
}

/* Done with the line: blank, a comment, a section, or wrong. */
static bool
is_ours(struct reading *r, const char *line, size_t n)
{
	const char *fault = line_fault(line, n);
	size_t blank = 0;

	while (blank < n && (line[blank] == ' ' || line[blank] == '\t'))
		blank++;
	if (fault == NULL && (blank == n || line[blank] == ';' ||
	    line[blank] == '#'))
		return true;
	if (fault == NULL && blank > 0)
		fault = indented;
	if (fault != NULL)
		r->to->error(r->to->arg, r->line, fault);
	else if (line[0] == '[')
		read_header(r, line, n);
	return fault != NULL || line[0] == '[';
}

/* fgets() for inih. */
static char *
next_line(char *ret, int size, void *arg)
{
	struct reading *r = arg;
	const char *line;
	struct err e;
	size_t n;

	while (cut_line(r, &line, &n)) {
		if (is_ours(r, line, n))
			continue;
		if (n + 2 <= (size_t)size) {
			memcpy(ret, line, n);
			memcpy(ret + n, "\n", 2);
			r->handed = true;
			return ret;
		}
		err_set(&e, "longer than %d characters", size - 2);
		r->to->error(r->to->arg, r->line, e.text);
	}
	return NULL;
}

static int
on_pair(void *arg, const char *section, const char *key, const char *value)
{
	struct reading *r = arg;

	(void)section;
	if (key[0] == '\0')
		return 1;	/* "= value": not handled, so it is told */
	r->handed = false;
	r->to->pair(r->to->arg, r->line, key, value);
	return 1;
}

void
inifile_read(const struct inifile_reader *to, const char *text, size_t n)
{
	struct reading r = { .to = to, .text = text, .left = n };

	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		skip(&r, 3);
	if (ini_parse_stream(next_line, &r, on_pair, &r) < 0)
		to->error(to->arg, r.line, "out of memory");
}
