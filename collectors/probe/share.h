/*
 * share - the file in which this process counts, and who counts where in it.
 *
 * One file for each process, made when the first database is opened.  Where it
 * cannot be made the counters are memory of our own that nobody reads, so
 * whoever counts need not know.  After a fork the child counts in memory of its
 * own at the same addresses until it uses SQLite; then it gets its own file.
 */
#ifndef COLLECTORS_PROBE_SHARE_H
#define COLLECTORS_PROBE_SHARE_H

#include <stddef.h>
#include <stdint.h>

#include "collectors/probe/layout.h"

/* The slot of a database file; never NULL, valid for ever. */
struct probe_slot *share_slot(const char *path);
/* That of a database that was opened by the first len bytes of this path. */
struct probe_slot *share_find(const char *path, size_t len);
/* Cheap.  Call it before counting: a child needs a file of its own. */
void	share_check(void);

static inline void
share_add(struct probe_slot *slot, unsigned counter, uint64_t n)
{
	(void)__atomic_fetch_add(&slot->n[counter], n, __ATOMIC_RELAXED);
}

/* The same, for who holds a lock on the database that all others need. */
static inline void
share_add_alone(struct probe_slot *slot, unsigned counter, uint64_t n)
{
	__atomic_store_n(&slot->n[counter], n +
	    __atomic_load_n(&slot->n[counter], __ATOMIC_RELAXED),
	    __ATOMIC_RELAXED);
}

static inline void
share_max(struct probe_slot *slot, unsigned counter, uint64_t n)
{
	uint64_t was = __atomic_load_n(&slot->n[counter], __ATOMIC_RELAXED);

	while (was < n && !__atomic_compare_exchange_n(&slot->n[counter], &was,
	    n, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		continue;
}

#endif
