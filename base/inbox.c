/*
 * inbox - see inbox.h.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/err.h"
#include "base/inbox.h"
#include "base/mem.h"

struct inbox {
	int		 fd;
	size_t		 limit;

	/* under lock */
	pthread_mutex_t	 lock;
	struct mail	*first;
	struct mail	**last;
	size_t		 length;
};

struct inbox *
inbox_new(size_t limit, struct err *e)
{
	struct inbox *in;

	NEW(in);
	in->limit = limit;
	in->last = &in->first;
	pthread_mutex_init(&in->lock, NULL);
	in->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (in->fd == -1) {
		err_set(e, "eventfd: %s", strerror(errno));
		inbox_free(in);
		return NULL;
	}
	return in;
}

void
inbox_free(struct inbox *in)
{
	struct mail *m, *next;

	if (in == NULL)
		return;
	for (m = in->first; m != NULL; m = next) {
		next = m->next;
		m->discard(m);
	}
	if (in->fd != -1)
		close(in->fd);
	pthread_mutex_destroy(&in->lock);
	free(in);
}

int
inbox_fd(const struct inbox *in)
{
	return in->fd;
}

int
inbox_put(struct inbox *in, struct mail *m)
{
	const uint64_t one = 1;
	bool full, first;

	m->next = NULL;
	pthread_mutex_lock(&in->lock);
	full = in->length >= in->limit;
	first = in->length == 0;
	if (!full) {
		*in->last = m;
		in->last = &m->next;
		in->length++;
	}
	pthread_mutex_unlock(&in->lock);
	if (full)
		return -1;
	/* Where there was mail it has rung already and was not yet taken. */
	if (first && write(in->fd, &one, sizeof one) == -1)
		(void)0;
	return 0;
}

struct mail *
inbox_take(struct inbox *in)
{
	struct mail *mail;
	uint64_t n;

	/* Drain before taking: mail that comes in between rings again. */
	if (read(in->fd, &n, sizeof n) == -1 && errno != EAGAIN)
		return NULL;
	pthread_mutex_lock(&in->lock);
	mail = in->first;
	in->first = NULL;
	in->last = &in->first;
	in->length = 0;
	pthread_mutex_unlock(&in->lock);
	return mail;
}
