/*
 * heartbeat: when a ping goes and when it must not, by a clock, a loop and a
 * wire of the test's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/reports/heartbeat.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/secret.h"
#include "base/wire.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))

static int64_t clock_ms = 1000000;

int64_t
mono_ms(void)
{
	return clock_ms;
}

int64_t
mono_us(void)
{
	return clock_ms * 1000;
}

int64_t
wall_ms(void)
{
	return clock_ms + 1700000000000;
}

void
clock_text(char text[CLOCK_TEXT_MAX], int64_t ms)
{
	(void)ms;
	memcpy(text, "now", 4);
}

/* The loop has one timer, and the wire one call. */
static struct loop_timer *timer;

void
loop_timer_set(struct loop *l, struct loop_timer *t, int64_t due)
{
	(void)l;
	t->due = due;
	timer = t;
}

void
loop_timer_clear(struct loop *l, struct loop_timer *t)
{
	(void)l;
	t->due = 0;
	timer = NULL;
}

static struct {
	wire_done_fn	*done;
	void		*arg;
	CURL		*easy;
	unsigned	 n;		/* calls so far */
	int64_t		 at_ms[100];
} calls;
static long status;

struct wire_call *
wire_call(struct wire *w, CURL *easy, long limit_ms, wire_done_fn *done,
    void *arg)
{
	(void)w;
	assert_int_equal(limit_ms, WIRE_LIMIT_MS);
	assert_null(calls.easy);
	calls.done = done;
	calls.arg = arg;
	calls.easy = easy;
	assert_true(calls.n < COUNT(calls.at_ms));
	calls.at_ms[calls.n++] = clock_ms;
	return (struct wire_call *)(void *)&calls;
}

void
wire_cancel(struct wire_call *c)
{
	(void)c;
	assert_non_null(calls.easy);
	curl_easy_cleanup(calls.easy);
	calls.easy = NULL;
}

CURLcode
(curl_easy_getinfo)(CURL *easy, CURLINFO info, ...)
{
	va_list ap;

	(void)easy;
	assert_int_equal(info, CURLINFO_RESPONSE_CODE);
	va_start(ap, info);
	*va_arg(ap, long *) = status;
	va_end(ap);
	return CURLE_OK;
}

static void
answer(CURLcode rc)
{
	CURL *easy = calls.easy;

	assert_non_null(easy);
	calls.easy = NULL;
	calls.done(calls.arg, easy, rc);
	curl_easy_cleanup(easy);
}

static struct heartbeat_proof proof;
static bool dead;	/* the sampler brings nothing */

static void
prove(void *arg, struct heartbeat_proof *ret)
{
	(void)arg;
	if (!dead)
		proof.batch_ms = clock_ms - 500;
	*ret = proof;
}

/* Time passes, and every GET is answered so at once. */
static void
pass(int64_t ms, long with, CURLcode rc)
{
	int64_t until = clock_ms + ms;

	status = with;
	while (timer != NULL && timer->due <= until) {
		struct loop_timer *t = timer;

		clock_ms = t->due > clock_ms ? t->due : clock_ms;
		timer = NULL;
		t->fn(t->arg);
		if (calls.easy != NULL)
			answer(rc);
	}
	clock_ms = until;
}

static struct heartbeat *
begin(const char *url, int64_t every_ms)
{
	const struct heartbeat_options o = { url, NULL, every_ms };
	struct heartbeat *h;

	calls.n = 0;
	dead = false;
	proof = (struct heartbeat_proof){ 0, 1000, false };
	h = heartbeat_new(NULL, NULL, prove, NULL);
	heartbeat_set(h, &o);
	return h;
}

static void
test_steady(void **state)
{
	struct heartbeat *h = begin("https://x.example/k", 60000);

	(void)state;
	assert_int_equal(heartbeat_success_ms(h), 0);
	pass(241000, 200, CURLE_OK);
	assert_int_equal(calls.n, 5);
	for (unsigned i = 1; i < calls.n; i++)
		assert_int_equal(calls.at_ms[i] - calls.at_ms[i - 1], 60000);
	assert_int_equal(heartbeat_success_ms(h),
	    calls.at_ms[4] + 1700000000000);
	heartbeat_free(h);
}

static void
test_off(void **state)
{
	(void)state;
	heartbeat_free(begin(NULL, 0));
	heartbeat_free(NULL);
	pass(600000, 200, CURLE_OK);
	assert_int_equal(calls.n, 0);
}

/* A few tries of a ping, never more than five GETs in any minute. */
static void
test_failures(void **state)
{
	static const struct { long status; CURLcode rc; } bad[] = {
		{ 500, CURLE_OK }, { 404, CURLE_OK }, { 302, CURLE_OK },
		{ 0, CURLE_COULDNT_CONNECT }, { 0, CURLE_OPERATION_TIMEDOUT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct heartbeat *h = begin("https://x.example/k", 120000);

		pass(122000, bad[i].status, bad[i].rc);
		assert_int_equal(calls.n, HEARTBEAT_TRIES + 1);
		assert_int_equal(calls.at_ms[1] - calls.at_ms[0],
		    HEARTBEAT_GAP_MS);
		assert_int_equal(heartbeat_success_ms(h), 0);
		pass(HEARTBEAT_GAP_MS, 204, CURLE_OK);
		assert_true(heartbeat_success_ms(h) > 0);
		heartbeat_free(h);
		h = begin("https://x.example/k", HEARTBEAT_GAP_MS);
		pass(600000, bad[i].status, bad[i].rc);
		for (unsigned j = 5; j < calls.n; j++)
			assert_true(calls.at_ms[j] - calls.at_ms[j - 5] >=
			    60000);
		heartbeat_free(h);
	}
}

/* Nothing is sampled: no ping, and one as soon as something is. */
static void
test_no_progress(void **state)
{
	struct heartbeat *h = begin("https://x.example/k", 60000);
	int64_t back;

	(void)state;
	pass(2000, 200, CURLE_OK);
	assert_int_equal(calls.n, 1);
	dead = true;
	pass(300000, 200, CURLE_OK);
	assert_int_equal(calls.n, 1);
	dead = false;
	back = clock_ms;
	pass(2000, 200, CURLE_OK);
	assert_int_equal(calls.n, 2);
	assert_true(calls.at_ms[1] - back <= HEARTBEAT_AGAIN_MS);
	proof.stuck = true;
	pass(300000, 200, CURLE_OK);
	assert_int_equal(calls.n, 2);
	heartbeat_free(h);
}

/* A loop that was stopped is not alive at the moment it comes back. */
static void
test_held_up(void **state)
{
	struct heartbeat *h = begin("https://x.example/k", 60000);

	(void)state;
	pass(2000, 200, CURLE_OK);
	clock_ms += 300000;
	pass(100, 200, CURLE_OK);
	assert_int_equal(calls.n, 1);
	pass(HEARTBEAT_AGAIN_MS, 200, CURLE_OK);
	assert_int_equal(calls.n, 2);
	heartbeat_free(h);
}

static void
test_reload(void **state)
{
	struct heartbeat *h = begin("https://x.example/k", 60000);
	struct heartbeat_options o = { "https://x.example/k", NULL, 60000 };
	int64_t first;

	(void)state;
	pass(2000, 200, CURLE_OK);
	first = calls.at_ms[0];
	pass(40000, 200, CURLE_OK);
	heartbeat_set(h, &o);		/* nothing new: the rhythm stays */
	pass(30000, 200, CURLE_OK);
	assert_int_equal(calls.n, 2);
	assert_int_equal(calls.at_ms[1], first + 60000);
	o.url = "https://y.example/k";	/* news, but not too soon after */
	heartbeat_set(h, &o);
	pass(HEARTBEAT_GAP_MS, 200, CURLE_OK);
	assert_int_equal(calls.n, 3);
	assert_true(calls.at_ms[2] - calls.at_ms[1] >= HEARTBEAT_GAP_MS);
	o = (struct heartbeat_options){ 0 };
	heartbeat_set(h, &o);
	pass(600000, 200, CURLE_OK);
	assert_int_equal(calls.n, 3);
	heartbeat_free(h);
}

/* One that flies when all ends is let go. */
static void
test_end_in_flight(void **state)
{
	struct heartbeat *h = begin("https://x.example/k", 60000);
	struct loop_timer *t = timer;

	(void)state;
	clock_ms = t->due;
	t->fn(t->arg);
	assert_non_null(calls.easy);
	heartbeat_free(h);
	assert_null(calls.easy);
}

/* Times are ago. */
static const struct {
	const char	*why;
	int64_t		 batch_ms, interval_ms;
	bool		 never, stuck;
	int64_t		 due_ms;
	bool		 alive;
} doubts[] = {
	{ "all is well", 500, 1000, false, false, 0, true },
	{ "a slow database", 90000, 60000, false, false, 0, true },
	{ "three are missing", 4001, 1000, false, false, 0, false },
	{ "no batch yet", 0, 1000, true, false, 0, false },
	{ "no thread is left", 500, 1000, false, true, 0, false },
	{ "a busy loop", 500, 1000, false, false, 5000, true },
	{ "a late loop", 500, 1000, false, false, 5001, false },
};

static void
test_doubts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(doubts); i++) {
		const struct heartbeat_proof p = {
			doubts[i].never ? 0 : 1000000 - doubts[i].batch_ms,
			doubts[i].interval_ms, doubts[i].stuck,
		};
		const char *why = heartbeat_doubt(&p,
		    1000000 - doubts[i].due_ms, 1000000);

		if ((why == NULL) != doubts[i].alive)
			fail_msg("%s: %s", doubts[i].why, why ? why : "");
	}
}

static void
test_urls(void **state)
{
	static const char *const good[] = { "https://hc-ping.com/abc",
	    "http://127.0.0.1:8000/ping/x", "HTTPS://x" };
	static const char *const bad[] = { "hc-ping.com/abc", "ftp://x/y",
	    "https://", "https:///y", "https://x y", "https://x\ny" };
	char path[] = "/tmp/test_heartbeat.XXXXXX";
	struct heartbeat_options o = { .every_ms = 60000 };
	int fd = mkstemp(path);
	struct err e;
	char *url;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		o.url = good[i];
		assert_int_equal(heartbeat_url(&url, &o, &e), 0);
		assert_string_equal(url, good[i]);
		secret_wipe(url);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		o.url = bad[i];
		assert_int_equal(heartbeat_url(&url, &o, &e), -1);
		/* It is a secret also when it is wrong. */
		if (i != 2)
			assert_null(strstr(e.text, bad[i]));
	}
	assert_int_equal(write(fd, " https://x/k\n", 13), 13);
	close(fd);
	o = (struct heartbeat_options){ NULL, path, 60000 };
	assert_int_equal(heartbeat_url(&url, &o, &e), 0);
	assert_string_equal(url, "https://x/k");
	secret_wipe(url);
	unlink(path);
	assert_int_equal(heartbeat_url(&url, &o, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steady),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_no_progress),
		cmocka_unit_test(test_held_up),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_end_in_flight),
		cmocka_unit_test(test_doubts),
		cmocka_unit_test(test_urls),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
