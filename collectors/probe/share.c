/*
 * share - see share.h.
 *
 * The counters never move: a file, or a child's own memory, is put where the
 * last one was (MREMAP_FIXED), so a pointer to a slot is good for ever and the
 * path of a commit has no lock and no question in it.
 */
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/probe/place.h"
#include "collectors/probe/share.h"

#define SIZE	sizeof(struct probe_file)

/* What a shared library has for a process: it is loaded once, for all. */
static struct {
	pthread_mutex_t	 lock;		/* of all but the counters */
	bool		 begun;
	bool		 foreign;	/* atomic; a child, without a file */
	struct probe_file *map;		/* NULL: no memory at all */
	unsigned	 used;		/* slots */
	char		*paths[PROBE_SLOTS];	/* owned */
	struct probe_slot nobody;	/* when there is no slot */
} share = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Of a file, or of our own with an fd of -1; NULL: there is none. */
static struct probe_file *
map(int fd)
{
	int flags = fd == -1 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* From now on this is where the counters are, and always were. */
static void
replace(struct probe_file *with)
{
	if (with != NULL && share.map != NULL)
		(void)mremap(with, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
		    share.map);
}

/* Everything but the magic first: nobody believes half a head. */
static bool
fill(int fd, const struct probe_head *us)
{
	const uint64_t magic = us->magic;
	struct probe_head h = *us;

	h.magic = 0;
	return pwrite(fd, share.map, SIZE, 0) == (ssize_t)SIZE &&
	    pwrite(fd, &h, sizeof h, 0) == (ssize_t)sizeof h &&
	    pwrite(fd, &magic, sizeof magic, 0) == (ssize_t)sizeof magic;
}

/* Put a file of our own where the counters are, with what they say. */
static void
publish(void)
{
	struct probe_head us;
	int fd;

	if (share.map == NULL || place_identify(&us) == -1)
		return;
	us.overflow = share.map->head.overflow;
	fd = place_make(&us);
	if (fd == -1)
		return;
	if (fill(fd, &us))
		replace(map(fd));
	close(fd);
}

static void
before_fork(void)
{
	(void)pthread_mutex_lock(&share.lock);
}

static void
after_fork(void)
{
	(void)pthread_mutex_unlock(&share.lock);
}

/* The file is the parent's: memory with the same databases and counts of 0
 * takes its place, and is a file at the first use. */
static void
after_fork_in_child(void)
{
	struct probe_file *mine = map(-1);

	for (unsigned i = 0; mine != NULL && i < share.used; i++) {
		mine->slots[i].dev = share.map->slots[i].dev;
		mine->slots[i].ino = share.map->slots[i].ino;
	}
	replace(mine);
	__atomic_store_n(&share.foreign, true, __ATOMIC_RELAXED);
	(void)pthread_mutex_unlock(&share.lock);
}

static void
begin(void)
{
	if (share.begun)
		return;
	share.begun = true;
	share.map = map(-1);
	publish();
	(void)pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

static void
renew(void)
{
	(void)pthread_mutex_lock(&share.lock);
	if (__atomic_load_n(&share.foreign, __ATOMIC_RELAXED)) {
		publish();
		__atomic_store_n(&share.foreign, false, __ATOMIC_RELAXED);
	}
	(void)pthread_mutex_unlock(&share.lock);
}

void
share_check(void)
{
	if (__atomic_load_n(&share.foreign, __ATOMIC_RELAXED))
		renew();
}

static bool
is_path(unsigned i, const char *path, size_t len)
{
	return share.paths[i] != NULL &&
	    strncmp(share.paths[i], path, len) == 0 &&
	    share.paths[i][len] == '\0';
}

/* One path leads to one file: the last that was opened by it. */
static void
name_slot(unsigned slot, const char *path)
{
	const size_t len = strlen(path);

	if (is_path(slot, path, len))
		return;
	for (unsigned i = 0; i < share.used; i++)
		if (i == slot || is_path(i, path, len)) {
			free(share.paths[i]);
			share.paths[i] = NULL;
		}
	share.paths[slot] = strdup(path);	/* NULL: its log is nobody's */
}

static struct probe_slot *
find_or_take(const struct stat *st, const char *path)
{
	struct probe_slot *slots = share.map->slots;
	unsigned i = 0;

	while (i < share.used && (slots[i].dev != st->st_dev ||
	    slots[i].ino != st->st_ino))
		i++;
	if (i == PROBE_SLOTS) {
		share.map->head.overflow++;
		return &share.nobody;
	}
	if (i == share.used) {
		slots[i].dev = st->st_dev;
		__atomic_store_n(&slots[i].ino, st->st_ino, __ATOMIC_RELEASE);
		share.used++;
	}
	name_slot(i, path);
	return &slots[i];
}

struct probe_slot *
share_slot(const char *path)
{
	struct probe_slot *slot = &share.nobody;
	struct stat st;

	share_check();
	if (stat(path, &st) == -1)
		return slot;
	(void)pthread_mutex_lock(&share.lock);
	begin();
	if (share.map != NULL)
		slot = find_or_take(&st, path);
	(void)pthread_mutex_unlock(&share.lock);
	return slot;
}

struct probe_slot *
share_find(const char *path, size_t len)
{
	struct probe_slot *slot = &share.nobody;

	(void)pthread_mutex_lock(&share.lock);
	for (unsigned i = 0; i < share.used; i++)
		if (is_path(i, path, len))
			slot = &share.map->slots[i];
	(void)pthread_mutex_unlock(&share.lock);
	return slot;
}
