/*
 * wire: done is called once, never too early and never after a cancel; a long
 * call that drips is hung up on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/wire.h"
#include "tests/alerts/server.h"

struct outcome {
	struct loop	*loop;
	struct wire	*wire;
	struct loop_timer patience;
	int		 calls;
	long		 status;
	CURLcode	 rc;
};

static void
on_done(void *arg, CURL *easy, CURLcode rc)
{
	struct outcome *o = arg;

	o->calls++;
	o->rc = rc;
	o->status = -1;
	if (easy != NULL)
		(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE,
		    &o->status);
	loop_stop(o->loop);
}

static void
stop(void *arg)
{
	loop_stop(arg);
}

static size_t
swallow(char *data, size_t size, size_t n, void *arg)
{
	(void)data;
	(void)arg;
	return size * n;
}

static CURL *
easy_to(int port)
{
	CURL *easy = curl_easy_init();
	char url[64];

	snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "{}");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
	return easy;
}

static void
begin(struct outcome *o)
{
	struct err e;

	*o = (struct outcome){ .loop = loop_new(&e) };
	assert_non_null(o->loop);
	o->wire = wire_new(o->loop);
	assert_non_null(o->wire);
	o->patience = (struct loop_timer){ .fn = stop, .arg = o->loop };
}

static void
run(struct outcome *o, int64_t ms)
{
	struct err e;

	loop_timer_set(o->loop, &o->patience, mono_ms() + ms);
	assert_int_equal(loop_run(o->loop, &e), 0);
}

static void
end(struct outcome *o)
{
	wire_free(o->wire);
	loop_timer_clear(o->loop, &o->patience);
	loop_free(o->loop);
}

static void
test_once_and_later(void **state)
{
	static const struct reply found = { REPLY,
	    "302 Found\r\nLocation: http://127.0.0.1:1/", "" };
	struct server *s = server_start(&found, 1);
	struct outcome o;

	(void)state;
	begin(&o);
	wire_call(o.wire, easy_to(s->port), WIRE_LIMIT_MS, on_done, &o);
	assert_int_equal(o.calls, 0);
	run(&o, 5000);
	run(&o, 100);
	assert_int_equal(o.calls, 1);
	assert_int_equal(o.status, 302);
	/* One that could not be made fares no other way. */
	wire_call(o.wire, NULL, WIRE_LIMIT_MS, on_done, &o);
	assert_int_equal(o.calls, 1);
	run(&o, 5000);
	assert_int_equal(o.calls, 2);
	assert_int_equal(o.rc, CURLE_FAILED_INIT);
	end(&o);
	server_free(s);
}

static void
test_cancelled(void **state)
{
	static const struct reply hang = { HANG, NULL, NULL };
	struct server *s = server_start(&hang, 1);
	struct wire_call *c;
	struct outcome o;

	(void)state;
	begin(&o);
	wire_cancel(wire_call(o.wire, NULL, WIRE_LIMIT_MS, on_done, &o));
	c = wire_call(o.wire, easy_to(s->port), WIRE_LIMIT_MS, on_done, &o);
	run(&o, 100);
	wire_cancel(c);
	run(&o, 100);
	/* What still flies when all ends is forgotten. */
	wire_call(o.wire, easy_to(s->port), WIRE_LIMIT_MS, on_done, &o);
	wire_call(o.wire, NULL, WIRE_LIMIT_MS, on_done, &o);
	end(&o);
	assert_int_equal(o.calls, 0);
	server_free(s);
}

static void
test_limits(void **state)
{
	static const struct reply hang = { HANG, NULL, NULL };
	struct server *s = server_start(&hang, 1);
	int64_t began_ms = mono_ms();
	struct outcome o;

	(void)state;
	begin(&o);
	wire_call(o.wire, easy_to(s->port), 300, on_done, &o);
	run(&o, 5000);
	assert_int_equal(o.calls, 1);
	assert_int_equal(o.rc, CURLE_OPERATION_TIMEDOUT);
	assert_in_range(mono_ms() - began_ms, 250, 2000);
	wire_call(o.wire, easy_to(s->port), 600000, on_done, &o);
	began_ms = mono_ms();
	run(&o, 20000);
	assert_int_equal(o.calls, 2);
	assert_int_equal(o.rc, CURLE_OPERATION_TIMEDOUT);
	assert_in_range(mono_ms() - began_ms, 8000, 14000);
	end(&o);
	server_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once_and_later),
		cmocka_unit_test(test_cancelled),
		cmocka_unit_test(test_limits),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
