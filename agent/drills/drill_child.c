/*
 * drill_child - see drill_child.h.
 *
 *	running --limit--> asked to end (SIGTERM) --grace--> killed
 *	   |                      |                            |
 *	   +----------------------+------ it has ended --------+--> told, freed
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/drills/drill_child.h"
#include "base/buf.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/text.h"
#include "litestream/drill.h"

#define MAX_WHY		300
#define STOP_WAIT_MS	3000

struct drill_child {
	struct loop	*loop;		/* not owned */
	struct child	 child;
	char		*db;		/* owned */
	struct buf	 said;
	struct loop_timer limit;
	bool		 late;
	drill_child_fn	*done;
	void		*arg;
};

/* More than the bound is read and thrown away: a full pipe would stop it. */
static void
listen_to(struct drill_child *c)
{
	char piece[4096];
	ssize_t n;

	while ((n = read(c->child.out, piece, sizeof piece)) > 0)
		buf_add(&c->said, piece, (size_t)n);
}

static void
on_out(void *arg, int fd, uint32_t events)
{
	struct drill_child *c = arg;

	listen_to(c);
	if ((events & (EPOLLHUP | EPOLLERR)) != 0)
		loop_unwatch(c->loop, fd);
}

static void
on_limit(void *arg)
{
	struct drill_child *c = arg;

	child_signal(&c->child, c->late ? SIGKILL : SIGTERM);
	c->late = true;
	loop_timer_set(c->loop, &c->limit, mono_ms() + DRILL_CHILD_GRACE_MS);
}

/* A line is a drill of this database, or the last of its complaints. */
static void
take_line(const struct drill_child *c, const char *line, struct drill ***end,
    char why[MAX_WHY])
{
	struct drill *d;
	struct buf text;
	struct err e;

	if (line[0] == '{') {
		d = drill_read(line, &e);
		if (d != NULL && strcmp(d->db, c->db) == 0) {
			**end = d;
			*end = &d->next;
			return;
		}
		if (d != NULL)
			err_set(&e, "it tells of another database");
		drill_free(d);
		line = e.text;
	}
	if (line[0] == '\0')
		return;
	buf_init(&text, DRILL_CHILD_OUTPUT);
	text_plain(&text, line);
	(void)snprintf(why, MAX_WHY, "%s", text.data != NULL ? text.data : "");
	buf_free(&text);
}

static void
take_lines(struct drill_child *c, struct drill ***end, char why[MAX_WHY])
{
	char *rest = c->said.data, *line;

	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL)
		take_line(c, line, end, why);
}

static void
say_end(const struct drill_child *c, int status, char why[MAX_WHY])
{
	if (c->late)
		(void)snprintf(why, MAX_WHY, "it took too long");
	else if (WIFSIGNALED(status))
		(void)snprintf(why, MAX_WHY, "it was killed by signal %d",
		    WTERMSIG(status));
	else if (why[0] == '\0')
		(void)snprintf(why, MAX_WHY, "it said nothing");
}

static void
let_go(struct drill_child *c)
{
	loop_timer_clear(c->loop, &c->limit);
	loop_unwatch(c->loop, c->child.out);
	loop_unwatch(c->loop, c->child.pidfd);
}

static void
on_end(void *arg, int fd, uint32_t events)
{
	struct drill_child *c = arg;
	struct drill *first = NULL, **end = &first;
	char why[MAX_WHY] = "";
	int status;

	(void)fd;
	(void)events;
	listen_to(c);
	let_go(c);
	status = child_reap(&c->child);
	take_lines(c, &end, why);
	if (first == NULL || c->late || WIFSIGNALED(status))
		say_end(c, status, why);
	c->done(c->arg, first, why[0] != '\0' ? why : NULL);
	buf_free(&c->said);
	free(c->db);
	free(c);
}

struct drill_child *
drill_child_start(struct loop *loop, const char *program, char *const *argv,
    const char *db, int64_t limit_ms, drill_child_fn *done, void *arg,
    struct err *e)
{
	const struct child_plan plan = { .program = program, .argv = argv,
		.death = SIGTERM };
	struct drill_child *c;

	NEW(c);
	c->loop = loop;
	c->done = done;
	c->arg = arg;
	if (child_start(&c->child, &plan, e) == -1) {
		free(c);
		return NULL;
	}
	c->db = mem_strdup(db);
	buf_init(&c->said, DRILL_CHILD_OUTPUT);
	c->limit = (struct loop_timer){ .fn = on_limit, .arg = c };
	if (loop_watch(loop, c->child.out, EPOLLIN, on_out, c, e) == -1 ||
	    loop_watch(loop, c->child.pidfd, EPOLLIN, on_end, c, e) == -1) {
		drill_child_free(c);
		return NULL;
	}
	loop_timer_set(loop, &c->limit, mono_ms() + limit_ms);
	return c;
}

void
drill_child_free(struct drill_child *c)
{
	struct pollfd ended;

	if (c == NULL)
		return;
	let_go(c);
	child_signal(&c->child, SIGTERM);
	ended = (struct pollfd){ .fd = c->child.pidfd, .events = POLLIN };
	if (poll(&ended, 1, STOP_WAIT_MS) != 1)
		child_signal(&c->child, SIGKILL);
	(void)child_reap(&c->child);
	buf_free(&c->said);
	free(c->db);
	free(c);
}
