/*
 * sink - a webhook receiver that answers as badly as it is told to.
 *
 *	sink --port-file FILE --log FILE [--script ANSWER,...] [--port N]
 *
 * Each request takes the next answer of the script; the last one repeats:
 *
 *	200 204 500 ...	that status; 429:2 says to retry after 2 seconds and
 *			429d:2 says it as a date, 302:URL leads elsewhere
 *	ok		200 with the body "ok"
 *	telegram	200 with what Telegram's API says when all is well
 *	drip		the same, one byte a second
 *	half		200, and 10 of the 100 bytes it announces
 *	nonsense	bytes that are not HTTP
 *	hang		nothing, ever
 *	reset		a reset connection
 *
 * Before it is answered a request is logged, as a line of JSON:
 *
 *	{"t":1700000000.123,"method":"POST","path":"/","headers":{...},
 *	 "body":"...","status":200}
 *
 * with header names in lower case, bytes that are not UTF-8 as U+FFFD, and
 * status 0 when no HTTP answer follows.  A request that cannot be read is
 * refused (400, 411, 413) and logged; it takes no answer of the script.
 *
 * One thread and poll(2): a connection that hangs holds up nobody else.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include "tests/tools/answer.h"
#include "tests/tools/request.h"
#include "tests/tools/tool.h"

#define MAX_CONNS	64
#define DRIP		(1LL * TOOL_S)	/* between two bytes */

/*
 *	READING --whole request--> ANSWERING --sent--> READING
 *	   |                           +--sent, last--> DRAINING --EOF--> free
 *	   +--hang--> DRAINING
 *
 * A socket closed with unread bytes in it is reset, and the client may lose
 * the answer: so the last one is sent, and then what still comes is drained.
 */
struct conn {
	enum { FREE, READING, ANSWERING, DRAINING } state;
	int		 fd;
	char		*in;		/* owned */
	size_t		 in_bytes, in_room;
	char		*out;		/* owned */
	size_t		 out_bytes, sent;
	bool		 last;		/* hang up when it is sent */
	int64_t		 drip_due;	/* 0: send all at once */
};

static struct {
	int64_t		 port;
	const char	*port_file, *log, *script;
} opt = { .script = "200" };

static const struct tool_option options[] = {
	{ "port-file", TOOL_TEXT, &opt.port_file, "FILE",
	  "Where to leave the port." },
	{ "log", TOOL_TEXT, &opt.log, "FILE", "Where to log the requests." },
	{ "script", TOOL_TEXT, &opt.script, "ANSWER,...",
	  "200, 429:2, 429d:2, 302:URL, any status, ok, telegram, drip, half, "
	  "nonsense, hang, reset (200)." },
	{ "port", TOOL_COUNT, &opt.port, "N", "Port; 0 is any (0)." },
};

static struct conn conns[MAX_CONNS];
static int log_fd = -1;
static volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* A whole line in one write, so that nobody reads half of one. */
static void
log_request(const struct request *r, int status)
{
	char *line = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&line, &n);

	if (f == NULL)
		tool_die("log", strerror(errno));
	request_log(f, r, status);
	if (fclose(f) == EOF || write(log_fd, line, n) != (ssize_t)n)
		tool_die(opt.log, strerror(errno));
	free(line);
}

static void
hang_up(struct conn *c)
{
	close(c->fd);
	free(c->in);
	free(c->out);
	*c = (struct conn){ .state = FREE, .fd = -1 };
}

static void
reset(struct conn *c)
{
	const struct linger rudely = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &rudely, sizeof rudely);
	hang_up(c);
}

static void
answer(struct conn *c, const struct answer *a)
{
	FILE *f;

	if (a->manner == RUDE) {
		reset(c);
		return;
	}
	c->state = a->manner == HANGING ? DRAINING : ANSWERING;
	c->last |= a->manner == RAW;
	c->drip_due = a->manner == DRIPPING ? tool_now_ns() : 0;
	f = open_memstream(&c->out, &c->out_bytes);
	if (f == NULL)
		tool_die("answer", strerror(errno));
	if (a->manner == RAW)
		fputs(a->body, f);
	else
		answer_put(f, a, c->last);
	if (fclose(f) == EOF)
		tool_die("answer", strerror(errno));
}

/* Answer the first request that is there, if it is all there. */
static void
serve(struct conn *c)
{
	struct request r;
	const enum request_is is = request_read(&r,
	    (struct slice){ c->in, c->in_bytes });
	struct answer a = { .manner = PLAIN, .status = (int)is };

	if (is == REQUEST_PART)
		return;
	if (is == REQUEST_WHOLE)
		a = *answer_next();
	else
		a.body = answer_reason(a.status);
	c->last = is != REQUEST_WHOLE || request_is_last(&r);
	log_request(&r, a.status);
	c->in_bytes -= r.bytes;
	memmove(c->in, c->in + r.bytes, c->in_bytes);
	answer(c, &a);
}

static void
receive(struct conn *c)
{
	ssize_t n;

	if (c->in_bytes == c->in_room) {
		c->in_room = c->in_room == 0 ? 4096 : 2 * c->in_room;
		c->in = realloc(c->in, c->in_room);
		if (c->in == NULL)
			abort();
	}
	n = recv(c->fd, c->in + c->in_bytes, c->in_room - c->in_bytes, 0);
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
		hang_up(c);
	} else if (n > 0 && c->state == READING) {
		c->in_bytes += (size_t)n;
		serve(c);
	}
}

static void
transmit(struct conn *c)
{
	const size_t left = c->out_bytes - c->sent;
	const ssize_t n = send(c->fd, c->out + c->sent,
	    c->drip_due > 0 ? 1 : left, MSG_NOSIGNAL);

	if (n == -1) {
		if (errno != EAGAIN && errno != EINTR)
			hang_up(c);
		return;
	}
	c->sent += (size_t)n;
	if (c->drip_due > 0)
		c->drip_due += DRIP;
	if (c->sent < c->out_bytes)
		return;
	free(c->out);
	c->out = NULL;
	c->sent = 0;
	c->state = c->last ? DRAINING : READING;
	if (c->last)
		(void)shutdown(c->fd, SHUT_WR);
	else
		serve(c);
}

/* What to wait for.  A drip that is not due waits for nothing but the clock. */
static short
wanted(const struct conn *c)
{
	if (c->state != ANSWERING)
		return POLLIN;
	return c->drip_due <= tool_now_ns() ? POLLOUT : 0;
}

/* Wait for the listener and all connections, and see to each that is ready. */
static void
turn(int listener)
{
	struct pollfd fds[MAX_CONNS + 1] = { { .fd = -1, .events = POLLIN } };
	const struct timespec tick = { 0, 20 * TOOL_MS };
	struct conn *vacant = NULL;
	bool dripping = false;
	sigset_t none;

	for (size_t i = 0; i < MAX_CONNS; i++) {
		struct conn *c = &conns[i];

		fds[i + 1].fd = c->state == FREE ? -1 : c->fd;
		fds[i + 1].events = wanted(c);
		if (c->state == FREE)
			vacant = c;
		else if (fds[i + 1].events == 0)
			dripping = true;
	}
	if (vacant != NULL)
		fds[0].fd = listener;
	/* Only here can a signal come, so that none is slept through. */
	sigemptyset(&none);
	if (ppoll(fds, MAX_CONNS + 1, dripping ? &tick : NULL, &none) <= 0)
		return;
	for (size_t i = 0; i < MAX_CONNS; i++)
		if (fds[i + 1].revents != 0)
			(conns[i].state == ANSWERING ? transmit : receive)
			    (&conns[i]);
	if (fds[0].revents != 0 && vacant != NULL) {
		const int fd = accept4(listener, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd != -1)
			*vacant = (struct conn){ .state = READING, .fd = fd };
	}
}

static int
listen_on(int64_t port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t n = sizeof a;
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1 ||
	    bind(fd, (struct sockaddr *)&a, n) == -1 ||
	    listen(fd, MAX_CONNS) == -1 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) == -1)
		tool_die("listen", strerror(errno));
	if (!tool_leave(opt.port_file, ntohs(a.sin_port)))
		tool_die(opt.port_file, strerror(errno));
	return fd;
}

int
main(int argc, char **argv)
{
	const struct sigaction stop = { .sa_handler = on_signal };
	sigset_t all;
	char *text;
	int listener;

	if (!tool_options(argc, argv, "sink [options]", options,
	    TOOL_LENGTH(options)))
		return 2;
	if (optind != argc || opt.port_file == NULL || opt.log == NULL ||
	    opt.port > UINT16_MAX) {
		fprintf(stderr, "sink: give a --port-file and a --log.\n");
		return 2;
	}
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	answer_read_script(text = strdup(opt.script));
	log_fd = open(opt.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (log_fd == -1)
		tool_die(opt.log, strerror(errno));
	listener = listen_on(opt.port);
	while (!stopped)
		turn(listener);
	for (size_t i = 0; i < MAX_CONNS; i++)
		if (conns[i].state != FREE)
			hang_up(&conns[i]);
	free(text);
	return 0;
}
