/*
 * test_http - the front door, knocked at through real sockets.
 *
 * Has a registry of its own: one collector with many rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <zlib.h>

#include "collectors/collector.h"
#include "tests/agent/server.h"

static const struct metric rows[] = {
	{ "sqlite_database_size_bytes", METRIC_GAUGE, NULL, "Size." },
};

static const struct collector file = {
	.name = "file", COLLECTOR_METRICS(rows),
};

const struct collector *const collectors[] = { &file, NULL };
const size_t collectors_count = 1;

static struct server server;

/* Some databases, so that /metrics is long enough to be worth a gzip. */
static void
watch(struct store *st, int n)
{
	for (int i = 0; i < n; i++) {
		char name[32];
		struct batch *b;

		(void)snprintf(name, sizeof name, "db<%d>", i);
		store_watch(st, name, "/data/<b>.db", 1000);
		b = batch_new(name);
		batch_add(b, &rows[0], 4096);
		batch_report(b, &file, 10, NULL);
		store_apply(st, b);
		batch_free(b);
	}
}

static int
start(void **state)
{
	(void)state;
	server_init(&server, NULL, NULL, 0);
	watch(server.agent.store, 200);
	server_start(&server);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	server_stop(&server);
	return 0;
}

static const struct {
	const char	*method, *target, *headers;
	unsigned	 status;
	const char	*has;		/* somewhere in the answer */
} routes[] = {
	{ "GET", "/", "", 200, "Content-Type: text/html; charset=utf-8\r\n" },
	{ "GET", "/", "", 200, "db&lt;7&gt;" },
	{ "GET", "/", "", 200, "http-equiv=\"refresh\"" },
	{ "GET", "/metrics", "", 200,
	    "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n" },
	{ "GET", "/metrics", "", 200,
	    "\nsqlite_database_size_bytes{db=\"db<7>\"} 4096\n" },
	{ "GET", "/metrics", "", 200, "\nlitegauge_build_info{version=\"" },
	{ "GET", "/metrics", "", 200, "\nprocess_open_fds " },
	{ "GET", "/metrics", "Accept: application/openmetrics-text\r\n", 200,
	    "# EOF\n" },
	{ "GET", "/metrics", "Accept: application/openmetrics-text\r\n", 200,
	    "Content-Type: application/openmetrics-text; version=1.0.0; "
	    "charset=utf-8\r\n" },
	{ "GET", "/-/healthy", "", 200, "\r\n\r\nlitegauge is healthy.\n" },
	{ "GET", "/-/ready", "", 503, "not yet seen every database" },
	{ "GET", "/api/v1/databases", "", 200,
	    "Content-Type: application/json\r\n" },
	{ "GET", "/api/v1/alerts", "", 200, "\"status\":\"success\"" },
	{ "GET", "/api/v1/history", "", 400, "\"status\":\"error\"" },
	{ "GET", "/api/v1/report", "", 404, "no such page" },
	{ "GET", "/nope", "", 404, "no such page" },
	{ "GET", "/metrics/", "", 404, "no such page" },
	{ "GET", "/../etc/passwd", "", 404, "no such page" },
	{ "GET", "/%2e%2e/etc/passwd", "", 404, "no such page" },
	{ "POST", "/nope", "Content-Length: 0\r\n", 404, "no such page" },
	{ "POST", "/metrics", "Content-Length: 0\r\n", 405,
	    "Allow: GET, HEAD\r\n" },
	{ "DELETE", "/", "", 405, "Allow: GET, HEAD\r\n" },
	{ "OPTIONS", "/metrics", "", 405, "Allow: GET, HEAD\r\n" },
	{ "GET", "/-/reload", "", 405, "Allow: POST, PUT\r\n" },
	{ "HEAD", "/-/reload", "", 405, "Allow: POST, PUT\r\n" },
	{ "POST", "/-/reload", "Content-Length: 0\r\n", 500, "\r\n\r\n" },
	{ "PUT", "/-/reload", "Content-Length: 0\r\n", 500,
	    "/nonexistent/litegauge.ini" },
	{ "POST", "/-/reload", "Origin: http://evil.example\r\n"
	    "Content-Length: 0\r\n", 403, "may not" },
	{ "POST", "/-/reload", "Content-Length: 5\r\n\r\nhello", 500, "\r\n" },
	{ "POST", "/-/reload", "Content-Length: 99999999\r\n", 413, "length" },
	{ "POST", "/-/reload", "Transfer-Encoding: chunked\r\n", 411, "long" },
	{ "GET", "/metrics", "", 200, "X-Content-Type-Options: nosniff\r\n" },
	{ "GET", "/", "", 200, "Content-Security-Policy: default-src 'none'" },
	{ "GET", "/", "", 200, "X-Frame-Options: deny\r\n" },
	{ "GET", "/nope", "", 404, "Referrer-Policy: no-referrer\r\n" },
	{ "GET", "/api/v1/alerts", "", 200, "Cache-Control: no-store\r\n" },
	{ "GET", "/metrics", "", 200, "Vary: Accept-Encoding\r\n" },
};

static void
every_route(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		char *answer = server_request(&server, routes[i].method,
		    routes[i].target, routes[i].headers, NULL);

		if (answer_status(answer) != routes[i].status ||
		    strstr(answer, routes[i].has) == NULL)
			fail_msg("%s %s: wanted %u and %s, got %.600s",
			    routes[i].method, routes[i].target,
			    routes[i].status, routes[i].has, answer);
		free(answer);
	}
}

static void
nothing_is_left_unescaped(void **state)
{
	char *answer = server_request(&server, "GET", "/", "", NULL);

	(void)state;
	assert_null(strstr(answer, "<b>"));
	assert_non_null(strstr(answer, "/data/&lt;b&gt;.db"));
	assert_null(strstr(answer, "<script"));
	free(answer);
}

static void
head_has_the_length_and_no_body(void **state)
{
	char *get = server_request(&server, "GET", "/-/healthy", "", NULL);
	char *head = server_request(&server, "HEAD", "/-/healthy", "", NULL);

	(void)state;
	assert_int_equal(answer_status(head), 200);
	assert_non_null(strstr(get, "Content-Length: 22\r\n"));
	assert_non_null(strstr(head, "Content-Length: 22\r\n"));
	assert_string_equal(answer_body(head), "");
	free(get);
	free(head);
}

/* The unpacked text; the caller frees. */
static char *
unpack(char *data, size_t n)
{
	z_stream z = { 0 };
	char *text = mem_new(ANSWER_MAX, 1);

	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_in = (unsigned char *)data;
	z.avail_in = (unsigned)n;
	z.next_out = (unsigned char *)text;
	z.avail_out = ANSWER_MAX - 1;
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.avail_in, 0);
	inflateEnd(&z);
	return text;
}

static void
gzip_says_the_same_in_less(void **state)
{
	size_t n, m;
	char *plain = server_request(&server, "GET", "/api/v1/databases", "",
	    &n);
	char *small = server_request(&server, "GET", "/api/v1/databases",
	    "Accept-Encoding: gzip\r\n", &m);
	size_t head = (size_t)(answer_body(small) - small);
	char *text;

	(void)state;
	assert_non_null(strstr(small, "Content-Encoding: gzip\r\n"));
	assert_null(strstr(plain, "Content-Encoding"));
	assert_true(m < n / 4);
	text = unpack(small + head, m - head);
	assert_string_equal(text, answer_body(plain));
	free(text);
	free(plain);
	free(small);
}

static void
gzip_only_where_it_is_worth_it(void **state)
{
	static const char gzip[] = "Accept-Encoding: gzip\r\n";
	char *none = server_request(&server, "GET", "/metrics",
	    "Accept-Encoding: gzip;q=0\r\n", NULL);
	char *tiny = server_request(&server, "GET", "/-/healthy", gzip, NULL);

	(void)state;
	assert_null(strstr(none, "Content-Encoding"));
	assert_null(strstr(tiny, "Content-Encoding"));
	free(none);
	free(tiny);
}

/* One short answer, of which the connection stays open. */
static void
expect_healthy(int fd)
{
	char text[4096];
	size_t n = 0;

	while (n < sizeof text - 1) {
		ssize_t got = recv(fd, text + n, sizeof text - 1 - n, 0);

		assert_true(got > 0);
		n += (size_t)got;
		text[n] = '\0';
		if (strstr(text, "litegauge is healthy.\n") != NULL)
			return;
	}
	fail();
}

static void
a_connection_serves_again(void **state)
{
	static const char request[] =
	    "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n";
	int fd = server_connect(&server);

	(void)state;
	for (int i = 0; i < 20; i++) {
		server_send(fd, request);
		expect_healthy(fd);
	}
	/* A body that nobody reads does not end it, nor become a request. */
	server_send(fd, "POST /-/healthy HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Length: 21\r\n\r\nGET /nope HTTP/1.1\r\n\r");
	server_send(fd, request);
	expect_healthy(fd);
	close(fd);
}

static void
what_is_too_long_is_refused(void **state)
{
	static const size_t lengths[] = { 5000, 8192, 12000, 60000, 1 << 20 };

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		char *path = mem_new(lengths[i] + 2, 1), *answer;
		unsigned status;

		memset(path, 'a', lengths[i]);
		path[0] = '/';
		answer = server_request(&server, "GET", path, "", NULL);
		status = answer_status(answer);
		/* 0: it closed on us while we were still talking. */
		if (status != 414 && status != 431 && status != 0)
			fail_msg("%zu: %u", lengths[i], status);
		free(answer);
		free(path);
	}
}

static void
headers_without_end_are_refused(void **state)
{
	char *value = mem_new(100001, 1), *header, *answer;
	unsigned status;

	(void)state;
	memset(value, 'h', 100000);
	header = mem_printf("X-Long: %s\r\n", value);
	answer = server_request(&server, "GET", "/-/healthy", header, NULL);
	status = answer_status(answer);
	assert_true(status == 431 || status == 413 || status == 0);
	free(answer);
	free(header);
	free(value);
}

/* Twenty that ask for much and read nothing, twenty that never finish. */
static void
slow_clients_hold_up_nobody(void **state)
{
	int slow[40];

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		slow[i] = server_connect(&server);
		server_send(slow[i], i % 2 == 0 ?
		    "GET /api/v1/databases HTTP/1.1\r\nHost: [::1]\r\n\r\n" :
		    "GET /metrics HTTP/1.1\r\nHo");
	}
	for (int i = 0; i < 10; i++) {
		char *answer = server_request(&server, "GET", "/-/healthy",
		    "", NULL);

		assert_int_equal(answer_status(answer), 200);
		free(answer);
	}
	for (size_t i = 0; i < 40; i++)
		close(slow[i]);
}

static void
nonsense_does_no_harm(void **state)
{
	static const char *const requests[] = {
		"\r\n\r\n", "\n\n\n", "GET\r\n\r\n", "GET  HTTP/1.1\r\n\r\n",
		"GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\x00\x01\r\n\r\n",
		"GET /?%zz&&=&db HTTP/1.0\r\n\r\n",
		"GET /%00 HTTP/1.0\r\n\r\n",
		"POST / HTTP/1.0\r\nContent-Length: -1\r\n\r\n",
	};
	char *answer;

	(void)state;
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
		int fd = server_connect(&server);

		server_send(fd, requests[i]);
		shutdown(fd, SHUT_WR);
		close(fd);
	}
	answer = server_request(&server, "GET", "/-/healthy", "", NULL);
	assert_int_equal(answer_status(answer), 200);
	free(answer);
}

static void
ready_when_it_is(void **state)
{
	struct server ready;
	char *answer;

	(void)state;
	server_init(&ready, NULL, NULL, 0);
	ready.agent.ready = true;
	server_start(&ready);
	answer = server_request(&ready, "GET", "/-/ready", "", NULL);
	assert_int_equal(answer_status(answer), 200);
	free(answer);
	server_stop(&ready);
}

static void
an_address_in_use_is_said_so(void **state)
{
	struct err e = { "" };
	struct agent a = { 0 };
	struct loop *l = loop_new(&e);
	char listen[32], want[64];

	(void)state;
	(void)snprintf(listen, sizeof listen, "127.0.0.1:%u", server.port);
	(void)snprintf(want, sizeof want, "%s: Address already in use",
	    listen);
	assert_null(http_new(l, &a, listen, &e));
	assert_string_equal(e.text, want);
	loop_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route),
		cmocka_unit_test(nothing_is_left_unescaped),
		cmocka_unit_test(head_has_the_length_and_no_body),
		cmocka_unit_test(gzip_says_the_same_in_less),
		cmocka_unit_test(gzip_only_where_it_is_worth_it),
		cmocka_unit_test(a_connection_serves_again),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(headers_without_end_are_refused),
		cmocka_unit_test(slow_clients_hold_up_nobody),
		cmocka_unit_test(nonsense_does_no_harm),
		cmocka_unit_test(ready_when_it_is),
		cmocka_unit_test(an_address_in_use_is_said_so),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start, stop);
}
