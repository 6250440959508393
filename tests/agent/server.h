/*
 * server - an agent of which only the front door is real, for tests.
 *
 * Everything is filled in before the thread starts; from then on the thread
 * alone touches it, and a test sees only what comes over the socket.
 */
#ifndef TESTS_AGENT_SERVER_H
#define TESTS_AGENT_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/pages/http.h"
#include "agent/store/store.h"
#include "alerts/alerts.h"
#include "alerts/silence.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#define ANSWER_MAX	(64u << 20)
#define PATIENCE_S	20

struct server {
	struct agent		 agent;
	struct agent_flags	 flags;
	pthread_t		 thread;
	int			 stopfd;
	unsigned		 port;
};

static inline void
server_on_stop(void *arg, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	loop_stop(arg);
}

static void *
server_run(void *arg)
{
	struct err e;

	if (loop_run(arg, &e) == -1)
		abort();
	return NULL;
}

/* A store without databases, rules that were given, no outbox; pool: NULL for
 * no history, else it outlives the server. */
static inline void
server_init(struct server *s, struct history_pool *pool, struct rule *rules,
    size_t nrules)
{
	struct err e;

	*s = (struct server){ .flags.config = "/nonexistent/litegauge.ini" };
	s->agent.flags = &s->flags;
	memcpy(s->agent.host, "box", sizeof "box");
	s->agent.started_ms = 1700000000000;
	s->agent.reload_ms = 1700000000000;
	s->agent.reload_ok = true;
	s->agent.store = store_new(pool);
	s->agent.silences = silences_new();
	s->agent.alerts = alerts_new(rules, nrules, NULL, NULL);
	s->agent.loop = loop_new(&e);
	s->stopfd = eventfd(0, EFD_CLOEXEC);
	if (s->agent.loop == NULL || loop_watch(s->agent.loop, s->stopfd,
	    EPOLLIN, server_on_stop, s->agent.loop, &e) == -1)
		abort();
}

static inline void
server_start(struct server *s)
{
	struct err e;

	s->agent.http = http_new(s->agent.loop, &s->agent, "127.0.0.1:0", &e);
	if (s->agent.http == NULL)
		abort();
	s->port = http_port(s->agent.http);
	if (pthread_create(&s->thread, NULL, server_run, s->agent.loop) != 0)
		abort();
}

static inline void
server_stop(struct server *s)
{
	const uint64_t one = 1;

	if (write(s->stopfd, &one, sizeof one) != (ssize_t)sizeof one)
		abort();
	pthread_join(s->thread, NULL);
	http_free(s->agent.http);
	alerts_free(s->agent.alerts);
	silences_free(s->agent.silences);
	store_free(s->agent.store);
	loop_free(s->agent.loop);
	close(s->stopfd);
}

static inline int
server_connect(const struct server *s)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	const struct sockaddr_in addr = {
		.sin_family	 = AF_INET,
		.sin_port	 = htons((uint16_t)s->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof patience) == -1 ||
	    connect(fd, (const struct sockaddr *)&addr, sizeof addr) == -1)
		abort();
	return fd;
}

static inline void
server_send(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t sent = send(fd, text, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;		/* it has heard enough of us */
		text += sent;
		n -= (size_t)sent;
	}
}

/* All that comes until the other side closes; the caller frees. */
static inline char *
server_ask(const struct server *s, const char *request, size_t *length)
{
	static char piece[65536];
	int fd = server_connect(s);
	struct buf b;
	ssize_t n;

	server_send(fd, request);
	buf_init(&b, ANSWER_MAX);
	while ((n = recv(fd, piece, sizeof piece, 0)) > 0)
		buf_add(&b, piece, (size_t)n);
	close(fd);
	if (length != NULL)
		*length = b.len;
	return buf_take(&b);
}

/* headers: lines, each with its \r\n. */
static inline char *
server_request(const struct server *s, const char *method, const char *target,
    const char *headers, size_t *length)
{
	char *text = mem_printf("%s %s HTTP/1.1\r\nHost: localhost\r\n"
	    "Connection: close\r\n%s\r\n", method, target, headers);
	char *answer = server_ask(s, text, length);

	free(text);
	return answer;
}

static inline unsigned
answer_status(const char *answer)
{
	const char *space = strchr(answer, ' ');

	return space != NULL ? (unsigned)strtoul(space, NULL, 10) : 0;
}

static inline const char *
answer_body(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");

	return end != NULL ? end + 4 : "";
}

#endif
