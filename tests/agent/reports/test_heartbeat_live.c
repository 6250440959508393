/*
 * test_heartbeat_live - pings over real sockets, to those who answer too much.
 */
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/reports/heartbeat.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/wire.h"
#include "tests/alerts/server.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define PATIENCE_MS	1000	/* for an answer that is none */
#define FLOOD_MAX	(32u << 20)	/* that sockets may swallow */

struct bench {
	struct loop	*loop;
	struct heartbeat *heartbeat;
	struct loop_timer tick;
	struct server	*server;
	int64_t		 until_ms;	/* 0: it was not asked yet */
};

static void
prove(void *arg, struct heartbeat_proof *p)
{
	(void)arg;
	*p = (struct heartbeat_proof){ mono_ms(), 1000, false };
}

static void
on_tick(void *arg)
{
	struct bench *b = arg;

	if (b->until_ms == 0 && server_count(b->server) > 0)
		b->until_ms = mono_ms() + PATIENCE_MS;
	if (heartbeat_success_ms(b->heartbeat) > 0 ||
	    (b->until_ms != 0 && mono_ms() > b->until_ms))
		loop_stop(b->loop);
	else
		loop_timer_set(b->loop, &b->tick, mono_ms() + 10);
}

static const struct {
	struct reply	reply;
	bool		heard;
} rows[] = {
	{ { REPLY, "200 OK", "OK" }, true },
	/* Of a body without an end the beginning was an answer. */
	{ { REPLY_ENDLESS, "200 OK", "" }, true },
	{ { REPLY_HEADERS, "200 OK", "" }, false },
	{ { REPLY_TRAILERS, "200 OK", "" }, false },
	{ { REPLY_ENDLESS, "404 Not Found", "" }, false },
};

/* Whether it was heard, and how much it was made to read. */
static bool
ping(const struct reply *reply, size_t *flooded)
{
	struct server *s = server_start(reply, 1);
	char *url = mem_printf("http://127.0.0.1:%d/s3cr3t", s->port);
	const struct heartbeat_options o = { url, NULL, 60000 };
	struct bench b = { .server = s };
	struct wire *wire;
	struct err e;
	bool heard;

	b.loop = loop_new(&e);
	assert_non_null(b.loop);
	wire = wire_new(b.loop);
	b.heartbeat = heartbeat_new(b.loop, wire, prove, NULL);
	heartbeat_set(b.heartbeat, &o);
	b.tick = (struct loop_timer){ .fn = on_tick, .arg = &b };
	on_tick(&b);
	assert_int_equal(loop_run(b.loop, &e), 0);
	heard = heartbeat_success_ms(b.heartbeat) > 0;
	heartbeat_free(b.heartbeat);
	wire_free(wire);
	loop_free(b.loop);
	server_stop(s);
	assert_int_equal(s->nseen, 1);
	*flooded = s->flooded;
	server_free(s);
	free(url);
	return heard;
}

static void
test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t flooded;

		if (ping(&rows[i].reply, &flooded) != rows[i].heard)
			fail_msg("row %zu", i);
		if (flooded >= FLOOD_MAX)
			fail_msg("row %zu: %zu bytes", i, flooded);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
