/*
 * fold - see fold.h.
 */
#include <string.h>

#include "base/fold.h"

/* Columns, of UTF-8. */
static int
width(const char *word, size_t bytes)
{
	int n = 0;

	for (size_t i = 0; i < bytes; i++)
		n += ((unsigned char)word[i] & 0xc0) != 0x80;
	return n;
}

void
fold(FILE *to, int at, int indent, const char *text)
{
	const char *space = "";

	while (*text != '\0') {
		size_t bytes = strcspn(text, " ");
		int columns = width(text, bytes);

		if (at + (int)strlen(space) + columns >= FOLD_COLUMNS &&
		    at > indent) {
			fprintf(to, "\n%*s", indent, "");
			at = indent;
			space = "";
		}
		fprintf(to, "%s%.*s", space, (int)bytes, text);
		at += (int)strlen(space) + columns;
		space = " ";
		text += bytes;
		text += strspn(text, " ");
	}
	fputs("\n", to);
}
