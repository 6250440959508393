/*
 * place - see place.h.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/probe/place.h"

#define MAX_ENTRIES	1024	/* of a directory that anybody may fill */
#define MAX_TRIES	8	/* names that somebody else has taken */
#define DIR_FLAGS	(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define READ_FLAGS	(O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

/* The length, or -1; the text ends in NUL. */
static ssize_t
read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, READ_FLAGS);
	ssize_t n;

	if (fd == -1)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

static uint64_t
start_of(uint64_t pid)
{
	char path[64], text[1024];

	(void)snprintf(path, sizeof path, "/proc/%llu/stat",
	    (unsigned long long)pid);
	return read_text(path, text, sizeof text) > 0 ? probe_start(text) : 0;
}

int
place_identify(struct probe_head *h)
{
	struct stat ns;

	*h = (struct probe_head){
		.magic = PROBE_MAGIC, .version = PROBE_VERSION,
		.slot_size = sizeof(struct probe_slot),
		.size = sizeof(struct probe_file), .pid = (uint64_t)getpid(),
	};
	h->start = start_of(h->pid);
	if (h->start == 0 || stat("/proc/self/ns/pid", &ns) == -1 ||
	    read_text("/proc/sys/kernel/random/boot_id", h->boot_id,
	    sizeof h->boot_id) <= 0)
		return -1;
	h->boot_id[strcspn(h->boot_id, "\n")] = '\0';
	h->pid_ns = ns.st_ino;
	return 0;
}

static int
open_own(void)
{
	char path[64];
	struct stat st;
	bool made;
	int dir;

	(void)snprintf(path, sizeof path, PROBE_SHM "/" PROBE_SHM_NAME "%u",
	    geteuid());
	made = mkdir(path, 0755) == 0;	/* else the open tells */
	dir = open(path, DIR_FLAGS);
	/* Whatever the umask: the agent may be another user's. */
	if (dir != -1 && (fstat(dir, &st) == -1 || st.st_uid != geteuid() ||
	    (made && fchmod(dir, 0755) == -1))) {
		close(dir);
		return -1;
	}
	return dir;
}

static int
open_dir(void)
{
	const char *wanted = secure_getenv("LITEGAUGE_PROBE_DIR");
	int dir;

	if (wanted != NULL && wanted[0] != '\0')
		return open(wanted, DIR_FLAGS);
	dir = open(PROBE_DIR, DIR_FLAGS);
	if (dir != -1 && faccessat(dir, ".", W_OK, AT_EACCESS) == 0)
		return dir;
	if (dir != -1)
		close(dir);
	return open_own();
}

/*
 * One of our user in which nobody counts any more: its process has ended, or is
 * ours, which was another program before.  Whoever counts in a file has it
 * locked, in whatever namespace.
 */
static bool
is_dead(int dir, const char *name, const struct probe_head *us)
{
	struct probe_head h;
	struct stat st;
	int fd = openat(dir, name, READ_FLAGS);
	bool dead;

	if (fd == -1)
		return false;
	dead = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() &&
	    pread(fd, &h, sizeof h, 0) == (ssize_t)sizeof h &&
	    h.magic == PROBE_MAGIC &&
	    (memcmp(h.boot_id, us->boot_id, sizeof h.boot_id) != 0 ||
	    (h.pid_ns == us->pid_ns && start_of(h.pid) != h.start) ||
	    flock(fd, LOCK_EX | LOCK_NB) == 0);
	close(fd);
	return dead;
}

static void
remove_dead(int dir, const struct probe_head *us)
{
	int fd = openat(dir, ".", DIR_FLAGS);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (d == NULL && fd != -1)
		close(fd);
	for (int i = 0; d != NULL && i < MAX_ENTRIES &&
	    (entry = readdir(d)) != NULL; i++) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot != NULL && strcmp(dot, PROBE_ENDING) == 0 &&
		    is_dead(dir, entry->d_name, us))
			(void)unlinkat(dir, entry->d_name, 0);
	}
	if (d != NULL)
		closedir(d);
}

static int
make_file(int dir, const struct probe_head *us, char *name, size_t size)
{
	int fd = -1;

	for (int i = 0; fd == -1 && i < MAX_TRIES; i++) {
		(void)snprintf(name, size, "%llu-%llu-%d" PROBE_ENDING,
		    (unsigned long long)us->pid,
		    (unsigned long long)us->start, i);
		fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW |
		    O_CLOEXEC, 0444);
	}
	return fd;
}

/*
 * With room for every page: a full file system must not be found out by SIGBUS
 * in the middle of the app.  Nobody is to write to it but through the mapping,
 * with which the lock stays, and goes.
 */
static int
prepare(int fd)
{
	return flock(fd, LOCK_SH | LOCK_NB) == 0 && fchmod(fd, 0444) == 0 &&
	    posix_fallocate(fd, 0, sizeof(struct probe_file)) == 0 ? 0 : -1;
}

/* Beyond the limit on a file's size there is SIGXFSZ. */
static bool
may_be_made(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	    limit.rlim_cur >= sizeof(struct probe_file);
}

int
place_make(const struct probe_head *us)
{
	int dir = may_be_made() ? open_dir() : -1, fd;
	char name[80];

	if (dir == -1)
		return -1;
	remove_dead(dir, us);
	fd = make_file(dir, us, name, sizeof name);
	if (fd != -1 && prepare(fd) == -1) {
		(void)unlinkat(dir, name, 0);
		close(fd);
		fd = -1;
	}
	close(dir);
	return fd;
}
