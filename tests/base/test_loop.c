/*
 * Timers in the order of their time, descriptors while they are watched, and
 * callbacks that change both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"

struct bench {
	struct loop	*loop;
	struct buf	 said;
	struct loop_timer limit;
	int		 fds[2];
	int64_t		 began;
	unsigned	 prepared;
};

struct bell {
	struct loop_timer timer;
	struct bench	*bench;
	struct bell	*other;		/* to clear, or NULL */
	const char	*name;
	int		 again;		/* times to set itself anew */
};

static void
stop(void *arg)
{
	struct bench *b = arg;

	loop_stop(b->loop);
}

static int
setup(void **state)
{
	struct bench *b;
	struct err e;

	NEW(b);
	buf_init(&b->said, 1000);
	buf_adds(&b->said, "");
	b->loop = loop_new(&e);
	assert_non_null(b->loop);
	b->limit.fn = stop;
	b->limit.arg = b;
	for (int i = 0; i < 2; i++)
		b->fds[i] = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
	b->began = mono_ms();
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	loop_free(b->loop);
	close(b->fds[0]);
	close(b->fds[1]);
	buf_free(&b->said);
	free(b);
	return 0;
}

static void
run_for(struct bench *b, int64_t ms)
{
	struct err e;

	loop_timer_set(b->loop, &b->limit, mono_ms() + ms);
	assert_int_equal(loop_run(b->loop, &e), 0);
}

static void
ring(void *arg)
{
	struct bell *bell = arg;

	buf_adds(&bell->bench->said, bell->name);
	assert_int_equal(bell->timer.due, 0);
	if (bell->other != NULL)
		loop_timer_clear(bell->bench->loop, &bell->other->timer);
	if (bell->again-- > 0)
		loop_timer_set(bell->bench->loop, &bell->timer, mono_ms() + 1);
}

static struct bell
bell_of(struct bench *b, const char *name)
{
	return (struct bell){ { .fn = ring }, b, NULL, name, 0 };
}

static void
set(struct bell *bell, int64_t after_ms)
{
	bell->timer.arg = bell;
	loop_timer_set(bell->bench->loop, &bell->timer,
	    bell->bench->began + after_ms);
}

static void
test_timer_order(void **state)
{
	struct bench *b = *state;
	struct bell one = bell_of(b, "a"), two = bell_of(b, "b");
	struct bell three = bell_of(b, "c"), four = bell_of(b, "d");

	set(&three, 20);
	set(&one, -5);		/* due already */
	set(&four, 20);		/* at the same time: as they were set */
	set(&two, 10);
	run_for(b, 40);
	assert_string_equal(b->said.data, "abcd");
	assert_true(mono_ms() - b->began >= 40);
}

static void
test_timer_changes(void **state)
{
	struct bench *b = *state;
	struct bell first = bell_of(b, "f"), second = bell_of(b, "s");
	struct bell moved = bell_of(b, "m"), again = bell_of(b, "r");

	first.other = &second;
	again.again = 2;
	set(&first, 5);
	set(&second, 5);	/* cleared by the first */
	set(&moved, 1);
	set(&moved, 30);	/* setting it again moves it */
	set(&again, 10);
	run_for(b, 60);
	assert_string_equal(b->said.data, "frrrm");
	loop_timer_clear(b->loop, &moved.timer);	/* not set: no harm */
}

static void
on_ready(void *arg, int fd, uint32_t events)
{
	struct bench *b = arg;
	uint64_t n;

	assert_true(events & EPOLLIN);
	assert_int_equal(read(fd, &n, sizeof n), sizeof n);
	buf_addf(&b->said, "%d", fd == b->fds[1]);
}

static void
test_watch(void **state)
{
	const uint64_t one = 1;
	struct bench *b = *state;
	struct err e;

	assert_int_equal(loop_watch(b->loop, b->fds[0], EPOLLIN, on_ready, b,
	    &e), 0);
	run_for(b, 5);
	assert_string_equal(b->said.data, "0");
	assert_int_equal(write(b->fds[0], &one, sizeof one), sizeof one);
	assert_int_equal(loop_watch(b->loop, b->fds[0], 0, on_ready, b, &e), 0);
	run_for(b, 5);
	assert_string_equal(b->said.data, "0");
	assert_int_equal(loop_watch(b->loop, b->fds[0], EPOLLIN, on_ready, b,
	    &e), 0);
	run_for(b, 5);
	assert_string_equal(b->said.data, "00");
	assert_int_equal(loop_watch(b->loop, -1, EPOLLIN, on_ready, b, &e), -1);
	assert_int_equal(loop_watch(b->loop, 1 << 30, EPOLLIN, on_ready, b,
	    &e), -1);
	assert_int_equal(loop_watch(b->loop, 9999, EPOLLIN, on_ready, b, &e),
	    -1);	/* nothing is open there */
	loop_unwatch(b->loop, 9999);
	loop_unwatch(b->loop, -1);
	loop_unwatch(b->loop, 1 << 30);
}

/* Both are ready; whichever comes first silences both. */
static void
unwatch_both(void *arg, int fd, uint32_t events)
{
	struct bench *b = arg;

	(void)fd;
	(void)events;
	buf_adds(&b->said, "x");
	loop_unwatch(b->loop, b->fds[0]);
	loop_unwatch(b->loop, b->fds[1]);
}

static void
test_unwatch_inside(void **state)
{
	struct bench *b = *state;
	struct err e;

	for (int i = 0; i < 2; i++)
		assert_int_equal(loop_watch(b->loop, b->fds[i], EPOLLIN,
		    unwatch_both, b, &e), 0);
	run_for(b, 10);
	assert_string_equal(b->said.data, "x");
	assert_int_equal(loop_watch(b->loop, b->fds[1], EPOLLIN, on_ready, b,
	    &e), 0);
	run_for(b, 10);
	assert_string_equal(b->said.data, "x1");
}

/* A watch made inside a callback may make the table of them grow. */
static void
watch_high(void *arg, int fd, uint32_t events)
{
	struct bench *b = arg;
	struct err e;
	int high = dup2(b->fds[1], 700);

	(void)events;
	assert_int_equal(high, 700);
	loop_unwatch(b->loop, fd);
	assert_int_equal(loop_watch(b->loop, high, EPOLLIN, on_ready, b, &e),
	    0);
}

static void
test_watch_inside(void **state)
{
	struct bench *b = *state;
	struct err e;

	assert_int_equal(loop_watch(b->loop, b->fds[0], EPOLLIN, watch_high, b,
	    &e), 0);
	run_for(b, 10);
	assert_string_equal(b->said.data, "0");
	loop_unwatch(b->loop, 700);
	close(700);
}

static void
on_other(void *arg, int fd, uint32_t events)
{
	struct bench *b = arg;

	(void)fd;
	(void)events;
	buf_adds(&b->said, "stale");
}

/* Both are ready; whichever comes first closes the other, and what is opened
 * then has its number and nothing to say. */
static void
replace_other(void *arg, int fd, uint32_t events)
{
	struct bench *b = arg;
	int other = fd == b->fds[0] ? b->fds[1] : b->fds[0];
	struct err e;

	(void)events;
	buf_adds(&b->said, "r");
	loop_unwatch(b->loop, fd);
	loop_unwatch(b->loop, other);
	close(other);
	assert_int_equal(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), other);
	assert_int_equal(loop_watch(b->loop, other, EPOLLIN, on_other, b, &e),
	    0);
}

static void
test_number_again(void **state)
{
	struct bench *b = *state;
	struct err e;

	for (int i = 0; i < 2; i++)
		assert_int_equal(loop_watch(b->loop, b->fds[i], EPOLLIN,
		    replace_other, b, &e), 0);
	run_for(b, 10);
	assert_string_equal(b->said.data, "r");
}

static int64_t
prepare(void *arg)
{
	struct bench *b = arg;

	if (++b->prepared == 3)
		loop_stop(b->loop);
	return 2;
}

static void
test_prepare(void **state)
{
	struct bench *b = *state;

	loop_prepare(b->loop, prepare, b);
	run_for(b, 10000);
	assert_int_equal(b->prepared, 3);
	assert_true(mono_ms() - b->began < 10000);
}

#define STORY(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_timer_order), STORY(test_timer_changes),
		STORY(test_watch), STORY(test_unwatch_inside),
		STORY(test_watch_inside), STORY(test_number_again),
		STORY(test_prepare),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
