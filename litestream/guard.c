/*
 * guard - see guard.h.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/err.h"
#include "litestream/guard.h"
#include "litestream/scratch.h"

#define LOOK_EVERY_MS	50
#define GRACE_MS	2000	/* between SIGTERM and SIGKILL */

static const int stops[] = { SIGTERM, SIGINT, SIGHUP };

#define STOPS	(sizeof stops / sizeof *stops)

void
guard_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < STOPS; i++)
		sigaddset(&set, stops[i]);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);	/* a valid set */
}

bool
guard_is_stopped(void)
{
	sigset_t pending;

	sigemptyset(&pending);
	(void)sigpending(&pending);
	for (size_t i = 0; i < STOPS; i++)
		if (sigismember(&pending, stops[i]) == 1)
			return true;
	return false;
}

bool
guard_rest(int64_t ms)
{
	int64_t until = mono_ms() + ms;

	while (!guard_is_stopped() && mono_ms() < until)
		(void)poll(NULL, 0, LOOK_EVERY_MS);
	return !guard_is_stopped();
}

/* What it printed, as far as it is there; the last GUARD_SAID bytes stay. */
static void
listen_to(const struct child *c, struct guarded *g, size_t *len)
{
	char piece[4096];
	ssize_t n;

	while ((n = read(c->out, piece, sizeof piece)) > 0) {
		size_t new = (size_t)n, over = 0;

		if (*len + new > GUARD_SAID)
			over = *len + new - GUARD_SAID;
		memmove(g->said, g->said + over, *len - over);
		memcpy(g->said + *len - over, piece, new);
		*len += new - over;
	}
	for (size_t i = 0; i < *len; i++)
		if (g->said[i] == '\0')
			g->said[i] = ' ';
	g->said[*len] = '\0';
}

static enum guard_end
look(const struct guard *limits, int64_t began)
{
	if (guard_is_stopped())
		return GUARD_STOPPED;
	if (mono_ms() - began > limits->timeout_ms)
		return GUARD_TIMEOUT;
	if (limits->scratch != NULL) {
		int64_t room = scratch_room(limits->scratch);

		if (room != -1 && room < limits->floor)
			return GUARD_NO_ROOM;
	}
	return GUARD_ENDED;
}

static bool
has_ended(const struct child *c, int ms)
{
	struct pollfd fd = { .fd = c->pidfd, .events = POLLIN };

	return poll(&fd, 1, ms) == 1;
}

static void
stop(const struct child *c)
{
	child_signal(c, SIGTERM);
	if (!has_ended(c, GRACE_MS))
		child_signal(c, SIGKILL);
	while (!has_ended(c, -1))
		continue;
}

void
guard_run(struct guarded *g, const struct child_plan *plan,
    const struct guard *limits, struct err *e)
{
	int64_t began = mono_ms();
	struct child c;
	size_t len = 0;

	*g = (struct guarded){ .end = GUARD_NOT_STARTED };
	if (child_start(&c, plan, e) == -1)
		return;
	g->end = GUARD_ENDED;
	while (g->end == GUARD_ENDED && !has_ended(&c, LOOK_EVERY_MS)) {
		listen_to(&c, g, &len);
		g->end = look(limits, began);
	}
	if (g->end != GUARD_ENDED)
		stop(&c);
	g->took_ms = mono_ms() - began;
	listen_to(&c, g, &len);
	g->status = child_reap(&c);
}
