/*
 * Mail arrives once, in order, from many threads; the descriptor tells of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/inbox.h"
#include "base/mem.h"

#define SENDERS	4
#define LETTERS	5000

struct letter {
	struct mail	 mail;
	unsigned	 sender, number;
};

static unsigned discarded;

static void
discard(struct mail *m)
{
	discarded++;
	free(m);
}

static struct mail *
letter_new(unsigned sender, unsigned number)
{
	struct letter *l;

	NEW(l);
	l->mail.discard = discard;
	l->sender = sender;
	l->number = number;
	return &l->mail;
}

static struct inbox *
inbox_of(size_t limit)
{
	struct err e;
	struct inbox *in = inbox_new(limit, &e);

	assert_non_null(in);
	return in;
}

static bool
readable(const struct inbox *in, int wait_ms)
{
	struct pollfd p = { .fd = inbox_fd(in), .events = POLLIN };

	return poll(&p, 1, wait_ms) == 1;
}

static void
test_order(void **state)
{
	struct inbox *in = inbox_of(10);
	struct mail *m, *next;
	unsigned n = 0;

	(void)state;
	assert_null(inbox_take(in));
	assert_false(readable(in, 0));
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(inbox_put(in, letter_new(0, i)), 0);
	assert_true(readable(in, 0));
	for (m = inbox_take(in); m != NULL; m = next) {
		next = m->next;
		assert_int_equal(((struct letter *)m)->number, n++);
		free(m);
	}
	assert_int_equal(n, 3);
	assert_false(readable(in, 0));
	assert_null(inbox_take(in));
	inbox_free(in);
	inbox_free(NULL);
}

static void
test_limit(void **state)
{
	struct inbox *in = inbox_of(2);
	struct mail *extra = letter_new(0, 2), *m;

	(void)state;
	discarded = 0;
	assert_int_equal(inbox_put(in, letter_new(0, 0)), 0);
	assert_int_equal(inbox_put(in, letter_new(0, 1)), 0);
	assert_int_equal(inbox_put(in, extra), -1);
	m = inbox_take(in);
	assert_int_equal(inbox_put(in, extra), 0);	/* room again */
	free(m->next);
	free(m);
	assert_int_equal(discarded, 0);
	inbox_free(in);		/* with one unread */
	assert_int_equal(discarded, 1);
}

struct sender {
	struct inbox	*in;
	unsigned	 id;
};

static void *
send_all(void *arg)
{
	const struct sender *s = arg;

	for (unsigned i = 0; i < LETTERS; i++)
		if (inbox_put(s->in, letter_new(s->id, i)) == -1)
			abort();
	return NULL;
}

static void
test_threads(void **state)
{
	struct inbox *in = inbox_of(SENDERS * LETTERS);
	struct sender senders[SENDERS];
	pthread_t threads[SENDERS];
	unsigned next[SENDERS] = { 0 }, n = 0;
	struct mail *m, *after;

	(void)state;
	for (unsigned i = 0; i < SENDERS; i++) {
		senders[i] = (struct sender){ in, i };
		assert_int_equal(pthread_create(&threads[i], NULL, send_all,
		    &senders[i]), 0);
	}
	while (n < SENDERS * LETTERS) {
		assert_true(readable(in, 10000));
		for (m = inbox_take(in); m != NULL; m = after) {
			const struct letter *l = (struct letter *)m;

			after = m->next;
			assert_int_equal(l->number, next[l->sender]++);
			n++;
			free(m);
		}
	}
	for (unsigned i = 0; i < SENDERS; i++)
		pthread_join(threads[i], NULL);
	assert_null(inbox_take(in));
	inbox_free(in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_threads),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
