/*
 * fold - text for a terminal of 80 columns.
 */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include <stdio.h>

#define FOLD_COLUMNS	80

/* Goes on in column `at`; each line after the first begins at `indent`. */
void	fold(FILE *, int at, int indent, const char *text);

#endif
