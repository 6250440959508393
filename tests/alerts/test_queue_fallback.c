/*
 * queue_fallback: what one cannot be told the other is, once.
 */
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/alerts/batch.h"

static const struct reply fine[] = { { REPLY, "200 OK", "" } };
static const struct reply refusing[] = { { REPLY, "400 What", "" } };
static const struct reply failing[] = { { REPLY, "500 Oops", "" } };
static const struct reply gone[] = { { REPLY, "410 Gone", "" } };

static void
add(struct world *w, const char *name, int port, const char *fallback)
{
	struct receiver r = batch_at(name, port, 0);

	if (fallback != NULL)
		r.fallback = mem_strdup(fallback);
	outbox_add_receiver(w->outbox, &r);
}

static void
test_refused_is_handed_over(void **state)
{
	struct server *bad = server_start(refusing, 1);
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);

	(void)state;
	add(w, "ops", bad->port, "spare");
	add(w, "spare", s->port, NULL);
	send_to(w, "ops", NOTIFY_FIRING, "a");
	run(w, 2, s, 1);
	server_stop(s);
	assert_int_equal(w->ngiven, 1);
	assert_string_equal(w->ended[0].id, w->given[0]);
	assert_string_equal(w->ended[0].receiver, "ops");
	assert_int_equal(w->ended[0].end, OUTBOX_REFUSED);
	assert_string_equal(w->ended[1].id, w->given[0]);
	assert_int_equal(w->ended[1].end, OUTBOX_DELIVERED);
	assert_int_equal(stats_of(w, 0).handed, 1);
	assert_said(s, 0, "firing a lag");
	world_free(w);
	server_free(bad);
	server_free(s);
}

/* Five minutes of failures, here in small; then at once, but each once. */
static void
test_failing_is_handed_over(void **state)
{
	struct server *bad = server_start(failing, 1);
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);	/* so 5 minutes are 600 ms */
	int64_t began = mono_ms();

	(void)state;
	add(w, "ops", bad->port, "spare");
	add(w, "spare", s->port, NULL);
	send_to(w, "ops", NOTIFY_FIRING, "a");
	send_to(w, "ops", NOTIFY_FIRING, "b");
	run(w, 2, s, 2);
	assert_true(mono_ms() - began >= 590);
	assert_true(server_count(bad) >= 3);
	began = mono_ms();
	send_to(w, "ops", NOTIFY_FIRING, "c");
	run(w, 3, s, 3);
	assert_true(mono_ms() - began < 500);
	server_stop(s);
	assert_said(s, 0, "firing a lag");
	assert_said(s, 1, "firing b lag");
	assert_said(s, 2, "firing c lag");
	assert_int_equal(stats_of(w, 0).queued, 3);
	assert_int_equal(stats_of(w, 0).handed, 3);
	assert_int_equal(w->ngiven, 3);
	world_free(w);
	server_free(bad);
	server_free(s);
}

static void
test_gone_is_handed_over(void **state)
{
	struct server *bad = server_start(gone, 1);
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);

	(void)state;
	add(w, "ops", bad->port, "spare");
	add(w, "spare", s->port, NULL);
	send_to(w, "ops", NOTIFY_FIRING, "a");
	run(w, 2, s, 1);
	send_to(w, "ops", NOTIFY_FIRING, "b");
	run(w, 4, s, 2);
	server_stop(s);
	assert_int_equal(server_count(bad), 1);
	assert_said(s, 1, "firing b lag");
	assert_int_equal(stats_of(w, 0).handed, 2);
	world_free(w);
	server_free(bad);
	server_free(s);
}

/* Two that name each other are no circle. */
static void
test_no_circle(void **state)
{
	struct server *bad = server_start(refusing, 1);
	struct world *w = world_new(10);

	(void)state;
	add(w, "ops", bad->port, "spare");
	add(w, "spare", bad->port, "ops");
	send_to(w, "ops", NOTIFY_FIRING, "a");
	run(w, 2, bad, 2);
	assert_int_equal(w->ngiven, 1);
	assert_int_equal(stats_of(w, 0).dropped, 1);
	assert_int_equal(stats_of(w, 1).dropped, 1);
	/* One that was handed over in an earlier life is not again. */
	assert_int_equal(outbox_send_kept(w->outbox, "ops",
	    make(NOTIFY_FIRING, "b"), true), 0);
	run(w, 3, bad, 3);
	assert_int_equal(w->ngiven, 1);
	world_free(w);
	server_free(bad);
}

/* The end that waits behind what is handed over goes along, for its receiver
 * may well be better by then. */
static void
test_the_end_goes_along(void **state)
{
	static const struct reply script[] = {
		{ REPLY, "400 What", "" }, { REPLY, "200 OK", "" },
	};
	struct server *bad = server_start(script, 2);
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);

	(void)state;
	add(w, "ops", bad->port, "spare");
	add(w, "spare", s->port, NULL);
	send_to(w, "ops", NOTIFY_FLAPPING, "a");
	run(w, 0, NULL, 0);		/* it flies */
	send_to(w, "ops", NOTIFY_RESOLVED, "b");
	send_to(w, "ops", NOTIFY_RESOLVED, "a");
	run(w, 5, s, 1);
	server_stop(s);
	assert_said(s, 0, "flapping a lag, resolved a lag");
	assert_int_equal(stats_of(w, 0).delivered, 2);
	assert_int_equal(stats_of(w, 0).handed, 2);
	world_free(w);
	server_free(bad);
	server_free(s);
}

/* Of what began here and never arrived the end is no news elsewhere. */
static void
test_no_end_without_a_beginning(void **state)
{
	struct server *bad = server_start(failing, 1);
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);

	(void)state;
	add(w, "ops", bad->port, "spare");
	add(w, "spare", s->port, NULL);
	send_to(w, "ops", NOTIFY_FIRING, "a");
	run(w, 0, bad, 1);
	send_to(w, "ops", NOTIFY_RESOLVED, "a");
	send_to(w, "ops", NOTIFY_FIRING, "b");
	run(w, 2, s, 1);
	assert_int_equal(stats_of(w, 0).merged, 1);
	assert_int_equal(stats_of(w, 0).queued, 2);
	assert_int_equal(stats_of(w, 0).handed, 1);
	server_stop(s);
	assert_said(s, 0, "firing b lag");
	world_free(w);
	server_free(bad);
	server_free(s);
}

static void
test_shared_is_not_handed_over(void **state)
{
	struct server *bad = server_start(refusing, 1);
	struct world *w = world_new(10);

	(void)state;
	add(w, "ops", bad->port, "spare");
	assert_int_equal(outbox_send_shared(w->outbox, "ops",
	    make(NOTIFY_FIRING, "a")), 0);
	run(w, 1, bad, 1);
	assert_int_equal(w->ngiven, 0);
	world_free(w);
	server_free(bad);
}

/* Who is told anyway is not told twice. */
static void
test_no_need(void **state)
{
	struct server *bad = server_start(refusing, 1);
	struct world *w = world_new(10);

	(void)state;
	w->keeps = true;
	add(w, "ops", bad->port, "spare");
	send_to(w, "ops", NOTIFY_FIRING, "a");
	run(w, 1, bad, 1);
	assert_int_equal(stats_of(w, 0).handed, 0);
	world_free(w);
	server_free(bad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_is_handed_over),
		cmocka_unit_test(test_failing_is_handed_over),
		cmocka_unit_test(test_gone_is_handed_over),
		cmocka_unit_test(test_no_circle),
		cmocka_unit_test(test_the_end_goes_along),
		cmocka_unit_test(test_no_end_without_a_beginning),
		cmocka_unit_test(test_shared_is_not_handed_over),
		cmocka_unit_test(test_no_need),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
