/*
 * The keeper's promises: order, one transaction for many, a bad job that harms
 * nobody else, a bounded queue, and a stop that does not wait for ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <semaphore.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/buf.h"
#include "agent/clock.h"
#include "agent/err.h"
#include "agent/keeper.h"
#include "agent/loop.h"
#include "agent/mem.h"
#include "agent/state.h"

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

static void
on_limit(void *arg)
{
	(void)arg;
	fail_msg("the keeper did not answer within 20 s");
}

static int
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

static int
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

static void
discard(struct mail *m)
{
	struct note *n = (struct note *)m;

	n->desk->discarded++;
	free(n);
}

static int
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

static void
done(struct job *j)
{
	struct note *n = (struct note *)j;

	buf_addf(&n->desk->said, "%s%s%s ", n->id, j->failed ? "=" : "",
	    j->failed ? j->why.text : "");
	if (--n->desk->left == 0)
		loop_stop(n->desk->loop);
	free(n);
}

static struct note *
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

static void
put(struct desk *d, const char *id, bool bad)
{
	struct note *n = note_new(d, id);

	n->bad = bad;
	d->left++;
	assert_int_equal(keeper_put(d->keeper, &n->job), 0);
}

static void
start(struct desk *d)
{
	struct err e;

	assert_int_equal(keeper_start(d->keeper, &e), 0);
}

static void
run(struct desk *d)
{
	struct err e;

	assert_int_equal(loop_run(d->loop, &e), 0);
}

static void
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
static void
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

static void
test_order(void **state)
{
	struct desk *d = *state;

	put(d, "a", false);
	put(d, "b", false);
	put(d, "c", false);
	start(d);
	run(d);
	put(d, "d", false);
	run(d);
	assert_string_equal(d->said.data, "a b c d ");
	assert_string_equal(d->worked.data, "a b c d ");
	assert_int_equal(keeper_busy_since(d->keeper), 0);
	assert_kept(d, "a b c d ");
}

/* The bad one undoes all three, then each has a transaction of its own. */
static void
test_bad_job(void **state)
{
	struct desk *d = *state;

	put(d, "a", false);
	put(d, "b", true);
	put(d, "c", false);
	start(d);
	run(d);
	assert_string_equal(d->said.data, "a b=b is bad c ");
	assert_string_equal(d->worked.data, "a b a b c ");
	assert_kept(d, "a c ");
}

/* Somebody's shell holds the file: all fail, once, and the next ones work. */
static void
test_locked(void **state)
{
	struct desk *d = *state;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(d->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
	    SQLITE_OK);
	put(d, "a", false);
	put(d, "b", false);
	start(d);
	run(d);
	assert_non_null(strstr(d->said.data, "a="));
	assert_non_null(strstr(d->said.data, "database is locked b="));
	assert_null(d->worked.data);
	sqlite3_close(db);
	put(d, "c", false);
	run(d);
	assert_kept(d, "c ");
}

static void
test_full(void **state)
{
	struct desk *d = *state;
	struct note *extra = note_new(d, "extra");

	for (int i = 0; i < KEEPER_QUEUE_MAX; i++)
		put(d, "x", false);
	assert_int_equal(keeper_put(d->keeper, &extra->job), -1);
	start(d);
	run(d);
	d->left++;
	assert_int_equal(keeper_put(d->keeper, &extra->job), 0);
	run(d);
	assert_kept(d, "x extra ");
}

/* Answers that nobody fetches count too. */
static void
test_full_of_answers(void **state)
{
	struct desk *d = *state;
	struct note *extra = note_new(d, "extra");

	for (int i = 0; i < KEEPER_QUEUE_MAX; i++)
		put(d, "x", false);
	start(d);
	while (keeper_busy_since(d->keeper) == 0)
		usleep(100);
	while (keeper_busy_since(d->keeper) != 0)
		usleep(1000);
	assert_int_equal(keeper_put(d->keeper, &extra->job), -1);
	discard(&extra->job.mail);
	assert_kept(d, "x ");
	assert_int_equal(d->discarded, KEEPER_QUEUE_MAX + 1);
	assert_null(d->said.data);
}

static void
test_stop_finishes(void **state)
{
	struct desk *d = *state;
	struct note *late = note_new(d, "late");

	start(d);
	for (int i = 0; i < 100; i++)
		put(d, "x", false);
	put(d, "y", false);
	assert_int_equal(keeper_stop(d->keeper, 5000), 0);
	assert_int_equal(keeper_put(d->keeper, &late->job), -1);
	discard(&late->job.mail);
	assert_kept(d, "x y ");
	assert_int_equal(d->discarded, 102);
}

static void
test_hang(void **state)
{
	struct desk *d = *state;
	struct note *n = note_new(d, "slow");
	int64_t began = mono_ms();

	n->slow = true;
	assert_int_equal(keeper_put(d->keeper, &n->job), 0);
	start(d);
	while (keeper_busy_since(d->keeper) == 0)
		usleep(1000);
	assert_true(keeper_busy_since(d->keeper) >= began);
	began = mono_ms();
	assert_int_equal(keeper_stop(d->keeper, 100), -1);
	assert_in_range(mono_ms() - began, 99, 10000);
	sem_post(&d->gate);
	assert_kept(d, "slow ");
}

static void
test_never_started(void **state)
{
	struct desk *d = *state;

	put(d, "a", false);
	assert_kept(d, "");
	assert_int_equal(d->discarded, 1);
}

#define STORY(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_order), STORY(test_bad_job), STORY(test_locked),
		STORY(test_full), STORY(test_full_of_answers),
		STORY(test_stop_finishes), STORY(test_hang),
		STORY(test_never_started),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
