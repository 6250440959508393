/*
 * mailbox - a mail server on loopback that says what it is told to.
 *
 * A thread that serves one connection after the other.  To each command it has
 * a usual answer; a mood may have others, or none at all.  Everything that it
 * was sent is kept.
 */
#ifndef TESTS_ALERTS_MAILBOX_H
#define TESTS_ALERTS_MAILBOX_H

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAILBOX_MAX_TEXT	65536

/* An answer that differs; says NULL: none, and the connection stays. */
struct mood {
	const char	*to;		/* how the command begins; "" greets;
					   "." is the end of the mail */
	const char	*says;
};

struct mailbox {
	pthread_t	 thread;
	int		 fd, port;
	const struct mood *moods;	/* ends with a NULL to */
	atomic_bool	 waits;		/* it has no answer to something */
	bool		 patient;	/* then it waits for go */
	atomic_bool	 go;		/* and takes the mail */
	/* Read after mailbox_stop(). */
	char		 text[MAILBOX_MAX_TEXT];
	size_t		 n;
};

static inline const char *
mailbox_answer(const struct mailbox *m, const char *line)
{
	static const struct mood usual[] = {
		{ "EHLO", "250-box\r\n250-8BITMIME\r\n250-AUTH PLAIN\r\n"
		    "250 SIZE 1000000" },
		{ "AUTH", "235 welcome" }, { "MAIL", "250 ok" },
		{ "RCPT", "250 ok" }, { "DATA", "354 go on" },
		{ ".", "250 taken" }, { "QUIT", "221 bye" },
		{ "", "220 box" }, { NULL, NULL },
	};

	for (const struct mood *o = m->moods; o->to != NULL; o++)
		if (strncmp(line, o->to, strlen(o->to)) == 0 &&
		    (o->to[0] == '\0') == (line[0] == '\0'))
			return o->says;
	for (const struct mood *o = usual; o->to != NULL; o++)
		if (strncmp(line, o->to, strlen(o->to)) == 0)
			return o->says;
	return "500 what?";
}

static inline void
mailbox_keep(struct mailbox *m, const char *line)
{
	size_t n = strlen(line);

	if (m->n + n < sizeof m->text) {
		memcpy(m->text + m->n, line, n + 1);
		m->n += n;
	}
}

static inline bool
mailbox_say(struct mailbox *m, int fd, const char *line)
{
	const char *says = mailbox_answer(m, line);

	if (says == NULL)
		atomic_store(&m->waits, true);
	if (says != NULL) {
		(void)!send(fd, says, strlen(says), MSG_NOSIGNAL);
		(void)!send(fd, "\r\n", 2, MSG_NOSIGNAL);
	}
	return says != NULL && strncmp(says, "354", 3) == 0;
}

static inline void
mailbox_serve(struct mailbox *m, int fd)
{
	FILE *f = fdopen(fd, "r");
	bool in_mail = false;
	char line[4096];

	assert(f != NULL);
	(void)mailbox_say(m, fd, "");
	while (fgets(line, sizeof line, f) != NULL) {
		mailbox_keep(m, line);
		if (in_mail && strcmp(line, ".\r\n") != 0)
			continue;
		in_mail = mailbox_say(m, fd, line);
		while (atomic_load(&m->waits) && m->patient &&
		    !atomic_load(&m->go))
			usleep(1000);
		if (atomic_load(&m->go) && line[0] == '.')
			(void)!send(fd, "250 taken\r\n", 11, MSG_NOSIGNAL);
	}
	fclose(f);
}

static inline void *
mailbox_main(void *arg)
{
	struct mailbox *m = arg;
	int fd;

	while ((fd = accept(m->fd, NULL, NULL)) != -1)
		mailbox_serve(m, fd);
	return NULL;
}

static inline struct mailbox *
mailbox_start(const struct mood *moods)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof sin;
	struct mailbox *m = calloc(1, sizeof *m);

	assert(m != NULL);
	m->moods = moods;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	m->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert(m->fd != -1);
	assert(bind(m->fd, (struct sockaddr *)&sin, sizeof sin) == 0);
	assert(listen(m->fd, 8) == 0);
	assert(getsockname(m->fd, (struct sockaddr *)&sin, &len) == 0);
	m->port = ntohs(sin.sin_port);
	assert(pthread_create(&m->thread, NULL, mailbox_main, m) == 0);
	return m;
}

/* Once its clients have hung up. */
static inline void
mailbox_stop(struct mailbox *m)
{
	shutdown(m->fd, SHUT_RDWR);
	pthread_join(m->thread, NULL);
	close(m->fd);
}

#endif
