/*
 * nearest - see nearest.h.
 */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "base/nearest.h"

#define LONGEST	32	/* longer words are near to nothing */

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static int
fold(const char *s, size_t i)
{
	return tolower((unsigned char)s[i]);
}

/* Edit distance with exchanges of neighbours, three rows of the table. */
static unsigned
distance(const char *a, const char *b)
{
	unsigned rows[3][LONGEST + 1] = { { 0 } };
	unsigned *before = rows[0], *above = rows[1], *row = rows[2], *spare;
	size_t na = strlen(a), nb = strlen(b);

	if (na > LONGEST || nb > LONGEST)
		return UINT_MAX;
	for (size_t j = 0; j <= nb; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1,
			    above[j - 1] + (fold(a, i - 1) != fold(b, j - 1)));
			if (i > 1 && j > 1 &&
			    fold(a, i - 1) == fold(b, j - 2) &&
			    fold(a, i - 2) == fold(b, j - 1))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[nb];
}

struct nearest
nearest_to(const char *text)
{
	return (struct nearest){ text, NULL, strlen(text) > 4 ? 3 : 2 };
}

void
nearest_try(struct nearest *n, const char *word)
{
	unsigned d = distance(n->text, word);

	if (d >= n->distance)
		return;
	n->word = word;
	n->distance = d;
}
