/*
 * server - a receiver on loopback that misbehaves as it is told.
 *
 * A thread that answers one request after the other as its script says; the
 * last line of the script is repeated.  Everything it was sent is kept.
 */
#ifndef TESTS_ALERTS_SERVER_H
#define TESTS_ALERTS_SERVER_H

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define SERVER_MAX_SEEN	32
#define SERVER_MAX_TEXT	8192

/* ENDLESS goes on with its body, HEADERS with those, TRAILERS after it. */
enum reply_how { REPLY, REPLY_ENDLESS, REPLY_HEADERS, REPLY_TRAILERS, HANG,
	HANG_UP, NONSENSE };

struct reply {
	enum reply_how	 how;
	const char	*head;	/* "500 Oops" and further header lines */
	const char	*body;
};

struct seen {
	int64_t	 at_ms;		/* mono */
	char	 text[SERVER_MAX_TEXT];
};

struct server {
	/* shared */
	pthread_mutex_t	 lock;
	pthread_t	 thread;
	int		 fd;
	int		 port;
	const struct reply *script;
	size_t		 nscript;

	/* under lock */
	struct seen	 seen[SERVER_MAX_SEEN];
	size_t		 nseen;
	size_t		 flooded;	/* bytes of what has no end */

	/* owned by the thread */
	int		 hanging[SERVER_MAX_SEEN];
	size_t		 nhanging;
};

/* Reads until the body that Content-Length announced is there. */
static inline void
server_read(int fd, char text[SERVER_MAX_TEXT])
{
	size_t n = 0, want = SERVER_MAX_TEXT;

	while (n < want && n < SERVER_MAX_TEXT - 1) {
		ssize_t got = read(fd, text + n, SERVER_MAX_TEXT - 1 - n);
		const char *end, *length;

		if (got <= 0)
			break;
		n += (size_t)got;
		text[n] = '\0';
		end = strstr(text, "\r\n\r\n");
		length = strcasestr(text, "Content-Length:");
		if (end != NULL)
			want = (size_t)(end + 4 - text) + (length == NULL ? 0 :
			    strtoul(length + 15, NULL, 10));
	}
	text[n] = '\0';
}

static inline void
server_say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static inline size_t
server_flood(int fd, const char *block, size_t n)
{
	size_t all = 0;
	ssize_t sent;

	while ((sent = send(fd, block, n, MSG_NOSIGNAL)) > 0)
		all += (size_t)sent;
	return all;
}

/* How much it sent until the other side had enough. */
static inline size_t
server_answer(int fd, const struct reply *r)
{
	static const char block[4096] = "x", line[] = "X-Line: and another\r\n";

	if (r->how == NONSENSE) {
		server_say(fd, "\x16\x03garbage\r\n\r\n");
		return 0;
	}
	server_say(fd, "HTTP/1.1 ");
	server_say(fd, r->head);
	server_say(fd, "\r\nConnection: close\r\n");
	if (r->how == REPLY_HEADERS)
		return server_flood(fd, line, sizeof line - 1);
	if (r->how == REPLY_TRAILERS) {
		server_say(fd, "Transfer-Encoding: chunked\r\n\r\n0\r\n");
		return server_flood(fd, line, sizeof line - 1);
	}
	server_say(fd, "\r\n");
	server_say(fd, r->body != NULL ? r->body : "");
	return r->how == REPLY_ENDLESS ?
	    server_flood(fd, block, sizeof block) : 0;
}

static inline const struct reply *
server_next(struct server *s, const char *text)
{
	const struct reply *r;

	pthread_mutex_lock(&s->lock);
	r = &s->script[s->nseen < s->nscript ? s->nseen : s->nscript - 1];
	if (s->nseen < SERVER_MAX_SEEN) {
		struct seen *seen = &s->seen[s->nseen++];

		seen->at_ms = mono_ms();
		memcpy(seen->text, text, strlen(text) + 1);
	}
	pthread_mutex_unlock(&s->lock);
	return r;
}

static inline void *
server_main(void *arg)
{
	struct server *s = arg;
	char text[SERVER_MAX_TEXT];
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) != -1) {
		const struct reply *r;

		server_read(fd, text);
		r = server_next(s, text);
		if (r->how == HANG && s->nhanging < SERVER_MAX_SEEN) {
			s->hanging[s->nhanging++] = fd;
			continue;
		}
		if (r->how != HANG_UP) {
			size_t n = server_answer(fd, r);

			pthread_mutex_lock(&s->lock);
			s->flooded += n;
			pthread_mutex_unlock(&s->lock);
		}
		close(fd);
	}
	while (s->nhanging > 0)
		close(s->hanging[--s->nhanging]);
	return NULL;
}

static inline struct server *
server_start(const struct reply *script, size_t n)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof sin;
	struct server *s = calloc(1, sizeof *s);

	assert(s != NULL);
	s->script = script;
	s->nscript = n;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert(s->fd != -1);
	assert(bind(s->fd, (struct sockaddr *)&sin, sizeof sin) == 0);
	assert(listen(s->fd, 64) == 0);
	assert(getsockname(s->fd, (struct sockaddr *)&sin, &len) == 0);
	s->port = ntohs(sin.sin_port);
	assert(pthread_mutex_init(&s->lock, NULL) == 0);
	assert(pthread_create(&s->thread, NULL, server_main, s) == 0);
	return s;
}

static inline size_t
server_count(struct server *s)
{
	size_t n;

	pthread_mutex_lock(&s->lock);
	n = s->nseen;
	pthread_mutex_unlock(&s->lock);
	return n;
}

/* After this, everything it saw can be read until server_free(). */
static inline void
server_stop(struct server *s)
{
	if (s->fd == -1)
		return;
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
	s->fd = -1;
}

static inline void
server_free(struct server *s)
{
	server_stop(s);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

#endif
