/*
 * notify - see notify.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/notify.h"

#define MAX_ROUNDS	64	/* reads in a row; then others have a turn */

struct notify {
	int	 fd;
};

static const struct {
	uint32_t	 mask;
	enum notify_what what;
} kinds[] = {
	{ IN_CREATE | IN_MOVED_TO,	NOTIFY_MADE },
	{ IN_DELETE | IN_MOVED_FROM,	NOTIFY_GONE },
	{ IN_MODIFY,			NOTIFY_WRITTEN },
	{ IN_CLOSE_WRITE,		NOTIFY_CLOSED },
};

struct notify *
notify_new(struct err *e)
{
	struct notify *n;

	NEW(n);
	n->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (n->fd == -1) {
		err_set(e, "inotify: %s", strerror(errno));
		free(n);
		return NULL;
	}
	return n;
}

void
notify_free(struct notify *n)
{
	if (n == NULL)
		return;
	close(n->fd);
	free(n);
}

int
notify_fd(const struct notify *n)
{
	return n->fd;
}

int
notify_directory(struct notify *n, const char *path)
{
	return inotify_add_watch(n->fd, path, IN_CREATE | IN_DELETE |
	    IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR);
}

int
notify_file(struct notify *n, int fd)
{
	char path[64];

	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return inotify_add_watch(n->fd, path, IN_MODIFY | IN_CLOSE_WRITE);
}

void
notify_forget(struct notify *n, int wd)
{
	if (wd != -1)	/* fails when the file went first */
		(void)inotify_rm_watch(n->fd, wd);
}

static void
hand_out(const struct inotify_event *ev, notify_fn *fn, void *arg)
{
	const char *name = ev->len > 0 ? ev->name : NULL;

	if (ev->mask & IN_Q_OVERFLOW) {
		fn(arg, -1, NOTIFY_LOST, NULL);
		return;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (ev->mask & kinds[i].mask)
			fn(arg, ev->wd, kinds[i].what, name);
}

void
notify_drain(struct notify *n, notify_fn *fn, void *arg)
{
	_Alignas(struct inotify_event) char bytes[16384];

	for (int round = 0; round < MAX_ROUNDS; round++) {
		ssize_t got = read(n->fd, bytes, sizeof bytes);
		size_t at = 0;

		if (got <= 0)
			return;
		while (at < (size_t)got) {
			const struct inotify_event *ev =
			    (const void *)(bytes + at);

			hand_out(ev, fn, arg);
			at += sizeof *ev + ev->len;
		}
	}
}
