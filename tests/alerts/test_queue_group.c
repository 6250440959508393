/*
 * queue_group: what goes together, when it goes, and how fast.
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

/* What waits for one database goes in one message, in order. */
static void
test_a_database_is_a_message(void **state)
{
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);
	struct receiver r = batch_at("ops", s->port, 50);

	(void)state;
	outbox_add_receiver(w->outbox, &r);
	send_alert(w, "ops", NOTIFY_FIRING, "a", "one");
	send_alert(w, "ops", NOTIFY_FIRING, "b", "one");
	send_alert(w, "ops", NOTIFY_NO_DATA, "a", "two");
	send_alert(w, "ops", NOTIFY_FIRING, "a", "three");
	run(w, 4, s, 2);
	server_stop(s);
	assert_int_equal(s->nseen, 2);
	assert_said(s, 0, "firing a one, no_data a two, firing a three");
	assert_said(s, 1, "firing b one");
	assert_int_equal(stats_of(w, 0).delivered, 4);
	world_free(w);
	server_free(s);
}

/* The wait begins with the first; who comes later goes along. */
static void
test_the_wait_is_the_first_ones(void **state)
{
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);
	struct receiver r = batch_at("ops", s->port, 60000);
	struct notification *n = make(NOTIFY_FIRING, "a");
	int64_t began;

	(void)state;
	outbox_add_receiver(w->outbox, &r);
	n->at_ms -= 60000 - 200;
	began = mono_ms();
	assert_int_equal(outbox_send(w->outbox, "ops", n), 0);
	send_alert(w, "ops", NOTIFY_FIRING, "a", "late");
	send_alert(w, "ops", NOTIFY_FIRING, "b", "other");
	run(w, 2, s, 1);
	server_stop(s);
	assert_true(s->seen[0].at_ms - began >= 190);
	assert_said(s, 0, "firing a lag, firing a late");
	assert_int_equal(stats_of(w, 0).queued, 1);
	world_free(w);
	server_free(s);
}

/* One answer is for all of them: together they fail and are tried again. */
static void
test_they_fail_together(void **state)
{
	struct server *s = server_start(oops_fine, 2);
	struct world *w = world_new(20);
	struct receiver r = batch_at("ops", s->port, 20);

	(void)state;
	outbox_add_receiver(w->outbox, &r);
	for (int i = 0; i < 3; i++)
		send_alert(w, "ops", NOTIFY_FIRING, "a", "one");
	run(w, 3, s, 2);
	server_stop(s);
	assert_int_equal(s->nseen, 2);
	assert_string_equal(strstr(s->seen[0].text, "\r\n\r\n"),
	    strstr(s->seen[1].text, "\r\n\r\n"));
	assert_int_equal(stats_of(w, 0).failed[REASON_SERVER_ERROR], 1);
	assert_int_equal(stats_of(w, 0).delivered, 3);
	world_free(w);
	server_free(s);
}

static void
test_they_are_refused_together(void **state)
{
	static const struct reply script[] = { { REPLY, "400 What", "" } };
	struct server *s = server_start(script, 1);
	struct world *w = world_new(20);
	struct receiver r = batch_at("ops", s->port, 20);

	(void)state;
	outbox_add_receiver(w->outbox, &r);
	send_alert(w, "ops", NOTIFY_FIRING, "a", "one");
	send_alert(w, "ops", NOTIFY_FIRING, "a", "two");
	run(w, 2, s, 1);
	assert_int_equal(stats_of(w, 0).dropped, 2);
	world_free(w);
	server_free(s);
}

static void
test_a_message_has_a_most(void **state)
{
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);
	struct receiver r = batch_at("ops", s->port, 30);

	(void)state;
	outbox_add_receiver(w->outbox, &r);
	for (int i = 0; i < MESSAGE_MAX + 1; i++)
		send_alert(w, "ops", NOTIFY_FIRING, "a", "one");
	run(w, MESSAGE_MAX + 1, s, 2);
	server_stop(s);
	assert_int_equal(s->nseen, 2);
	assert_said(s, 1, "firing a one");
	world_free(w);
	server_free(s);
}

/* A disk fills up: many databases meet one rule, and it is one message, in
 * order; of what else there is each database has its own. */
static void
test_a_storm(void **state)
{
	static const char *const dbs[] = { "a", "b", "c" };
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);
	struct receiver r = batch_at("ops", s->port, 50);

	(void)state;
	outbox_add_receiver(w->outbox, &r);
	for (size_t i = 0; i < 3; i++)
		send_alert(w, "ops", NOTIFY_NO_DATA, dbs[i], "disk");
	send_alert(w, "ops", NOTIFY_FIRING, "b", "wal");
	send_alert(w, "ops", NOTIFY_RESOLVED, "b", "disk");
	send_alert(w, "ops", NOTIFY_FIRING, "c", "wal");
	run(w, 6, s, 3);
	server_stop(s);
	assert_int_equal(s->nseen, 3);
	assert_said(s, 0, "no_data a disk, no_data b disk, no_data c disk, "
	    "resolved b disk");
	assert_said(s, 1, "firing b wal");
	assert_said(s, 2, "firing c wal");
	world_free(w);
	server_free(s);
}

/* So many databases, in so many messages. */
static void
storm_of(int databases, const struct receiver_type *type, size_t messages)
{
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);
	struct receiver r = batch_at("ops", s->port, 30);

	r.type = type;
	outbox_add_receiver(w->outbox, &r);
	for (int i = 0; i < databases; i++) {
		char db[8];

		(void)snprintf(db, sizeof db, "t%d", i);
		send_alert(w, "ops", NOTIFY_FIRING, db, "disk");
	}
	run(w, (size_t)databases, s, messages);
	server_stop(s);
	assert_int_equal(s->nseen, messages);
	world_free(w);
	server_free(s);
}

static void
test_sizes_of_storms(void **state)
{
	struct receiver_type sums = batch_type, single = batch_type;

	(void)state;
	sums.storm_max = STORM_MAX;
	single.groups = false;
	storm_of(2, &batch_type, 2);		/* a breeze */
	storm_of(3, &batch_type, 1);
	storm_of(MESSAGE_MAX, &batch_type, 1);
	storm_of(MESSAGE_MAX + 3, &batch_type, 2);
	storm_of(2 * MESSAGE_MAX, &sums, 1);
	storm_of(6, &single, 6);
}

/* A type that does not group waits as it is told to, one by one. */
static void
test_alone_it_waits_too(void **state)
{
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);
	struct receiver r = receiver_at("ops", s->port);
	int64_t began = mono_ms();

	(void)state;
	r.group_wait_ms = 150;
	outbox_add_receiver(w->outbox, &r);
	send_to(w, "ops", NOTIFY_FIRING, "a");
	send_to(w, "ops", NOTIFY_FIRING, "a");
	run(w, 2, s, 2);
	server_stop(s);
	assert_true(s->seen[0].at_ms - began >= 145);
	world_free(w);
	server_free(s);
}

/* At least gap_ms between two requests, also over a reload. */
static void
test_gap(void **state)
{
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);
	struct receiver_type slow = batch_type;
	struct receiver r = batch_at("ops", s->port, 0);
	int64_t began = mono_ms();

	(void)state;
	slow.gap_ms = 150;
	r.type = &slow;
	outbox_add_receiver(w->outbox, &r);
	send_to(w, "ops", NOTIFY_FIRING, "a");
	send_alert(w, "ops", NOTIFY_FIRING, "b", "two");
	send_alert(w, "ops", NOTIFY_FIRING, "c", "three");
	run(w, 2, s, 2);
	r = batch_at("ops", s->port, 0);
	r.type = &slow;
	outbox_add_receiver(w->outbox, &r);
	run(w, 3, s, 3);
	server_stop(s);
	/* Since the beginning: the server may see the first one late. */
	for (int i = 1; i < 3; i++)
		assert_true(s->seen[i].at_ms - began >= i * 150 - 5);
	world_free(w);
	server_free(s);
}

/* A judge may find the wait in the body. */
static void
test_the_judge_says_when(void **state)
{
	static const struct reply script[] = {
		{ REPLY, "429 Slow", "400" }, { REPLY, "200 OK", "" },
	};
	struct server *s = server_start(script, 2);
	struct world *w = world_new(10);
	struct receiver r = batch_at("ops", s->port, 0);

	(void)state;
	outbox_add_receiver(w->outbox, &r);
	send_to(w, "ops", NOTIFY_FIRING, "a");
	run(w, 1, s, 2);
	server_stop(s);
	assert_true(s->seen[1].at_ms - s->seen[0].at_ms >= 390);
	assert_int_equal(stats_of(w, 0).failed[REASON_RATE_LIMITED], 1);
	world_free(w);
	server_free(s);
}

/* --- what is open, said again ------------------------------------------- */

static void
refresh(struct world *w, size_t n, const char *const *dbs)
{
	struct notification **array = mem_new(n + 1, sizeof *array);

	for (size_t i = 0; i < n; i++)
		array[i] = make(NOTIFY_FIRING, dbs[i]);
	outbox_refresh(w->outbox, 0, array, n);
}

static struct receiver_type
refreshing(int64_t ms)
{
	struct receiver_type t = batch_type;

	t.refresh_ms = ms;
	return t;
}

/* Said when nothing else is; it ends nothing and counts as no delivery. */
static void
test_refresh(void **state)
{
	static const char *const dbs[] = { "a", "b", "a" };
	const struct receiver_type type = refreshing(60000);
	struct server *s = server_start(fine, 1);
	struct world *w = world_new(10);
	struct receiver r = batch_at("am", s->port, 0);

	(void)state;
	r.type = &type;
	outbox_add_receiver(w->outbox, &r);
	assert_true(outbox_wants_refresh(w->outbox, 0, mono_ms()));
	send_to(w, "am", NOTIFY_FIRING, "new");
	refresh(w, 3, dbs);
	assert_false(outbox_wants_refresh(w->outbox, 0, mono_ms()));
	assert_true(outbox_wants_refresh(w->outbox, 0, mono_ms() + 60000));
	run(w, 1, s, 3);
	server_stop(s);
	assert_said(s, 0, "firing new lag");
	assert_said(s, 1, "firing a lag, firing a lag");
	assert_said(s, 2, "firing b lag");
	assert_int_equal(w->nended, 1);
	assert_int_equal(stats_of(w, 0).delivered, 1);
	assert_int_equal(stats_of(w, 0).queued, 0);
	world_free(w);
	server_free(s);
}

/* It comes again by itself, so a failure is only counted. */
static void
test_refresh_is_not_tried_again(void **state)
{
	static const char *const dbs[] = { "a", "b" };
	const struct receiver_type type = refreshing(60000);
	struct server *s = server_start(oops_fine, 2);
	struct world *w = world_new(10);
	struct receiver r = batch_at("am", s->port, 0);

	(void)state;
	r.type = &type;
	outbox_add_receiver(w->outbox, &r);
	refresh(w, 2, dbs);
	while (stats_of(w, 0).failed[REASON_SERVER_ERROR] == 0)
		run(w, 0, s, 1);
	send_to(w, "am", NOTIFY_FIRING, "new");
	run(w, 1, s, 2);
	server_stop(s);
	assert_int_equal(s->nseen, 2);
	assert_said(s, 1, "firing new lag");
	world_free(w);
	server_free(s);
}

/* The last word of what is open is the only one. */
static void
test_refresh_is_replaced(void **state)
{
	static const char *const dbs[] = { "a", "b" };
	const struct receiver_type type = refreshing(60000);
	static const struct reply script[] = {
		{ REPLY, "429 Slow", "100" }, { REPLY, "200 OK", "" },
	};
	struct server *s = server_start(script, 2);
	struct world *w = world_new(10);
	struct receiver r = batch_at("am", s->port, 0);

	(void)state;
	r.type = &type;
	outbox_add_receiver(w->outbox, &r);
	send_to(w, "am", NOTIFY_FIRING, "new");
	refresh(w, 2, dbs);
	refresh(w, 1, dbs + 1);
	run(w, 1, s, 3);
	server_stop(s);
	assert_int_equal(s->nseen, 3);
	assert_said(s, 1, "firing new lag");
	assert_said(s, 2, "firing b lag");
	world_free(w);
	server_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_database_is_a_message),
		cmocka_unit_test(test_the_wait_is_the_first_ones),
		cmocka_unit_test(test_they_fail_together),
		cmocka_unit_test(test_they_are_refused_together),
		cmocka_unit_test(test_a_message_has_a_most),
		cmocka_unit_test(test_a_storm),
		cmocka_unit_test(test_sizes_of_storms),
		cmocka_unit_test(test_alone_it_waits_too),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_the_judge_says_when),
		cmocka_unit_test(test_refresh),
		cmocka_unit_test(test_refresh_is_not_tried_again),
		cmocka_unit_test(test_refresh_is_replaced),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
