/*
 * The keeper's promises: order, one transaction for many, a bad job that harms
 * nobody else, a bounded queue, and a stop that does not wait for ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "tests/agent/desk.h"


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
