/*
 * s3_text - the three ways in which S3 writes a key: in a URL, in XML, in JSON.
 */
#ifndef TESTS_TOOLS_S3_TEXT_H
#define TESTS_TOOLS_S3_TEXT_H

#include <ctype.h>

#include "tests/tools/tool.h"

static inline int
text_hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' :
	    isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 :
	    -1;
}

/* In place; what is no escape stays.  A NUL stays an escape as well. */
static inline void
text_decode(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++, to++) {
		*to = *s;
		if (*s == '%' && text_hex(s[1]) >= 0 && text_hex(s[2]) >= 0 &&
		    (s[1] != '0' || s[2] != '0')) {
			*to = (char)(text_hex(s[1]) << 4 | text_hex(s[2]));
			s += 2;
		}
	}
	*to = '\0';
}

static inline void
text_encode(FILE *f, const char *s, bool slash)
{
	for (; *s != '\0'; s++)
		if (isalnum((unsigned char)*s) || strchr("-._~", *s) != NULL ||
		    (slash && *s == '/'))
			putc(*s, f);
		else
			fprintf(f, "%%%02X", (unsigned char)*s);
}

static inline void
text_xml(FILE *f, const char *s)
{
	for (; *s != '\0'; s++)
		if (strchr("<>&\"'", *s) != NULL || (unsigned char)*s < ' ')
			fprintf(f, "&#%d;", (unsigned char)*s);
		else
			putc(*s, f);
}

/* In place: the five names, and numbers below 128. */
static inline void
text_unxml(char *s)
{
	static const struct {
		const char	*name;
		char		 c;
	} names[] = { { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' },
		{ "&quot;", '"' }, { "&apos;", '\'' } };
	char *to = s;

	for (; *s != '\0'; to++) {
		size_t skip = 1;

		*to = *s;
		for (size_t i = 0; i < TOOL_LENGTH(names); i++)
			if (strncmp(s, names[i].name,
			    strlen(names[i].name)) == 0) {
				*to = names[i].c;
				skip = strlen(names[i].name);
			}
		if (strncmp(s, "&#", 2) == 0) {
			char *end;
			long c = s[2] == 'x' ? strtol(s + 3, &end, 16) :
			    strtol(s + 2, &end, 10);

			if (*end == ';' && c > 0 && c < 128) {
				*to = (char)c;
				skip = (size_t)(end + 1 - s);
			}
		}
		s += skip;
	}
	*to = '\0';
}

static inline void
text_json(FILE *f, const char *s)
{
	putc('"', f);
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s > '~')
			fprintf(f, "\\u%04x", (unsigned char)*s);
		else if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else
			putc(*s, f);
	putc('"', f);
}

#endif
