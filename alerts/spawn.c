/*
 * spawn - see spawn.h.
 *
 *	running --limit--> asked to end (SIGTERM) --grace--> killed
 *	   |                      |                            |
 *	   +----------------------+------ it has ended --------+--> told, freed
 *
 * Cancelled, it goes the same way in less time, and nobody is told.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alerts/receiver.h"
#include "alerts/spawn.h"
#include "alerts/words.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"

#define CANCEL_WAIT_MS	300	/* for one that is no longer wanted */
#define READS_MAX	16	/* in a row: then others have a turn */
#define DEFAULT_PATH	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:" \
			"/sbin:/bin"

/* What it inherits; the request adds what it says of the message. */
static const struct {
	const char	*name, *fallback;
} inherited[] = {
	{ "PATH", DEFAULT_PATH },
	{ "HOME", "/" },
	{ "LANG", "C.UTF-8" },
};

#define NINHERITED	(sizeof inherited / sizeof *inherited)
#define ENV_MAX		(NINHERITED + REQUEST_MAX_HEADERS + 1)

struct spawn {
	LIST_ENTRY(spawn) link;		/* of those that were cancelled */
	struct loop	 *loop;		/* not owned */
	struct child	  child;	/* pid 0: it never ran */
	const char	 *input;	/* what it has not read yet; borrowed */
	size_t		  left;		/* bytes of it */
	size_t		  nsaid;
	char		  said[SPAWN_SAID_MAX];
	struct loop_timer limit;
	bool		  late;
	struct err	  err;		/* why it never ran */
	spawn_done_fn	 *done;		/* NULL: it was cancelled */
	void		 *arg;
};

/* It may read less than all: that is its own affair. */
static void
stop_feeding(struct spawn *s)
{
	loop_unwatch(s->loop, s->child.in);
	close(s->child.in);
	s->child.in = -1;
}

static void
on_in(void *arg, int fd, uint32_t events)
{
	struct spawn *s = arg;
	ssize_t n = 0;

	while (s->left > 0 && (n = write(fd, s->input, s->left)) > 0) {
		s->input += n;
		s->left -= (size_t)n;
	}
	if (s->left == 0 || (events & EPOLLERR) != 0 ||
	    (n == -1 && errno != EAGAIN && errno != EINTR))
		stop_feeding(s);
}

/* More than the bound is read and thrown away: a full pipe would stop it. */
static void
listen_to(struct spawn *s)
{
	char piece[4096];
	ssize_t n;

	for (int i = 0; i < READS_MAX &&
	    (n = read(s->child.out, piece, sizeof piece)) > 0; i++) {
		size_t room = sizeof s->said - 1 - s->nsaid;

		if (room > (size_t)n)
			room = (size_t)n;
		memcpy(s->said + s->nsaid, piece, room);
		s->nsaid += room;
	}
}

static void
on_out(void *arg, int fd, uint32_t events)
{
	struct spawn *s = arg;

	listen_to(s);
	if ((events & (EPOLLHUP | EPOLLERR)) != 0)
		loop_unwatch(s->loop, fd);
}

static void
let_go(struct spawn *s)
{
	loop_timer_clear(s->loop, &s->limit);
	if (s->child.pid == 0)
		return;
	if (s->child.in != -1)
		stop_feeding(s);
	loop_unwatch(s->loop, s->child.out);
	loop_unwatch(s->loop, s->child.pidfd);
}

/* The object dies before its owner hears. */
static void
tell(struct spawn *s, int status, const char *error)
{
	spawn_done_fn *done = s->done;
	void *arg = s->arg;
	bool late = s->late;
	char said[SPAWN_SAID_MAX];
	struct err e;

	memcpy(said, s->said, sizeof said);
	if (error != NULL)
		err_set(&e, "%s", error);
	free(s);
	done(arg, status, said, error != NULL ? e.text : NULL, late);
}

/* One that was cancelled. */
static void
drop(struct spawn *s)
{
	LIST_REMOVE(s, link);
	free(s);
}

static void
on_end(void *arg, int fd, uint32_t events)
{
	struct spawn *s = arg;
	struct err e = { "" };
	int status, why;

	(void)fd;
	(void)events;
	listen_to(s);
	let_go(s);
	why = child_why(&s->child);
	status = child_reap(&s->child);
	if (s->done == NULL) {
		drop(s);
		return;
	}
	if (why != 0)
		err_set(&e, "the program cannot be run: %s", strerror(why));
	else if (s->late)
		err_set(&e, "the program took too long and was ended");
	else if (WIFSIGNALED(status))
		err_set(&e, "the program was killed by signal %d",
		    WTERMSIG(status));
	tell(s, WEXITSTATUS(status), e.text[0] != '\0' ? e.text : NULL);
}

static void
on_limit(void *arg)
{
	struct spawn *s = arg;

	if (s->child.pid == 0) {
		tell(s, 0, s->err.text);
		return;
	}
	child_signal(&s->child, s->late ? SIGKILL : SIGTERM);
	s->late = true;
	loop_timer_set(s->loop, &s->limit, mono_ms() + SPAWN_GRACE_MS);
}

static void
fill_environment(char *env[ENV_MAX], const struct request *q)
{
	size_t n = 0;

	for (size_t i = 0; i < NINHERITED; i++) {
		const char *value = getenv(inherited[i].name);

		env[n++] = mem_printf("%s=%s", inherited[i].name,
		    value != NULL ? value : inherited[i].fallback);
	}
	for (size_t i = 0; i < q->nheaders; i++)
		env[n++] = mem_strdup(q->headers[i]);
	env[n] = NULL;
}

static int
begin(struct spawn *s, const struct request *q)
{
	char **words = words_split(q->url, &s->err), *env[ENV_MAX];
	struct child_plan plan = {
		.argv = words, .envp = env, .cwd = "/", .death = SIGTERM,
		.fed = true, .mute = true, .equal = true,
	};
	int rc;

	if (words == NULL)
		return -1;
	plan.program = words[0];
	fill_environment(env, q);
	rc = child_begin(&s->child, &plan, &s->err);
	for (size_t i = 0; env[i] != NULL; i++)
		free(env[i]);
	words_free(words);
	return rc;
}

static int
watch(struct spawn *s)
{
	if (loop_watch(s->loop, s->child.in, EPOLLOUT, on_in, s,
	    &s->err) == 0 &&
	    loop_watch(s->loop, s->child.out, EPOLLIN, on_out, s,
	    &s->err) == 0 &&
	    loop_watch(s->loop, s->child.pidfd, EPOLLIN, on_end, s,
	    &s->err) == 0)
		return 0;
	let_go(s);
	child_signal(&s->child, SIGKILL);
	(void)child_reap(&s->child);
	return -1;
}

struct spawn *
spawn_start(struct loop *loop, const struct request *q, int64_t limit_ms,
    spawn_done_fn *done, void *arg)
{
	struct spawn *s;

	NEW(s);
	s->loop = loop;
	s->input = q->body;
	s->left = strlen(q->body);
	s->limit = (struct loop_timer){ .fn = on_limit, .arg = s };
	s->done = done;
	s->arg = arg;
	if (begin(s, q) == -1 || watch(s) == -1)
		limit_ms = 0;	/* it is told as soon as we are back */
	loop_timer_set(loop, &s->limit, mono_ms() + limit_ms);
	return s;
}

/* --- what nobody waits for ------------------------------------------------ */

/* One that not even SIGKILL ends, for a disk has it, is left to the kernel. */
static void
on_patience(void *arg)
{
	struct spawn *s = arg;

	if (!s->late) {
		s->late = true;
		child_signal(&s->child, SIGKILL);
		loop_timer_set(s->loop, &s->limit, mono_ms() + CANCEL_WAIT_MS);
		return;
	}
	let_go(s);
	child_leave(&s->child);
	drop(s);
}

void
spawn_cancel(struct spawn *s, struct spawn_list *ending)
{
	LIST_INSERT_HEAD(ending, s, link);
	loop_timer_clear(s->loop, &s->limit);
	if (s->child.pid == 0) {
		drop(s);
		return;
	}
	if (s->child.in != -1)
		stop_feeding(s);	/* its words die with the request */
	s->done = NULL;
	s->late = false;
	child_signal(&s->child, SIGTERM);
	s->limit.fn = on_patience;
	loop_timer_set(s->loop, &s->limit, mono_ms() + CANCEL_WAIT_MS);
}

static bool
has_ended(const struct spawn *s, int64_t until_ms)
{
	struct pollfd ended = { .fd = s->child.pidfd, .events = POLLIN };
	int64_t left = until_ms - mono_ms();

	return poll(&ended, 1, left > 0 ? (int)left : 0) == 1;
}

void
spawn_wait(struct spawn_list *ending)
{
	int64_t until = mono_ms() + CANCEL_WAIT_MS;
	struct spawn *s;

	LIST_FOREACH(s, ending, link)
		if (!has_ended(s, until))
			child_signal(&s->child, SIGKILL);
	until = mono_ms() + CANCEL_WAIT_MS;
	while ((s = LIST_FIRST(ending)) != NULL) {
		let_go(s);
		if (has_ended(s, until))
			(void)child_reap(&s->child);
		else
			child_leave(&s->child);
		drop(s);
	}
}
