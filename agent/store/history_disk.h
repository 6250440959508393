/*
 * history_disk - rings that the databases of one disk share.
 *
 * How much room is left on a disk is the same for all of its databases, and it
 * never rests: a thousand idle tenants would have a thousand equal rings.  So
 * only the first few have one, and the others read theirs.
 */
#ifndef AGENT_STORE_HISTORY_DISK_H
#define AGENT_STORE_HISTORY_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_RINGS	4	/* of a disk: one may go with its database */

struct ring;

struct disk {
	uint64_t	 id;
	struct ring	*rings[DISK_RINGS];	/* not owned; oldest first */
	size_t		 n;
	struct disk	*next;
};

struct disk	*disk_of(struct disk **list, uint64_t id);	/* or makes */
void		 disks_free(struct disk *list);
bool		 disk_is_full(const struct disk *);
void		 disk_add(struct disk *, struct ring *);
void		 disk_remove(struct disk *, const struct ring *);

#endif
