/*
 * outbox: the real loop and the real curl against receivers that misbehave.
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

static const struct reply fine[] = { { REPLY, "200 OK", "" } };
static const struct reply silent[] = { { HANG, NULL, NULL } };

static void
test_delivered(void **state)
{
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(20);

	(void)state;
	add_receiver(w, "ops", s->port);
	assert_int_equal(outbox_receivers(w->outbox), 1);
	assert_string_equal(outbox_receiver_name(w->outbox, 0), "ops");
	send_to(w, "ops", NOTIFY_FIRING, "app");
	run(w, 1, s, 1);
	server_stop(s);
	assert_int_equal(w->ended[0].end, OUTBOX_DELIVERED);
	assert_non_null(strstr(s->seen[0].text, "POST /" SECRET_PATH));
	assert_non_null(strstr(s->seen[0].text, "User-Agent: litegauge\r\n"));
	assert_non_null(strstr(s->seen[0].text, w->ended[0].id));
	assert_non_null(strstr(s->seen[0].text, "\"type\":\"alert.firing\""));
	assert_null(strstr(s->seen[0].text, "Expect:"));
	assert_int_equal(stats_of(w, 0).delivered, 1);
	assert_int_equal(stats_of(w, 0).queued, 0);
	assert_int_equal(outbox_send(w->outbox, "nobody",
	    make(NOTIFY_FIRING, "app")), -1);
	world_free(w);
	server_free(s);
}

/* What fails, how it is counted; then a 200 that must come. */
static const struct failure {
	struct reply		 reply;
	enum outbox_reason	 reason;
} failures[] = {
	{ { REPLY, "500 Oops", "no" }, REASON_SERVER_ERROR },
	{ { REPLY, "503 Busy\r\nRetry-After: 0", "" }, REASON_SERVER_ERROR },
	{ { REPLY, "401 Who", "" }, REASON_AUTH_ERROR },
	{ { REPLY, "403 No", "" }, REASON_AUTH_ERROR },
	{ { REPLY, "404 Where", "" }, REASON_CLIENT_ERROR },
	{ { REPLY, "429 Slow", "" }, REASON_RATE_LIMITED },
	{ { REPLY, "302 Found\r\nLocation: http://127.0.0.1:1/", "" },
	    REASON_OTHER },
	{ { HANG_UP, NULL, NULL }, REASON_OTHER },
	{ { NONSENSE, NULL, NULL }, REASON_OTHER },
};

static void
test_failed_then_delivered(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(failures); i++) {
		const struct reply script[] = { failures[i].reply, fine[0] };
		struct server *s = server_start(script, 2);
		struct world *w = world_new(10);

		add_receiver(w, "ops", s->port);
		send_to(w, "ops", NOTIFY_FIRING, "app");
		run(w, 1, s, 2);
		server_stop(s);
		assert_int_equal(w->ended[0].end, OUTBOX_DELIVERED);
		assert_int_equal(s->nseen, 2);
		assert_non_null(strstr(s->seen[0].text, w->ended[0].id));
		assert_non_null(strstr(s->seen[1].text, w->ended[0].id));
		assert_int_equal(stats_of(w, 0).failed[failures[i].reason], 1);
		world_free(w);
		server_free(s);
	}
}

static void
test_retry_after(void **state)
{
	static const struct reply script[] = {
		{ REPLY, "429 Slow\r\nRetry-After: 1", "" },
		{ REPLY, "200 OK", "" },
	};
	struct server *s = server_start(script, 2);
	struct world *w = world_new(10);
	int64_t gap_ms;

	(void)state;
	add_receiver(w, "ops", s->port);
	send_to(w, "ops", NOTIFY_FIRING, "app");
	run(w, 1, s, 2);
	server_stop(s);
	gap_ms = s->seen[1].at_ms - s->seen[0].at_ms;
	assert_true(gap_ms >= 990);
	world_free(w);
	server_free(s);
}

/* One receiver hangs: the others hear at once. */
static void
test_a_hang_delays_nobody_else(void **state)
{
	struct server *dead = server_start(silent, 1);
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);

	(void)state;
	add_receiver(w, "dead", dead->port);
	add_receiver(w, "ops", s->port);
	send_to(w, "dead", NOTIFY_FIRING, "app");
	run(w, 0, dead, 1);
	for (int i = 0; i < 5; i++)
		send_to(w, "ops", NOTIFY_FIRING, "app");
	run(w, 5, s, 5);
	assert_int_equal(stats_of(w, 0).queued, 1);
	assert_int_equal(stats_of(w, 1).delivered, 5);
	world_free(w);
	server_free(dead);
	server_free(s);
}

static void
test_order_is_kept(void **state)
{
	static const struct reply script[] = {
		{ REPLY, "200 OK", "" }, { REPLY, "500 Oops", "" },
		{ REPLY, "500 Oops", "" }, { REPLY, "200 OK", "" },
	};
	static const char *const dbs[] = { "db-a", "db-a", "db-b", "db-b",
	    "db-b", "db-c" };
	struct server *s = server_start(script, 4);
	struct world *w = world_new(5);

	(void)state;
	add_receiver(w, "ops", s->port);
	send_to(w, "ops", NOTIFY_FIRING, "db-a");
	send_to(w, "ops", NOTIFY_RESOLVED, "db-a");
	send_to(w, "ops", NOTIFY_FIRING, "db-b");
	send_to(w, "ops", NOTIFY_FIRING, "db-c");
	run(w, 4, s, 6);
	server_stop(s);
	assert_int_equal(s->nseen, 6);
	/* a fires; a's end fails twice, then goes; then the others. */
	assert_non_null(strstr(s->seen[0].text, dbs[0]));
	for (size_t i = 1; i < 4; i++)
		assert_non_null(strstr(s->seen[i].text, "alert.resolved"));
	assert_non_null(strstr(s->seen[4].text, "db-b"));
	assert_non_null(strstr(s->seen[5].text, "db-c"));
	world_free(w);
	server_free(s);
}

static const struct reply oops_fine[] = {
	{ REPLY, "500 Oops", "" }, { REPLY, "200 OK", "" },
};

static void
test_overtaken(void **state)
{
	static const enum outbox_end ends[] = { OUTBOX_OVERTAKEN,
	    OUTBOX_DELIVERED, OUTBOX_DELIVERED };
	struct server *s = server_start(oops_fine, 2);
	struct world *w = world_new(300);

	(void)state;
	add_receiver(w, "ops", s->port);
	send_to(w, "ops", NOTIFY_FIRING, "app");
	send_to(w, "ops", NOTIFY_FIRING, "other");
	while (stats_of(w, 0).failed[REASON_SERVER_ERROR] == 0)
		run(w, 0, NULL, 0);
	send_to(w, "ops", NOTIFY_RESOLVED, "app");
	run(w, 3, s, 3);
	server_stop(s);
	assert_ends(w, ends, 3);
	assert_int_equal(s->nseen, 3);
	assert_non_null(strstr(s->seen[1].text, "\"db\":\"other\""));
	assert_non_null(strstr(s->seen[2].text, "alert.resolved"));
	assert_int_equal(stats_of(w, 0).dropped, 0);
	world_free(w);
	server_free(s);
}

/* The resolve comes while the firing message is still being tried. */
static void
test_overtaken_in_flight(void **state)
{
	static const enum outbox_end ends[] = { OUTBOX_OVERTAKEN,
	    OUTBOX_DELIVERED };
	struct server *s = server_start(oops_fine, 2);
	struct world *w = world_new(10);

	(void)state;
	add_receiver(w, "ops", s->port);
	send_to(w, "ops", NOTIFY_FIRING, "app");
	send_to(w, "ops", NOTIFY_RESOLVED, "app");
	run(w, 2, s, 2);
	server_stop(s);
	assert_ends(w, ends, 2);
	assert_non_null(strstr(s->seen[1].text, "alert.resolved"));
	world_free(w);
	server_free(s);
}

/* With a receiver that works, both are heard, however quick they come. */
static void
test_nothing_is_overtaken_in_good_times(void **state)
{
	static const enum outbox_end ends[] = { OUTBOX_DELIVERED,
	    OUTBOX_DELIVERED };
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);

	(void)state;
	add_receiver(w, "ops", s->port);
	send_to(w, "ops", NOTIFY_FIRING, "app");
	send_to(w, "ops", NOTIFY_RESOLVED, "app");
	run(w, 2, s, 2);
	assert_ends(w, ends, 2);
	world_free(w);
	server_free(s);
}

static void
test_refused(void **state)
{
	static const struct reply script[] = {
		{ REPLY, "400 What", "" }, { REPLY, "200 OK", "" },
	};
	static const enum outbox_end ends[] = { OUTBOX_REFUSED,
	    OUTBOX_DELIVERED };
	struct server *s = server_start(script, 2);
	struct world *w = world_new(10);

	(void)state;
	add_receiver(w, "ops", s->port);
	send_to(w, "ops", NOTIFY_FIRING, "app");
	send_to(w, "ops", NOTIFY_FIRING, "app");
	run(w, 2, s, 2);
	assert_ends(w, ends, 2);
	assert_int_equal(stats_of(w, 0).dropped, 1);
	assert_int_equal(stats_of(w, 0).failed[REASON_CLIENT_ERROR], 1);
	world_free(w);
	server_free(s);
}

/* The one in flight stays; the oldest behind it go. */
static void
test_bound(void **state)
{
	struct server *dead = server_start(silent, 1);
	struct world *w = world_new(10);

	(void)state;
	add_receiver(w, "dead", dead->port);
	for (int i = 0; i < OUTBOX_QUEUE_MAX + 5; i++)
		send_to(w, "dead", NOTIFY_FIRING, "app");
	assert_int_equal(w->nended, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(w->ended[i].end, OUTBOX_FULL);
	assert_int_equal(stats_of(w, 0).queued, OUTBOX_QUEUE_MAX);
	assert_int_equal(stats_of(w, 0).dropped, 5);
	run(w, 5, dead, 1);
	server_stop(dead);
	for (size_t i = 0; i < 5; i++)
		assert_null(strstr(dead->seen[0].text, w->ended[i].id));
	world_free(w);
	server_free(dead);
}

static void
test_too_old(void **state)
{
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);
	struct notification *n = make(NOTIFY_FIRING, "app");

	(void)state;
	add_receiver(w, "ops", s->port);
	n->at_ms -= OUTBOX_AGE_MAX_MS + 1000;
	assert_int_equal(outbox_send(w->outbox, "ops", n), 0);
	n = make(NOTIFY_FIRING, "app");
	n->at_ms -= OUTBOX_AGE_MAX_MS - 60000;
	assert_int_equal(outbox_send(w->outbox, "ops", n), 0);
	run(w, 2, s, 1);
	assert_int_equal(w->ended[0].end, OUTBOX_TOO_OLD);
	assert_int_equal(w->ended[1].end, OUTBOX_DELIVERED);
	assert_int_equal(server_count(s), 1);
	world_free(w);
	server_free(s);
}

/* A port where nobody listens; then the configuration is corrected. */
static void
test_replaced_while_queued(void **state)
{
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(60000);

	(void)state;
	add_receiver(w, "ops", 1);
	send_to(w, "ops", NOTIFY_FIRING, "app");
	while (stats_of(w, 0).failed[REASON_OTHER] == 0)
		run(w, 0, NULL, 0);
	outbox_mark(w->outbox);
	add_receiver(w, "ops", s->port);
	outbox_sweep(w->outbox);
	assert_int_equal(stats_of(w, 0).queued, 1);
	run(w, 1, s, 1);
	assert_int_equal(w->ended[0].end, OUTBOX_DELIVERED);
	world_free(w);
	server_free(s);
}

static void
test_removed_while_flying(void **state)
{
	static const enum outbox_end ends[] = { OUTBOX_REFUSED,
	    OUTBOX_REFUSED };
	struct server *dead = server_start(silent, 1);
	struct world *w = world_new(10);

	(void)state;
	add_receiver(w, "dead", dead->port);
	add_receiver(w, "ops", dead->port);
	send_to(w, "dead", NOTIFY_FIRING, "app");
	send_to(w, "dead", NOTIFY_RESOLVED, "app");
	run(w, 0, dead, 1);
	outbox_mark(w->outbox);
	add_receiver(w, "ops", dead->port);
	outbox_sweep(w->outbox);
	assert_ends(w, ends, 2);
	assert_int_equal(outbox_receivers(w->outbox), 1);
	assert_string_equal(outbox_receiver_name(w->outbox, 0), "ops");
	world_free(w);
	server_free(dead);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delivered),
		cmocka_unit_test(test_failed_then_delivered),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_a_hang_delays_nobody_else),
		cmocka_unit_test(test_order_is_kept),
		cmocka_unit_test(test_overtaken),
		cmocka_unit_test(test_overtaken_in_flight),
		cmocka_unit_test(test_nothing_is_overtaken_in_good_times),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_too_old),
		cmocka_unit_test(test_replaced_while_queued),
		cmocka_unit_test(test_removed_while_flying),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
