/*
 * members - see members.h.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "collectors/members.h"
#include "collectors/process.h"

#define MAX_ENTRIES	1024	/* of a directory that anybody may fill */
#define EMPTY_MS	1000	/* where nobody was, nobody is for so long */
#define MAX_DIRS	64	/* in /dev/shm, one for each user */
#define DIR_FLAGS	(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define FILE_FLAGS	(O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

struct search {
	struct members	*m;
	struct stat	 database;
	struct probe_here here;
	struct probe_file *bytes;	/* owned; of the file at hand */
	unsigned	files;		/* that were there */
};

static ssize_t
read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : read(fd, text, size - 1);

	if (fd != -1)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

static void
read_member(struct member *m)
{
	struct probe_slot slot;
	off_t at = (off_t)(offsetof(struct probe_file, slots) +
	    (size_t)m->slot * sizeof slot);

	if (m->fd == -1 ||
	    pread(m->fd, &slot, sizeof slot, at) != (ssize_t)sizeof slot)
		return;
	for (unsigned i = 0; i < PROBE_COUNTERS; i++)
		if (slot.n[i] > m->n[i])
			m->n[i] = slot.n[i];
	/* Below 0 in a child that settled what its parent was refused. */
	m->n[PROBE_PENDING] = slot.n[PROBE_PENDING] > INT32_MAX ? 0 :
	    slot.n[PROBE_PENDING];
}

void
members_read(struct members *m)
{
	for (size_t i = 0; i < m->n; i++)
		read_member(&m->at[i]);
}

/* Keeps what it counted.  Who was refused and then ended has given up. */
static void
end_member(struct members *m, size_t i)
{
	struct member *gone = &m->at[i];

	read_member(gone);
	gone->n[PROBE_TIMEOUTS] += gone->n[PROBE_PENDING];
	gone->n[PROBE_PENDING] = 0;
	if (m->ended == NULL)
		m->ended = mem_new(PROBE_COUNTERS, sizeof *m->ended);
	for (unsigned k = 0; k < PROBE_COUNTERS; k++)
		m->ended[k] += gone->n[k] - gone->base[k];
	if (gone->fd != -1)
		close(gone->fd);
	*gone = m->at[--m->n];
}

static void
bury(struct members *m)
{
	for (size_t i = m->n; i-- > 0; )
		if (process_started((int64_t)m->at[i].pid) != m->at[i].start)
			end_member(m, i);
}

static struct member *
find_member(const struct search *s, const struct probe_head *h,
    const struct stat *file)
{
	for (size_t i = 0; i < s->m->n; i++) {
		struct member *k = &s->m->at[i];

		if (k->dev == file->st_dev && k->ino == file->st_ino &&
		    k->pid == h->pid && k->start == h->start &&
		    k->of_dev == s->database.st_dev &&
		    k->of_ino == s->database.st_ino)
			return k;
	}
	return NULL;
}

/* A process that became another program has removed what it counted before. */
static void
end_predecessors(struct members *m, const struct probe_head *h)
{
	struct stat st;

	for (size_t i = m->n; i-- > 0; )
		if (m->at[i].pid == h->pid && m->at[i].start == h->start &&
		    m->at[i].fd != -1 && fstat(m->at[i].fd, &st) == 0 &&
		    st.st_nlink == 0)
			end_member(m, i);
}

static enum probe_verdict
judge(const struct search *s, const struct probe_head *h,
    const struct stat *file)
{
	enum probe_verdict v = probe_file_is_of(h, &s->here);

	if (v != PROBE_GOOD)
		return v;
	if (process_started((int64_t)h->pid) != h->start)
		return PROBE_DEAD;
	/* Root's may be of a process that has given up being root since. */
	if (file->st_uid != 0 && !process_is_of((int64_t)h->pid, file->st_uid))
		return PROBE_OTHER_OWNER;
	return probe_file_may_write(file, &s->database);
}

/* A new one, with a base where what it says is of before. */
static struct member *
add_member(const struct search *s, const struct probe_head *h,
    const struct stat *file, int slot)
{
	static const unsigned kept[] = {
		PROBE_PENDING, PROBE_HOLD_MAX_NS, PROBE_FSYNC_MAX_NS
	};
	struct members *m = s->m;
	struct member *new;

	for (size_t i = 0; m->n == MEMBERS_AWAY && i < m->n; i++)
		if (m->at[i].fd == -1)
			end_member(m, i);
	MEM_ROOM(m->at, m->n, m->cap);
	new = &m->at[m->n++];
	*new = (struct member){
		.pid = h->pid, .start = h->start, .fd = -1, .slot = slot,
		.dev = file->st_dev, .ino = file->st_ino,
		.of_dev = s->database.st_dev, .of_ino = s->database.st_ino,
	};
	if (h->start >= m->since)
		return new;
	memcpy(new->base, s->bytes->slots[slot].n, sizeof new->base);
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		new->base[kept[i]] = 0;
	memcpy(new->n, new->base, sizeof new->n);
	return new;
}

static size_t
present(const struct members *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->at[i].fd != -1;
	return n;
}

/* Takes the file on when it is good and of this database. */
static enum probe_verdict
look_at_file(struct search *s, int *fd)
{
	struct member *known;
	struct probe_head h;
	enum probe_verdict v;
	struct stat st;
	ssize_t n;
	int slot;

	if (s->bytes == NULL)
		NEW(s->bytes);
	if (*fd == -1 || fstat(*fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    st.st_size != (off_t)sizeof *s->bytes ||
	    (n = pread(*fd, s->bytes, sizeof *s->bytes, 0)) < 0)
		return PROBE_DAMAGED;
	v = probe_file_read(s->bytes, (size_t)n, &h);
	if (v != PROBE_GOOD)
		return v;
	slot = probe_file_find(s->bytes, (size_t)n, s->database.st_dev,
	    s->database.st_ino);
	if (slot == -1)
		return PROBE_GOOD;	/* of no interest */
	known = find_member(s, &h, &st);
	if (known != NULL && known->fd != -1)
		return PROBE_GOOD;
	v = judge(s, &h, &st);
	if (v != PROBE_GOOD)
		return v;
	end_predecessors(s->m, &h);
	if (present(s->m) >= MEMBERS_MAX)
		return PROBE_TOO_MANY;
	known = find_member(s, &h, &st);
	if (known == NULL)
		known = add_member(s, &h, &st, slot);
	known->fd = *fd;
	*fd = -1;
	return PROBE_GOOD;
}

static void
search_dir(struct search *s, int fd)
{
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (d == NULL && fd != -1)
		close(fd);
	for (int i = 0; d != NULL && i < MAX_ENTRIES &&
	    (entry = readdir(d)) != NULL; i++) {
		const char *dot = strrchr(entry->d_name, '.');
		int file;

		if (dot == NULL || strcmp(dot, PROBE_ENDING) != 0)
			continue;
		s->files++;
		file = openat(dirfd(d), entry->d_name, FILE_FLAGS);
		s->m->ignored[look_at_file(s, &file)]++;
		if (file != -1)
			close(file);
	}
	if (d != NULL)
		closedir(d);
}

/* The directory that a user made for itself bears its number. */
static int
open_user_dir(int shm, const char *name)
{
	const size_t n = strlen(PROBE_SHM_NAME);
	struct stat st;
	char want[64];
	int fd;

	if (strncmp(name, PROBE_SHM_NAME, n) != 0)
		return -1;
	fd = openat(shm, name, DIR_FLAGS);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0) {
		(void)snprintf(want, sizeof want, "%u", st.st_uid);
		if (strcmp(want, name + n) == 0)
			return fd;
	}
	close(fd);
	return -1;
}

static void
search_users(struct search *s)
{
	DIR *d = opendir(PROBE_SHM);
	const struct dirent *entry;
	int dirs = 0;

	for (int i = 0; d != NULL && i < MAX_ENTRIES && dirs < MAX_DIRS &&
	    (entry = readdir(d)) != NULL; i++) {
		int fd = open_user_dir(dirfd(d), entry->d_name);

		if (fd == -1)
			continue;
		dirs++;
		search_dir(s, fd);
	}
	if (d != NULL)
		closedir(d);
}

static uint64_t
now_ticks(void)
{
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	struct timespec t;

	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * hz +
	    (uint64_t)t.tv_nsec * hz / 1000000000;
}

/* With thousands of databases, one look in a while tells all of them that the
 * directories are empty. */
static bool
are_empty(const struct probe_dirs *dirs, int64_t mono_ms)
{
	int64_t at_ms = dirs != NULL ? atomic_load(&dirs->empty_ms) : 0;

	return at_ms != 0 && mono_ms - at_ms < EMPTY_MS;
}

static void
search_all(struct search *s)
{
	const char *wanted = secure_getenv("LITEGAUGE_PROBE_DIR");

	if (wanted != NULL && wanted[0] != '\0')
		search_dir(s, open(wanted, DIR_FLAGS));
	search_dir(s, open(PROBE_DIR, DIR_FLAGS));
	search_users(s);
}

bool
members_search(struct members *m, int fd, struct probe_dirs *dirs,
    int64_t mono_ms)
{
	struct search s = { .m = m };
	struct stat ns;

	bury(m);
	memset(m->ignored, 0, sizeof m->ignored);
	if (are_empty(dirs, mono_ms))
		return false;
	if (fstat(fd, &s.database) == -1 ||
	    stat("/proc/self/ns/pid", &ns) == -1 ||
	    read_text("/proc/sys/kernel/random/boot_id", s.here.boot_id,
	    sizeof s.here.boot_id) <= 0)
		return true;
	s.here.boot_id[strcspn(s.here.boot_id, "\n")] = '\0';
	s.here.pid_ns = ns.st_ino;
	if (!m->begun)
		m->since = process_started(getpid());
	m->begun = true;
	search_all(&s);
	free(s.bytes);
	m->since = m->ignored[PROBE_TOO_MANY] > 0 ? now_ticks() : 0;
	if (s.files == 0 && dirs != NULL)
		atomic_store(&dirs->empty_ms, mono_ms);
	return true;
}

void
members_forget(struct members *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct member *k = &m->at[i];

		read_member(k);
		k->n[PROBE_PENDING] = 0;
		if (k->fd != -1)
			close(k->fd);
		k->fd = -1;
	}
}

void
members_free(struct members *m)
{
	members_forget(m);
	free(m->at);
	free(m->ended);
	m->at = NULL;
	m->ended = NULL;
}
