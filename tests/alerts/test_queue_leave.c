/*
 * queue_leave: what need not be said any more leaves, and is counted.
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
static const struct reply oops_fine[] = {
	{ REPLY, "500 Oops", "" }, { REPLY, "200 OK", "" },
};
static const struct reply silent[] = { { HANG, NULL, NULL } };

static struct notification *
raised(const char *db)
{
	struct notification *n = make(NOTIFY_FIRING, db);

	n->begins = false;
	return n;
}

/* It fired and was over within group_wait: nobody need know. */
static void
test_merged(void **state)
{
	static const enum outbox_end ends[] = { OUTBOX_MERGED, OUTBOX_MERGED,
	    OUTBOX_MERGED, OUTBOX_MERGED, OUTBOX_DELIVERED };
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);
	struct receiver r = batch_at("ops", s->port, 200);

	(void)state;
	outbox_add_receiver(w->outbox, &r);
	send_alert(w, "ops", NOTIFY_FIRING, "a", "lag");
	send_alert(w, "ops", NOTIFY_FIRING, "a", "stays");
	assert_int_equal(outbox_send(w->outbox, "ops", raised("a")), 0);
	send_alert(w, "ops", NOTIFY_NO_DATA, "a", "lag");
	send_alert(w, "ops", NOTIFY_RESOLVED, "a", "lag");
	run(w, 5, s, 1);
	server_stop(s);
	assert_ends(w, ends, 5);
	assert_said(s, 0, "firing a stays");
	assert_int_equal(stats_of(w, 0).merged, 4);
	assert_int_equal(stats_of(w, 0).dropped, 0);
	world_free(w);
	server_free(s);
}

/* Only the message with which it began is proof that nobody has heard. */
static void
test_what_was_heard_is_resolved(void **state)
{
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);
	struct receiver r = batch_at("ops", s->port, 100);

	(void)state;
	outbox_add_receiver(w->outbox, &r);
	assert_int_equal(outbox_send(w->outbox, "ops", raised("a")), 0);
	send_alert(w, "ops", NOTIFY_RESOLVED, "a", "lag");
	/* From an earlier life: it may have been heard just before its end. */
	assert_int_equal(outbox_send_kept(w->outbox, "ops",
	    make(NOTIFY_FIRING, "b"), false), 0);
	send_alert(w, "ops", NOTIFY_RESOLVED, "b", "lag");
	run(w, 4, s, 2);
	server_stop(s);
	assert_int_equal(stats_of(w, 0).delivered, 4);
	assert_int_equal(stats_of(w, 0).merged, 0);
	world_free(w);
	server_free(s);
}

/* While it cannot be reached what is over is left out, and counted. */
static void
test_overtaken_is_counted(void **state)
{
	struct server *s = server_start(oops_fine, 2);
	struct world *w = world_new(100);
	struct receiver r = batch_at("ops", s->port, 0);

	(void)state;
	outbox_add_receiver(w->outbox, &r);
	send_to(w, "ops", NOTIFY_FIRING, "a");
	while (stats_of(w, 0).failed[REASON_SERVER_ERROR] == 0)
		run(w, 0, s, 1);
	send_to(w, "ops", NOTIFY_RESOLVED, "a");
	run(w, 2, s, 2);
	server_stop(s);
	assert_said(s, 1, "resolved a lag");
	assert_int_equal(stats_of(w, 0).merged, 1);
	world_free(w);
	server_free(s);
}

/* Who wants no good news hears none, and no bad news that is over. */
static void
test_no_resolved(void **state)
{
	static const enum outbox_end ends[] = { OUTBOX_OVERTAKEN,
	    OUTBOX_UNWANTED, OUTBOX_DELIVERED };
	struct server *s = server_start(oops_fine, 2);
	struct world *w = world_new(100);
	struct receiver r = batch_at("ops", s->port, 0);

	(void)state;
	r.no_resolved = true;
	outbox_add_receiver(w->outbox, &r);
	assert_false(outbox_wants(w->outbox, 0, NOTIFY_RESOLVED));
	assert_true(outbox_wants(w->outbox, 0, NOTIFY_NO_DATA));
	send_to(w, "ops", NOTIFY_FIRING, "a");
	run(w, 0, NULL, 0);		/* it flies */
	send_to(w, "ops", NOTIFY_RESOLVED, "a");
	send_to(w, "ops", NOTIFY_FIRING, "b");
	run(w, 3, s, 2);
	server_stop(s);
	assert_ends(w, ends, 3);
	assert_int_equal(s->nseen, 2);
	assert_said(s, 1, "firing b lag");
	assert_int_equal(stats_of(w, 0).dropped, 0);
	world_free(w);
	server_free(s);
}

/* Asked once; then closed until it is configured again. */
static void
test_gone(void **state)
{
	static const struct reply script[] = {
		{ REPLY, "410 Gone", "" }, { REPLY, "200 OK", "" },
	};
	struct server *s = server_start(script, 2);
	struct world *w = world_new(10);
	struct receiver r = batch_at("ops", s->port, 0);

	(void)state;
	outbox_add_receiver(w->outbox, &r);
	for (int i = 0; i < 3; i++)
		send_to(w, "ops", NOTIFY_FIRING, "a");
	assert_false(stats_of(w, 0).closed);
	run(w, 3, s, 1);
	assert_true(stats_of(w, 0).closed);
	send_to(w, "ops", NOTIFY_FIRING, "b");
	assert_int_equal(w->nended, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(w->ended[i].end, OUTBOX_REFUSED);
	assert_int_equal(stats_of(w, 0).dropped, 4);
	assert_int_equal(stats_of(w, 0).queued, 0);
	r = batch_at("ops", s->port, 0);
	outbox_add_receiver(w->outbox, &r);
	assert_false(stats_of(w, 0).closed);
	send_to(w, "ops", NOTIFY_FIRING, "c");
	run(w, 5, s, 2);
	server_stop(s);
	assert_int_equal(s->nseen, 2);
	assert_said(s, 1, "firing c lag");
	world_free(w);
	server_free(s);
}

/* The longest that there may be. */
static struct notification *
large(void)
{
	struct notification *n = make(NOTIFY_FIRING, "a");
	char **const texts[] = { &n->summary, &n->cause, &n->next_step,
	    &n->url };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		free(*texts[i]);
		*texts[i] = mem_printf("%0*d", NOTIFICATION_TEXT_MAX - 1, 7);
	}
	return n;
}

static void
test_bytes_are_bounded(void **state)
{
	struct server *dead = server_start(silent, 1);
	struct world *w = world_new(10);
	char *json;
	size_t fit;
	struct notification *n = large();

	(void)state;
	json = notification_write(n);
	fit = OUTBOX_BYTES_MAX / strlen(json);
	assert_true(fit < OUTBOX_QUEUE_MAX);
	free(json);
	add_receiver(w, "dead", dead->port);
	assert_int_equal(outbox_send(w->outbox, "dead", n), 0);
	for (size_t i = 1; i < fit + 3; i++)
		assert_int_equal(outbox_send(w->outbox, "dead", large()), 0);
	assert_int_equal(stats_of(w, 0).queued, fit);
	assert_int_equal(stats_of(w, 0).dropped, 3);
	assert_int_equal(w->nended, 3);
	assert_int_equal(w->ended[2].end, OUTBOX_FULL);
	world_free(w);
	server_free(dead);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_what_was_heard_is_resolved),
		cmocka_unit_test(test_overtaken_is_counted),
		cmocka_unit_test(test_no_resolved),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_bytes_are_bounded),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
