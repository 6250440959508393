/*
 * listen - see listen.h.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/pages/listen.h"
#include "base/err.h"

#define HOST_MAX	256
#define BACKLOG		128

/* Cut "[host]:port" or "host:port" in two; *port points into the text. */
static int
split(const char *text, char host[HOST_MAX], const char **port, struct err *e)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon != NULL ? (size_t)(colon - text) : 0;

	if (colon == NULL || colon[1] == '\0' || n >= HOST_MAX)
		return err_set(e, "%s: not an address and a port, as in "
		    "127.0.0.1:10925 or [::1]:10925", text);
	if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	memcpy(host, text, n);
	host[n] = '\0';
	*port = colon + 1;
	return 0;
}

static int
open_socket(const struct addrinfo *ai)
{
	const int on = 1;
	int fd, saved;

	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	    bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static unsigned
port_of(int fd)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	socklen_t n = sizeof ss;

	if (getsockname(fd, (struct sockaddr *)&ss, &n) == -1)
		return 0;
	memcpy(&in6, &ss, sizeof in6);
	memcpy(&in, &ss, sizeof in);
	return ntohs(ss.ss_family == AF_INET6 ? in6.sin6_port : in.sin_port);
}

int
listen_on(const char *text, unsigned *port, struct err *e)
{
	const struct addrinfo hints = {
		.ai_flags    = AI_PASSIVE | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *list;
	char host[HOST_MAX];
	const char *service = NULL;
	int fd, rc;

	if (split(text, host, &service, e) == -1)
		return -1;
	rc = getaddrinfo(host[0] != '\0' ? host : NULL, service, &hints, &list);
	if (rc != 0)
		return err_set(e, "%s: %s", text, gai_strerror(rc));
	fd = open_socket(list);
	freeaddrinfo(list);
	if (fd == -1)
		return err_set(e, "%s: %s", text, strerror(errno));
	*port = port_of(fd);
	return fd;
}
