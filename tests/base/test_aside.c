/*
 * aside: what is quick is done at once; what hangs costs one moment and one
 * thread, until it comes back.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/aside.h"
#include "base/clock.h"
#include "base/mem.h"

#define MOMENT_MS	60	/* for what hangs */
#define PATIENCE_MS	10000	/* for what does not, on a busy machine */

static atomic_int begun, discarded;
static atomic_bool gate;	/* open */

struct task {
	struct aside	 aside;		/* first */
	bool		 hangs;
	int		 result;
};

static void
on_work(struct aside *a)
{
	struct task *t = (struct task *)(void *)a;

	atomic_fetch_add(&begun, 1);
	while (t->hangs && !atomic_load(&gate))
		usleep(1000);
	t->result = 42;
}

static void
on_discard(struct aside *a)
{
	atomic_fetch_add(&discarded, 1);
	free(a);
}

static struct task *
task_new(bool hangs)
{
	struct task *t;

	NEW(t);
	t->aside.work = on_work;
	t->aside.discard = on_discard;
	t->hangs = hangs;
	return t;
}

/* How long it took; -1: it was not done. */
static int64_t
run(const char *name, bool hangs)
{
	struct task *t = task_new(hangs);
	int64_t before = mono_ms();

	if (aside_run(&t->aside, name, hangs ? MOMENT_MS : PATIENCE_MS) == -1)
		return -1;
	assert_int_equal(t->result, 42);
	free(t);
	return mono_ms() - before;
}

static void
until(const atomic_int *what, int n)
{
	for (int i = 0; i < 2000 && atomic_load(what) < n; i++)
		usleep(5000);
	assert_int_equal(atomic_load(what), n);
}

static void
start_over(void)
{
	atomic_store(&begun, 0);
	atomic_store(&discarded, 0);
	atomic_store(&gate, false);
}

static void
test_quick(void **state)
{
	(void)state;
	start_over();
	for (int i = 0; i < 100; i++)
		assert_true(run("quick", false) >= 0);
	assert_int_equal(atomic_load(&discarded), 0);
}

static void
test_hang(void **state)
{
	int64_t before = mono_ms();

	(void)state;
	start_over();
	assert_int_equal(run("hung", true), -1);
	assert_true(mono_ms() - before >= MOMENT_MS);
	/* Not again: nobody waits for it a second time. */
	before = mono_ms();
	for (int i = 0; i < 20; i++)
		assert_int_equal(run("hung", true), -1);
	assert_true(mono_ms() - before < 20 * MOMENT_MS);
	until(&begun, 1);
	assert_true(run("another", false) >= 0);
	atomic_store(&gate, true);
	until(&discarded, 21);
	for (int i = 0; i < 200 && run("hung", false) == -1; i++)
		usleep(5000);
	assert_true(run("hung", false) >= 0);
}

static void
test_many(void **state)
{
	char name[16];

	(void)state;
	start_over();
	for (int i = 0; i < ASIDE_MAX + 5; i++) {
		struct task *t = task_new(true);

		(void)snprintf(name, sizeof name, "%d", i);
		assert_int_equal(aside_run(&t->aside, name, 1), -1);
	}
	until(&begun, ASIDE_MAX);
	assert_int_equal(run("one more", false), -1);
	atomic_store(&gate, true);
	until(&discarded, ASIDE_MAX + 5 + 1);
	assert_true(run("one more", false) >= 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quick),
		cmocka_unit_test(test_hang),
		cmocka_unit_test(test_many),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
