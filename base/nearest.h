/*
 * nearest - which known word somebody may have meant.
 *
 * A word is near when at most two letters (one in a short word) were left out,
 * added, exchanged with a neighbour or mistaken.  Case does not count.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

struct nearest {
	const char	*text;		/* what was written; borrowed */
	const char	*word;		/* the best so far; NULL: none */
	unsigned	 distance;	/* of that; others must be nearer */
};

struct nearest	nearest_to(const char *text);
void		nearest_try(struct nearest *, const char *word);

#endif
