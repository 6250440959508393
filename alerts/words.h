/*
 * words - a command line taken apart, without a shell.
 *
 * Blanks part words.  Between '...' everything is itself; between "..." and
 * outside a backslash makes the next character itself.  Nothing else means
 * anything: no variables, no patterns, no pipes.
 */
#ifndef ALERTS_WORDS_H
#define ALERTS_WORDS_H

struct err;

#define WORDS_MAX	32
#define WORDS_LINE_MAX	4096	/* bytes of the line */

/* At least one word; NULL ends them.  words_free() it. */
char	**words_split(const char *line, struct err *);
void	  words_free(char **);

#endif
