/*
 * probe_file - see probe_file.h.
 */
#include <string.h>

#include "collectors/probe_file.h"

enum probe_verdict
probe_file_read(const void *bytes, size_t n, struct probe_head *ret)
{
	struct probe_head h;

	if (n < sizeof h)
		return PROBE_DAMAGED;
	memcpy(&h, bytes, sizeof h);
	if (h.magic != PROBE_MAGIC)
		return PROBE_DAMAGED;
	if (h.version != PROBE_VERSION)
		return PROBE_OTHER_VERSION;
	if (h.size != sizeof(struct probe_file) ||
	    h.slot_size != sizeof(struct probe_slot) || h.pid == 0 ||
	    h.pid > INT32_MAX ||
	    memchr(h.boot_id, '\0', sizeof h.boot_id) == NULL)
		return PROBE_DAMAGED;
	*ret = h;
	return PROBE_GOOD;
}

enum probe_verdict
probe_file_is_of(const struct probe_head *h, const struct probe_here *here)
{
	if (strcmp(h->boot_id, here->boot_id) != 0)
		return PROBE_DEAD;
	return h->pid_ns == here->pid_ns ? PROBE_GOOD : PROBE_OTHER_NAMESPACE;
}

int
probe_file_find(const void *bytes, size_t n, uint64_t dev, uint64_t ino)
{
	const unsigned char *at = bytes;

	for (int i = 0; i < PROBE_SLOTS && ino != 0; i++) {
		struct probe_slot slot;
		size_t begin = sizeof(struct probe_head) +
		    (size_t)i * sizeof slot;

		if (begin + sizeof slot > n)
			return -1;
		memcpy(&slot, at + begin, sizeof slot);
		if (slot.ino == 0)
			return -1;
		if (slot.dev == dev && slot.ino == ino)
			return i;
	}
	return -1;
}

/* Root, the owner, or anybody where the file is not the owner's alone: who is
 * in its group is not asked. */
enum probe_verdict
probe_file_may_write(const struct stat *file, const struct stat *database)
{
	if (file->st_uid == 0 || file->st_uid == database->st_uid ||
	    (database->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return PROBE_GOOD;
	return PROBE_STRANGER;
}
