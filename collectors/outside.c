/*
 * outside - see outside.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "collectors/outside.h"

#define OPEN_FLAGS	(O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | \
			    O_NOCTTY)

int
file_open(const char *path)
{
	return open(path, OPEN_FLAGS);
}

int
file_open_now(const char *path)
{
	const struct open_how how = {
		.flags = OPEN_FLAGS, .resolve = RESOLVE_CACHED,
	};
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);

	if (fd == -1 && (errno == ENOSYS || errno == EINVAL || errno == EPERM))
		return file_open(path);		/* before Linux 5.12 */
	return (int)fd;
}

static bool
ask_lock(int fd, short type, int64_t start, int64_t len, int64_t *pid)
{
	struct flock l = {
		.l_type = type, .l_whence = SEEK_SET,
		.l_start = start, .l_len = len,
	};

	if (fcntl(fd, F_GETLK, &l) == -1 || l.l_type == F_UNLCK)
		return false;
	if (pid != NULL)
		*pid = l.l_pid;
	return true;
}

bool
lock_held(int fd, int64_t start, int64_t len, int64_t *pid)
{
	return ask_lock(fd, F_WRLCK, start, len, pid);
}

bool
lock_written(int fd, int64_t start, int64_t len, int64_t *pid)
{
	return ask_lock(fd, F_RDLCK, start, len, pid);
}
