/*
 * announce: what is handed to a fallback, and what a disk that hangs delays.
 */
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/state/keeper.h"
#include "tests/agent/stage.h"

/* --- fallbacks ------------------------------------------------------------ */

/* Who only stands in hears what is handed over, and its end, whoever is well by
 * then. */
static void
test_the_end_of_what_was_handed_over(void **state)
{
	struct stage *s = *state;
	struct notification *n = make_alert(NOTIFY_FIRING, "app", "crowd");

	add(s, 0, false);
	add(s, 1, true);
	see(s, 1, 11);
	must_hear(s, 0, "firing app crowd");
	must_hear(s, 1, "");
	assert_true(announce_handed(&s->agent, "ops", "spare", n));
	must_hear(s, 1, "firing app crowd");
	see(s, 1, 1);
	must_hear(s, 0, "resolved app crowd");
	must_hear(s, 1, "resolved app crowd");
	see(s, 1, 11);
	must_hear(s, 0, "firing app crowd");
	must_hear(s, 1, "");
	notification_free(n);
}

/* A fallback that the rule means is not handed what it hears anyway. */
static void
test_no_need(void **state)
{
	struct stage *s = *state;
	struct notification *n = make_alert(NOTIFY_FIRING, "app", "crowd");

	add_all(s);
	see(s, 1, 11);
	all_must_hear(s, "firing app crowd");
	assert_false(announce_handed(&s->agent, "ops", "spare", n));
	assert_false(announce_handed(&s->agent, "ops", "nobody", n));
	notification_free(n);
}

/* It refuses what it was handed, and the end of it too: whom it would hand that
 * to has never heard of the alert. */
static void
test_no_end_of_what_was_not_handed_over(void **state)
{
	static const struct reply refusing[] = { { REPLY, "400 No", "" } };
	struct stage *s = *state;
	struct notification *n = make_alert(NOTIFY_FIRING, "app", "crowd");
	struct receiver spare;

	server_free(s->servers[1]);
	s->servers[1] = server_start(refusing, 1);
	spare = batch_at("spare", s->servers[1]->port, 0);
	spare.reserve = true;
	spare.fallback = mem_strdup("night");
	add(s, 0, false);
	outbox_add_receiver(s->world->outbox, &spare);
	add(s, 2, true);
	see(s, 1, 11);
	assert_true(announce_handed(&s->agent, "ops", "spare", n));
	run(s->world, 2, NULL, 0);
	see(s, 1, 1);
	run(s->world, 4, NULL, 0);
	assert_int_equal(s->world->ngiven, 0);
	must_hear(s, 2, "");
	notification_free(n);
}

/* --- a disk that hangs ---------------------------------------------------- */

static void
discard(struct mail *m)
{
	free(m);
}

/* What the keeper would not take goes out from memory: behind what waits for
 * it, or an end would come before its beginning. */
static void
test_in_order(void **state)
{
	struct stage *s = *state;
	struct err e;

	add(s, 0, false);
	s->agent.keeper = keeper_new(NULL, s->agent.loop, &e);
	assert_non_null(s->agent.keeper);
	s->agent.state_up = true;
	see(s, 1, 11);
	must_hear(s, 0, "");
	for (;;) {
		struct job *j;

		NEW(j);
		j->mail.discard = discard;
		if (keeper_put(s->agent.keeper, j) == 0)
			continue;
		free(j);
		break;
	}
	see(s, 1, 1);
	must_hear(s, 0, "firing app crowd, resolved app crowd");
	keeper_free(s->agent.keeper);
	s->agent.keeper = NULL;
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_end_of_what_was_handed_over),
		TEST(test_no_need),
		TEST(test_no_end_of_what_was_not_handed_over),
		TEST(test_in_order),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
