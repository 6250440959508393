/*
 * members_sum - what all members together have counted.
 */
#include "collectors/members.h"

size_t
members_processes(const struct members *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++) {
		size_t k = 0;

		if (m->at[i].fd == -1)
			continue;
		while (k < i && (m->at[k].fd == -1 ||
		    m->at[k].pid != m->at[i].pid ||
		    m->at[k].start != m->at[i].start))
			k++;
		n += k == i;
	}
	return n;
}

uint64_t
members_sum(const struct members *m, unsigned counter)
{
	uint64_t sum = m->ended != NULL ? m->ended[counter] : 0;

	for (size_t i = 0; i < m->n; i++)
		sum += m->at[i].n[counter] - m->at[i].base[counter];
	return sum;
}

uint64_t
members_max(const struct members *m, unsigned counter)
{
	uint64_t max = 0;

	for (size_t i = 0; i < m->n; i++)
		if (m->at[i].fd != -1 && m->at[i].n[counter] > max)
			max = m->at[i].n[counter];
	return max;
}
