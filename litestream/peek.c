/*
 * peek - see peek.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/openat2.h>

#include "base/buf.h"
#include "base/err.h"
#include "litestream/peek.h"

static int
open_in(const struct peek *p, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int root, fd, why;

	if (p->root[0] == '\0')
		return open(path, flags | O_CLOEXEC);
	root = open(p->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root == -1)
		return -1;
	fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
	why = errno;
	close(root);
	errno = why;
	return fd;
}

int
peek_stat(struct stat *ret, const struct peek *p, const char *path)
{
	int fd = open_in(p, path, O_PATH), status;

	if (fd == -1)
		return -1;
	status = fstat(fd, ret);
	close(fd);
	return status;
}

/* By the mode; groups beyond the first are not looked at. */
static bool
is_readable(const struct stat *st, const struct peek *p)
{
	if (p->uid == 0)
		return true;
	if (st->st_uid == p->uid)
		return (st->st_mode & S_IRUSR) != 0;
	if (st->st_gid == p->gid)
		return (st->st_mode & S_IRGRP) != 0;
	return (st->st_mode & S_IROTH) != 0;
}

static int
refuse(const char *path, int why, const char *sentence, struct err *e)
{
	err_set(e, "%s: %s", path, sentence);
	errno = why;
	return -1;
}

static int
read_all(struct buf *b, int fd, size_t limit, const char *path, struct err *e)
{
	char part[8192];
	ssize_t n;

	while ((n = read(fd, part, sizeof part)) > 0 && buf_ok(b))
		buf_add(b, part, (size_t)n);
	if (n == -1)
		return refuse(path, errno, strerror(errno), e);
	if (!buf_ok(b)) {
		err_set(e, "%s: longer than %zu bytes", path, limit);
		errno = EFBIG;
		return -1;
	}
	return 0;
}

int
peek_read(char **ret, size_t *n, size_t limit, const struct peek *p,
    const char *path, struct err *e)
{
	struct stat st;
	struct buf b;
	int status = -1, why;
	int fd = open_in(p, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

	if (fd == -1)
		return refuse(path, errno, strerror(errno), e);
	buf_init(&b, limit);
	if (fstat(fd, &st) == -1)
		refuse(path, errno, strerror(errno), e);
	else if (!S_ISREG(st.st_mode))
		refuse(path, EINVAL, "not a file", e);
	else if (!is_readable(&st, p))
		refuse(path, EACCES, "Litestream's own user "
		    "and group may not read it", e);
	else
		status = read_all(&b, fd, limit, path, e);
	why = errno;
	close(fd);
	if (status == -1) {
		buf_free(&b);
		errno = why;
		return -1;
	}
	*n = b.len;
	*ret = buf_take(&b);
	return 0;
}
