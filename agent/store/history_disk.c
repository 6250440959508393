/*
 * history_disk - see history_disk.h.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store/history_disk.h"
#include "base/mem.h"

struct disk *
disk_of(struct disk **list, uint64_t id)
{
	struct disk *d = *list;

	while (d != NULL && d->id != id)
		d = d->next;
	if (d != NULL)
		return d;
	NEW(d);
	d->id = id;
	d->next = *list;
	*list = d;
	return d;
}

void
disks_free(struct disk *list)
{
	while (list != NULL) {
		struct disk *next = list->next;

		free(list);
		list = next;
	}
}

bool
disk_is_full(const struct disk *d)
{
	return d->n == DISK_RINGS;
}

void
disk_add(struct disk *d, struct ring *r)
{
	assert(!disk_is_full(d));
	d->rings[d->n++] = r;
}

void
disk_remove(struct disk *d, const struct ring *r)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->rings[i] != r)
			continue;
		memmove(&d->rings[i], &d->rings[i + 1],
		    (--d->n - i) * sizeof *d->rings);
		return;
	}
}
