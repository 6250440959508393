/*
 * spawn: a program that is no longer wanted.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "alerts/receiver.h"
#include "alerts/spawn.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define MUCH		300000	/* more than a pipe holds */
#define DEAF_LIMIT_MS	30000	/* a shell that is slow to begin */

struct stage {
	struct loop	  *loop;
	struct spawn_list  ending;
	struct loop_timer  tick;
	unsigned	   calls, ticks;
};

static char dir[] = "/tmp/litegauge-spawn-XXXXXX";

static void
on_done(void *arg, int status, const char *said, const char *error,
    int timed_out)
{
	(void)status;
	(void)said;
	(void)error;
	(void)timed_out;
	((struct stage *)arg)->calls++;
}

static int
setup(void **state)
{
	struct stage *s;
	struct err e;

	NEW(s);
	s->loop = loop_new(&e);
	assert_non_null(s->loop);
	*state = s;
	return 0;
}

/* Nobody was told, and no zombie is left. */
static int
teardown(void **state)
{
	struct stage *s = *state;

	assert_true(LIST_EMPTY(&s->ending));
	assert_int_equal(s->calls, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	loop_free(s->loop);
	free(s);
	return 0;
}

static struct request
request_of(const char *command)
{
	struct request q = { .kind = REQUEST_EXEC, .url = mem_strdup(command),
		.body = mem_new(1, MUCH + 1) };

	memset(q.body, 'x', MUCH);
	return q;
}

/* The loop that has ended waits for them, once for all. */
static void
test_the_loop_has_ended(void **state)
{
	static const char *const commands[] = { "/bin/sleep 60",
	    "/bin/sh -c 'trap \"\" TERM; while :; do sleep 0.05; done'",
	    "/nowhere/at/all", "no-such-program-anywhere" };
	struct stage *s = *state;

	for (size_t i = 0; i < 4 * COUNT(commands); i++) {
		struct request q = request_of(commands[i % COUNT(commands)]);

		spawn_cancel(spawn_start(s->loop, &q, 10000, on_done, s),
		    &s->ending);
		request_done(&q);	/* which it may not read any more */
	}
	spawn_wait(&s->ending);
}

static void
on_tick(void *arg)
{
	struct stage *s = arg;

	s->ticks++;
	if (LIST_EMPTY(&s->ending))
		loop_stop(s->loop);
	else
		loop_timer_set(s->loop, &s->tick, mono_ms() + 10);
}

/* One that surely does not hear SIGTERM. */
static struct spawn *
start_deaf(struct stage *s, struct request *q)
{
	char *path = mem_printf("%s/deaf", dir);
	char *command = mem_printf("/bin/sh -c 'trap \"\" TERM; : >%s; "
	    "while :; do sleep 0.05; done'", path);
	int64_t began = mono_ms();
	struct spawn *ret;

	*q = request_of(command);
	ret = spawn_start(s->loop, q, 10000, on_done, s);
	while (access(path, F_OK) == -1) {
		assert_true(mono_ms() - began < DEAF_LIMIT_MS);
		usleep(1000);
	}
	assert_int_equal(unlink(path), 0);
	free(command);
	free(path);
	return ret;
}

/* It goes on between asking a deaf one to end and killing it. */
static void
test_the_loop_goes_on(void **state)
{
	struct stage *s = *state;
	struct request q;
	struct spawn *deaf = start_deaf(s, &q);
	struct err e;

	s->tick = (struct loop_timer){ .fn = on_tick, .arg = s };
	spawn_cancel(deaf, &s->ending);
	request_done(&q);
	assert_false(LIST_EMPTY(&s->ending));	/* that did not wait for it */
	on_tick(s);
	assert_int_equal(loop_run(s->loop, &e), 0);
	assert_true(s->ticks >= 2);
}

#define STAGE(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE(test_the_loop_has_ended), STAGE(test_the_loop_goes_on),
	};
	int rc;

	signal(SIGPIPE, SIG_IGN);	/* as the agent does */
	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (mkdtemp(dir) == NULL)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(dir);
	return rc;
}
