/*
 * words - see words.h.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/words.h"
#include "base/err.h"
#include "base/mem.h"

#define BLANKS	" \t"

void
words_free(char **words)
{
	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		free(words[i]);
	free(words);
}

/* One word from *line on, which moves behind it; NULL: an end is missing. */
static char *
next_word(const char **line)
{
	const char *c = *line;
	char *word = mem_new(strlen(c) + 1, 1);
	size_t n = 0;
	char quote = '\0';
	bool cut = false;

	for (; *c != '\0' && (quote != '\0' || strchr(BLANKS, *c) == NULL);
	    c++) {
		if (*c == quote)
			quote = '\0';
		else if (quote == '\0' && (*c == '\'' || *c == '"'))
			quote = *c;
		else if (*c != '\\' || quote == '\'')
			word[n++] = *c;
		else if (c[1] == '\0')
			cut = true;
		else
			word[n++] = *++c;
	}
	*line = c;
	if (!cut && quote == '\0')
		return word;
	free(word);
	return NULL;
}

/* How many there were; -1: no command. */
static int
split(char **words, const char *line, struct err *e)
{
	int n = 0;

	for (;;) {
		line += strspn(line, BLANKS);
		if (*line == '\0')
			return n;
		if (n == WORDS_MAX)
			return err_set(e, "the command has more than %d words",
			    WORDS_MAX);
		words[n] = next_word(&line);
		if (words[n++] == NULL)
			return err_set(e, "the command ends within quotes or "
			    "with a backslash");
	}
}

char **
words_split(const char *line, struct err *e)
{
	char **words;
	int n;

	if (strnlen(line, WORDS_LINE_MAX + 1) > WORDS_LINE_MAX) {
		err_set(e, "the command is longer than %d bytes",
		    WORDS_LINE_MAX);
		return NULL;
	}
	words = mem_new(WORDS_MAX + 1, sizeof *words);
	n = split(words, line, e);
	if (n > 0 && words[0][0] != '\0')
		return words;
	if (n >= 0)
		err_set(e, "the command names no program");
	words_free(words);
	return NULL;
}
