/*
 * What a process runs is read once for all who ask, a slice at a time, by
 * however many threads; and what is remembered has a bound.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collectors/binaries.h"
#include "collectors/mapped.h"

#define SLICE		(1 << 20)
#define THREADS		4
#define ASKS_MAX	2000

/* Bytes of the files that this program runs. */
static int64_t
own_bytes(void)
{
	int fds[MAPPED_MAX];
	size_t n = mapped_open(getpid(), fds);
	int64_t sum = 0;

	assert_true(n >= 2);	/* the library, and the program */
	for (size_t i = 0; i < n; i++) {
		struct stat st;

		assert_int_equal(fstat(fds[i], &st), 0);
		sum += st.st_size;
		close(fds[i]);
	}
	return sum;
}

/* Asks to the end; returns how many bytes were read for it. */
static int64_t
ask_all(struct binaries *b, int64_t now, struct program *p)
{
	int64_t sum = 0, budget = SLICE;

	for (int i = 0; binaries_ask(b, getpid(), now, &budget, p); i++) {
		/* A span more than the slice, at most. */
		assert_true(budget > -SLICE && i < ASKS_MAX);
		sum += SLICE - budget;
		budget = SLICE;
	}
	return sum + SLICE - budget;
}

static void
assert_own(const struct program *p)
{
	assert_string_equal(p->name, "test_binaries");
	assert_string_equal(p->sqlite, sqlite3_libversion());
	assert_string_equal(p->litestream, "");
	assert_false(p->dated || p->stops);
}

static void
test_once(void **state)
{
	struct binaries *b = binaries_new();
	int64_t bytes = own_bytes(), budget = SLICE, read;
	struct program p;

	(void)state;
	/* Nothing is told of what was read in part. */
	assert_true(binaries_ask(b, getpid(), 1000, &budget, &p));
	assert_string_equal(p.sqlite, "");
	read = SLICE - budget + ask_all(b, 1000, &p);
	assert_own(&p);
	print_message("# %lld bytes, %lld read\n", (long long)bytes,
	    (long long)read);
	/* Spans overlap a little. */
	assert_true(read >= bytes && read < bytes + bytes / 50);
	/* Another database, and the next minute. */
	assert_int_equal(ask_all(b, 2000, &p), 0);
	assert_own(&p);
	assert_int_equal(ask_all(b, 2000 + BINARIES_FRESH_MS, &p), 0);
	assert_own(&p);
	/* No budget is no answer, once there is something to look at. */
	budget = 0;
	assert_true(binaries_ask(b, getpid(), 9000 + 2 * BINARIES_FRESH_MS,
	    &budget, &p));
	assert_own(&p);
	binaries_free(b);
	binaries_free(NULL);
}

static struct binaries *shared;
static struct {
	int64_t		 read;
	struct program	 program;
} asked[THREADS];

static void *
ask(void *arg)
{
	size_t me = (size_t)(uintptr_t)arg;
	struct program *p = &asked[me].program;

	/* While somebody else works on it there is nothing to tell yet. */
	for (int i = 0; i < ASKS_MAX && p->sqlite[0] == '\0'; i++) {
		int64_t budget = SLICE;

		(void)binaries_ask(shared, getpid(), 1000, &budget, p);
		asked[me].read += SLICE - budget;
		(void)usleep(1000);
	}
	return NULL;
}

static void
test_threads(void **state)
{
	int64_t bytes = own_bytes(), sum = 0;
	pthread_t threads[THREADS];

	(void)state;
	shared = binaries_new();
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask,
		    (void *)(uintptr_t)i), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < THREADS; i++) {
		assert_own(&asked[i].program);
		sum += asked[i].read;
	}
	assert_true(sum >= bytes && sum < bytes + bytes / 50);
	binaries_free(shared);
}

/* A process of its own that ends at once; what is known of it. */
static void
ask_child(struct binaries *b, int64_t now, struct program *p)
{
	int64_t budget = SLICE;
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	assert_true(pid > 0);
	(void)binaries_ask(b, pid, now, &budget, p);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* Nobody is what nothing is known of. */
	budget = SLICE;
	assert_false(binaries_ask(b, pid, now, &budget, &(struct program){
	    .name = "" }));
	assert_int_equal(budget, SLICE);
}

static void
test_bound(void **state)
{
	struct binaries *b = binaries_new();
	struct program p;

	(void)state;
	(void)ask_all(b, 1000, &p);
	for (int i = 1; i < BINARIES_PROCESSES; i++) {
		ask_child(b, 1000, &p);
		assert_own(&p);
	}
	ask_child(b, 1000, &p);
	assert_string_equal(p.name, "");
	/* Whom nobody asks for any more makes room. */
	ask_child(b, 1000 + 2 * BINARIES_FRESH_MS, &p);
	assert_own(&p);
	binaries_free(b);
}

static void
test_news(void **state)
{
	struct binaries *b = binaries_new();
	char text[32];
	int told = 0;

	(void)state;
	assert_true(binaries_is_news(b, "a"));
	assert_false(binaries_is_news(b, "a"));
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof text, "%d", i);
		told += binaries_is_news(b, text);
		assert_false(binaries_is_news(b, text));
	}
	assert_in_range(told, 10, 100);
	binaries_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once), cmocka_unit_test(test_threads),
		cmocka_unit_test(test_bound), cmocka_unit_test(test_news),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
