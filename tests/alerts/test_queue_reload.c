/*
 * A receiver that gets another configuration while a message flies: what the
 * old place says of it does not hold for the new one.
 */
#include <curl/curl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/alerts/world.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))

static const struct reply fine[] = { { REPLY, "204 No Content", NULL } };

static const struct reply noes[][1] = {
	{ { REPLY, "410 Gone", NULL } },
	{ { REPLY, "400 Bad Request", NULL } },
	{ { REPLY, "500 Oops", NULL } },
	{ { HANG_UP, NULL, NULL } },
};

static void
reload(struct world *w, int port)
{
	outbox_mark(w->outbox);
	add_receiver(w, "ops", port);
	outbox_sweep(w->outbox);
}

static void
test_no_of_the_old_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(noes); i++) {
		struct server *old = server_start(noes[i], 1);
		struct server *new = server_start(fine, 1);
		struct world *w = world_new(5);

		add_receiver(w, "ops", old->port);
		send_to(w, "ops", NOTIFY_FIRING, "app");
		run(w, 0, NULL, 0);		/* it flies */
		reload(w, new->port);
		run(w, 1, new, 1);
		assert_int_equal(server_count(old), 1);
		assert_int_equal(w->ended[0].end, OUTBOX_DELIVERED);
		/* And it is open for the next. */
		send_to(w, "ops", NOTIFY_FIRING, "shop");
		run(w, 2, new, 2);
		assert_int_equal(w->ended[1].end, OUTBOX_DELIVERED);
		world_free(w);
		server_free(old);
		server_free(new);
	}
}

/* A yes is one, and it is not said twice. */
static void
test_yes_of_the_old_place(void **state)
{
	struct server *old = server_start(fine, 1);
	struct server *new = server_start(fine, 1);
	struct world *w = world_new(5);

	(void)state;
	add_receiver(w, "ops", old->port);
	send_to(w, "ops", NOTIFY_FIRING, "app");
	run(w, 0, NULL, 0);
	reload(w, new->port);
	run(w, 1, old, 1);
	assert_int_equal(w->ended[0].end, OUTBOX_DELIVERED);
	assert_int_equal(server_count(new), 0);
	world_free(w);
	server_free(old);
	server_free(new);
}

/* The new place may say no as well. */
static void
test_no_of_both(void **state)
{
	struct server *old = server_start(noes[0], 1);
	struct world *w = world_new(5);

	(void)state;
	add_receiver(w, "ops", old->port);
	send_to(w, "ops", NOTIFY_FIRING, "app");
	run(w, 0, NULL, 0);
	reload(w, old->port);
	run(w, 1, old, 2);
	assert_int_equal(w->ended[0].end, OUTBOX_REFUSED);
	world_free(w);
	server_free(old);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_of_the_old_place),
		cmocka_unit_test(test_yes_of_the_old_place),
		cmocka_unit_test(test_no_of_both),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
