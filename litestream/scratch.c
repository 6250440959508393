/*
 * scratch - see scratch.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "litestream/scratch.h"

/* One so young may not have its lock yet. */
#define YOUNG_S		60

static int
make_base(const char *base, struct err *e)
{
	char path[PATH_MAX];
	size_t n = strlen(base);

	if (n == 0 || n >= sizeof path)
		return err_set(e, "%s: not a directory's name", base);
	memcpy(path, base, n + 1);
	for (char *p = path + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(path, 0700);	/* the last one tells */
		*p = '/';
	}
	if (mkdir(path, 0700) == -1 && errno != EEXIST)
		return err_set(e, "%s: %s", base, strerror(errno));
	return 0;
}

static int
check_outside(const char *base, const char *keep_out, struct err *e)
{
	char real[PATH_MAX], out[PATH_MAX];
	size_t n;

	if (realpath(base, real) == NULL)
		return err_set(e, "%s: %s", base, strerror(errno));
	if (keep_out == NULL || realpath(keep_out, out) == NULL)
		return 0;
	n = strlen(out);
	if (strncmp(real, out, n) != 0 || (real[n] != '\0' && real[n] != '/'))
		return 0;
	return err_set(e, "%s is in the directory of the database; give "
	    "[drill] a dir that is not", base);
}

int
scratch_make(struct scratch *ret, const char *base, const char *keep_out,
    struct err *e)
{
	struct scratch s = { .fd = -1 };

	if (make_base(base, e) == -1 || check_outside(base, keep_out, e) == -1)
		return -1;
	s.path = mem_printf("%s/" SCRATCH_PREFIX "XXXXXX", base);
	if (mkdtemp(s.path) == NULL) {
		err_set(e, "%s: %s", base, strerror(errno));
		free(s.path);
		return -1;
	}
	s.fd = open(s.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (s.fd == -1 || flock(s.fd, LOCK_EX | LOCK_NB) == -1) {
		err_set(e, "%s: %s", s.path, strerror(errno));
		scratch_remove(&s);
		return -1;
	}
	*ret = s;
	return 0;
}

static void empty(int fd, unsigned depth);

static void
remove_entry(int fd, const char *name, unsigned depth)
{
	int sub;

	if (unlinkat(fd, name, 0) == 0 || errno != EISDIR)
		return;
	sub = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
	    O_NOFOLLOW);
	if (sub == -1)
		return;
	if (depth > 0)
		empty(sub, depth - 1);
	close(sub);
	(void)unlinkat(fd, name, AT_REMOVEDIR);	/* the sweep comes again */
}

/* At most SCRATCH_MAX_DEPTH levels. */
static void
empty(int fd, unsigned depth)
{
	int again = dup(fd);
	DIR *d = again == -1 ? NULL : fdopendir(again);
	struct dirent *entry;

	if (d == NULL) {
		if (again != -1)
			close(again);
		return;
	}
	while ((entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			remove_entry(fd, entry->d_name, depth);
	closedir(d);
}

void
scratch_remove(struct scratch *s)
{
	if (s->path == NULL)
		return;
	if (s->fd != -1)
		empty(s->fd, SCRATCH_MAX_DEPTH);
	(void)rmdir(s->path);	/* what cannot go now, a sweep will find */
	if (s->fd != -1)
		close(s->fd);
	free(s->path);
	*s = (struct scratch){ .fd = -1 };
}

static bool
is_left_over(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	    st.st_mtime < time(NULL) - YOUNG_S &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static bool
sweep_one(const char *base, const char *name)
{
	struct scratch s = { .path = mem_printf("%s/%s", base, name) };

	s.fd = open(s.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (s.fd != -1 && is_left_over(s.fd)) {
		scratch_remove(&s);
		return true;
	}
	if (s.fd != -1)
		close(s.fd);
	free(s.path);
	return false;
}

unsigned
scratch_sweep(const char *base)
{
	DIR *d = opendir(base);
	struct dirent *entry;
	unsigned n = 0;

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (strncmp(entry->d_name, SCRATCH_PREFIX,
		    sizeof SCRATCH_PREFIX - 1) == 0)
			n += sweep_one(base, entry->d_name);
	if (d != NULL)
		closedir(d);
	return n;
}

int64_t
scratch_room(const struct scratch *s)
{
	struct statvfs v;

	if (fstatvfs(s->fd, &v) == -1)
		return -1;
	return (int64_t)((uint64_t)v.f_bavail * v.f_frsize);
}
