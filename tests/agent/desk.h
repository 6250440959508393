/*
 * desk - a keeper at work, for tests: jobs that note what becomes of them.
 *
 * Included after cmocka.h.
 */
#ifndef TESTS_AGENT_DESK_H
#define TESTS_AGENT_DESK_H

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/state/keeper.h"
#include "agent/state/state.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"

struct desk {
	char		 dir[64];
	char		*path;
	struct loop	*loop;
	struct keeper	*keeper;
	struct loop_timer limit;
	int		 left;		/* answers until the loop stops */
	struct buf	 said;		/* by done functions, in their order */
	struct buf	 worked;	/* by work functions */
	sem_t		 gate;		/* for a job that hangs */
	size_t		 discarded;
};

struct note {
	struct job	 job;
	struct desk	*desk;
	char		 id[16];
	bool		 bad, slow;
};

static inline void
on_limit(void *arg)
{
	(void)arg;
	fail_msg("the keeper did not answer within 20 s");
}

static inline int
setup(void **state)
{
	struct desk *d;
	struct err e;
	bool later;
	char *note;
	struct state *s;

	NEW(d);
	memcpy(d->dir, "/tmp/litegauge-keeper-XXXXXX", 29);
	assert_non_null(mkdtemp(d->dir));
	d->path = mem_printf("%s/state.db", d->dir);
	buf_init(&d->said, 1 << 20);
	buf_init(&d->worked, 1 << 20);
	sem_init(&d->gate, 0, 0);
	s = state_open(d->path, &note, &later, &e);
	assert_non_null(s);
	d->loop = loop_new(&e);
	assert_non_null(d->loop);
	d->keeper = keeper_new(s, d->loop, &e);
	assert_non_null(d->keeper);
	d->limit.fn = on_limit;
	loop_timer_set(d->loop, &d->limit, mono_ms() + 20000);
	*state = d;
	return 0;
}

static inline int
teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	struct desk *d = *state;

	assert_int_equal(keeper_stop(d->keeper, 5000), 0);
	keeper_free(d->keeper);
	loop_free(d->loop);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		char *name = mem_printf("%s%s", d->path, ends[i]);

		unlink(name);
		free(name);
	}
	rmdir(d->dir);
	buf_free(&d->said);
	buf_free(&d->worked);
	sem_destroy(&d->gate);
	free(d->path);
	free(d);
	return 0;
}

static inline void
discard(struct mail *m)
{
	struct note *n = (struct note *)m;

	n->desk->discarded++;
	free(n);
}

static inline int
work(struct job *j, struct state *s, struct err *e)
{
	struct note *n = (struct note *)j;

	if (n->slow)
		sem_wait(&n->desk->gate);
	buf_addf(&n->desk->worked, "%s ", n->id);
	if (state_put_outbox(s, n->id, "r", "{}", 1, e) == -1)
		return -1;
	return n->bad ? err_set(e, "%s is bad", n->id) : 0;
}

static inline void
done(struct job *j)
{
	struct note *n = (struct note *)j;

	buf_addf(&n->desk->said, "%s%s%s ", n->id, j->failed ? "=" : "",
	    j->failed ? j->why.text : "");
	if (--n->desk->left == 0)
		loop_stop(n->desk->loop);
	free(n);
}

static inline struct note *
note_new(struct desk *d, const char *id)
{
	struct note *n;

	NEW(n);
	n->job = (struct job){ .mail.discard = discard, .work = work,
	    .done = done };
	n->desk = d;
	(void)snprintf(n->id, sizeof n->id, "%s", id);
	return n;
}

static inline void
put(struct desk *d, const char *id, bool bad)
{
	struct note *n = note_new(d, id);

	n->bad = bad;
	d->left++;
	assert_int_equal(keeper_put(d->keeper, &n->job), 0);
}

static inline void
start(struct desk *d)
{
	struct err e;

	assert_int_equal(keeper_start(d->keeper, &e), 0);
}

static inline void
run(struct desk *d)
{
	struct err e;

	assert_int_equal(loop_run(d->loop, &e), 0);
}

static inline void
list(void *arg, const char *id, const char *receiver, const char *json,
    int64_t at_ms, bool handed)
{
	(void)handed;
	(void)receiver;
	(void)json;
	(void)at_ms;
	buf_addf(arg, "%s ", id);
}

/* What another agent would find after this one. */
static inline void
assert_kept(struct desk *d, const char *ids)
{
	struct buf b;
	struct err e;
	bool later;
	char *note;
	struct state *s;

	assert_int_equal(keeper_stop(d->keeper, 5000), 0);
	keeper_free(d->keeper);
	d->keeper = NULL;
	buf_init(&b, 65536);
	s = state_open(d->path, &note, &later, &e);
	assert_non_null(s);
	assert_int_equal(state_each_outbox(s, list, &b, &e), 0);
	assert_string_equal(b.data ? b.data : "", ids);
	buf_free(&b);
	state_close(s);
}

#endif
