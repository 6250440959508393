/*
 * inifile - inih with line numbers and without its surprises.
 *
 * inih cuts a long line in two, a long section name short, takes an indented
 * line for more of the value above it, hands out no line numbers and does not
 * tell of a section without keys.  So this file gives it only the lines that
 * are "key = value", one at a time, and treats all others itself.
 *
 * A comment is a line that begins with ';' or '#', or what follows " ;" in any
 * line: "a;b" is a value.
 */
#ifndef BASE_INIFILE_H
#define BASE_INIFILE_H

#include <stddef.h>

#define INIFILE_NAME_MAX	49	/* characters between the brackets */

/* All text is valid only during the call. */
struct inifile_reader {
	/* "kind name" between the brackets; NULL: it could not be read. */
	void	(*section)(void *arg, int line, const char *header);
	void	(*pair)(void *arg, int line, const char *key,
		    const char *value);
	void	(*error)(void *arg, int line, const char *sentence);
	void	*arg;
};

/* Text of so many bytes; a NUL in it is an error of that line. */
void	inifile_read(const struct inifile_reader *, const char *text, size_t);

#endif
