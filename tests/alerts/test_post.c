/*
 * post: what curl makes of answers, and that a dead name server stops nobody.
 */
#include <curl/curl.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "alerts/post.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/wire.h"
#include "tests/alerts/server.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define SLOW_S		2
#define FLOOD_MAX	(32u << 20)	/* that sockets may swallow */

/* In the way of libc's, for curl's resolver thread: a name server that is not
 * there. */
int
getaddrinfo(const char *node, const char *service,
    const struct addrinfo *hints, struct addrinfo **ret)
{
	const struct timespec slow = { .tv_sec = SLOW_S };

	(void)node;
	(void)service;
	(void)hints;
	(void)ret;
	nanosleep(&slow, NULL);
	return EAI_AGAIN;
}

struct outcome {
	struct loop	*loop;
	int		 calls, timed_out;
	long		 status;
	int64_t		 retry_after_ms;
	size_t		 body, flooded;
	char		 error[200];
};

static void
on_done(void *arg, struct answer *a, const char *error, int timed_out)
{
	struct outcome *o = arg;

	o->calls++;
	o->timed_out = timed_out;
	o->status = a->status;
	o->retry_after_ms = a->retry_after_ms;
	o->body = strlen(a->body);
	snprintf(o->error, sizeof o->error, "%s", error != NULL ? error : "");
	loop_stop(o->loop);
}

static struct request
request_to(const char *scheme, int port)
{
	struct request q = {
		.url = mem_printf("%s://127.0.0.1:%d/s3cr3t", scheme, port),
		.body = mem_strdup("{}"),
	};

	request_header(&q, "Content-Type: application/json");
	return q;
}

/* One request to a server that gives one answer. */
static struct outcome
ask(const char *scheme, const struct reply *reply)
{
	struct server *s = server_start(reply, 1);
	struct outcome o = { 0 };
	struct request q = request_to(scheme, s->port);
	struct wire *wire;
	struct post *post;
	struct err e;

	o.loop = loop_new(&e);
	assert_non_null(o.loop);
	wire = wire_new(o.loop);
	assert_non_null(wire);
	post = post_new(wire);
	post_send(post, &q, on_done, &o);
	assert_null(q.url);
	assert_int_equal(o.calls, 0);	/* never before we are back */
	assert_int_equal(loop_run(o.loop, &e), 0);
	assert_int_equal(o.calls, 1);
	post_free(post);
	wire_free(wire);
	loop_free(o.loop);
	server_stop(s);
	o.flooded = s->flooded;
	server_free(s);
	return o;
}

static const struct {
	const char	*header;
	int64_t		 least_ms, most_ms;
} waits[] = {
	{ "X: y", -1, -1 },
	{ "Retry-After: 0", 0, 0 },
	{ "Retry-After: 120", 120000, 120000 },
	{ "Retry-After: 99999999", 3600000, 3600000 },
	{ "Retry-After: 99999999999999999999999", 3600000, 3600000 },
	{ "Retry-After: -5", 0, 0 },
	{ "Retry-After: soon", -1, -1 },
	{ "Retry-After:", -1, -1 },
	{ "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT", 0, 0 },
	{ "Retry-After: Wed, 21 Oct 2099 07:28:00 GMT", 3600000, 3600000 },
};

static void
test_retry_after(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(waits); i++) {
		char *head = mem_printf("429 Slow\r\n%s", waits[i].header);
		struct reply r = { REPLY, head, "" };
		struct outcome o = ask("http", &r);

		if (o.retry_after_ms < waits[i].least_ms ||
		    o.retry_after_ms > waits[i].most_ms)
			fail_msg("%s: %lld", waits[i].header,
			    (long long)o.retry_after_ms);
		assert_int_equal(o.status, 429);
		free(head);
	}
}

static void
test_retry_after_a_date_to_come(void **state)
{
	time_t at = time(NULL) + 100;
	char date[64], *head;
	struct reply r = { REPLY, NULL, "" };
	struct outcome o;
	struct tm tm;

	(void)state;
	gmtime_r(&at, &tm);
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	head = mem_printf("503 Later\r\nRetry-After: %s", date);
	r.head = head;
	o = ask("http", &r);
	assert_in_range(o.retry_after_ms, 90000, 100000);
	free(head);
}

static void
test_answers(void **state)
{
	static const struct reply found = { REPLY,
	    "302 Found\r\nLocation: http://127.0.0.1:1/", "" };
	static const struct reply endless = { REPLY_ENDLESS, "200 OK", "" };
	static const struct reply nonsense = { NONSENSE, NULL, NULL };
	struct outcome o = ask("http", &found);

	(void)state;
	assert_int_equal(o.status, 302);
	assert_string_equal(o.error, "");
	o = ask("http", &endless);
	assert_int_equal(o.status, 200);
	assert_string_equal(o.error, "");
	assert_true(o.body < 1024);
	o = ask("http", &nonsense);
	assert_int_equal(o.status, 0);
	assert_true(strlen(o.error) > 5);
	o = ask("ftp", &nonsense);
	assert_int_equal(o.status, 0);
	assert_true(strlen(o.error) > 5);
	assert_null(strstr(o.error, "s3cr3t"));
	assert_int_equal(o.timed_out, 0);
}

/* Of headers without an end little is read, whatever curl would keep. */
static void
test_floods(void **state)
{
	static const struct reply floods[] = {
		{ REPLY_HEADERS, "200 OK", "" },
		{ REPLY_TRAILERS, "200 OK", "" },
		{ REPLY_HEADERS, "103 Early Hints", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(floods); i++) {
		int64_t began = mono_ms();
		struct outcome o = ask("http", &floods[i]);

		assert_non_null(strstr(o.error, "Weird server reply"));
		assert_true(mono_ms() - began < 5000);
		assert_true(o.flooded < FLOOD_MAX);
	}
}

static void
stop(void *arg)
{
	loop_stop(arg);
}

/* Curl would wait for its resolver's thread here, and the loop with it. */
static void
test_cancel_during_a_name_lookup(void **state)
{
	struct outcome o = { 0 };
	struct request q = request_to("http", 1);
	struct loop_timer soon;
	struct posting *p;
	struct wire *wire;
	struct post *post;
	int64_t began_ms;
	struct err e;

	(void)state;
	o.loop = loop_new(&e);
	assert_non_null(o.loop);
	wire = wire_new(o.loop);
	assert_non_null(wire);
	post = post_new(wire);
	free(q.url);
	q.url = mem_strdup("http://slow.invalid/s3cr3t");
	p = post_send(post, &q, on_done, &o);
	soon = (struct loop_timer){ .fn = stop, .arg = o.loop };
	loop_timer_set(o.loop, &soon, mono_ms() + 100);
	assert_int_equal(loop_run(o.loop, &e), 0);
	began_ms = mono_ms();
	post_cancel(p);
	assert_true(mono_ms() - began_ms < SLOW_S * 1000 / 2);
	assert_int_equal(o.calls, 0);
	post_free(post);
	wire_free(wire);
	loop_free(o.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_retry_after_a_date_to_come),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_cancel_during_a_name_lookup),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
