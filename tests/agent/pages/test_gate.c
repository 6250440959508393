/*
 * test_gate - who may ask for what: by the name that is asked for, by what a
 * browser sends, and by where it comes from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/pages/gate.h"
#include "tests/agent/server.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define EVIL		"evil.example"

static struct server server;

static const struct {
	const char	*host;
	bool		 ours;
} names[] = {
	{ "127.0.0.1", true }, { "127.0.0.1:10925", true },
	{ "10.1.2.3:80", true }, { "[::1]", true }, { "[::1]:10925", true },
	{ "localhost", true }, { "LocalHost:1", true },
	{ "a.localhost:10925", true }, { "Box", true }, { "box:10925", true },
	{ "gauge.example.org", true }, { "GAUGE.example.org:443", true },
	{ EVIL, false }, { EVIL ":10925", false }, { "", false },
	{ ":10925", false }, { "[]", false }, { "localhost." EVIL, false },
	{ "127.0.0.1." EVIL, false }, { "notlocalhost", false },
	{ ".localhost", false }, { "box." EVIL, false },
	{ "gauge.example.org." EVIL, false }, { "0x7f.1", false },
	{ "localhost@" EVIL, false }, { "boxbox", false },
};

static void
test_names(void **state)
{
	static const char *const urls[] = { "https://gauge.example.org/",
	    "http://gauge.example.org:8080", "http://gauge.example.org?x",
	    "http://gauge.example.org" };

	(void)state;
	for (size_t k = 0; k < COUNT(urls); k++)
		for (size_t i = 0; i < COUNT(names); i++)
			if (gate_names_us(names[i].host, "box", urls[k]) !=
			    names[i].ours)
				fail_msg("%s, %s", names[i].host, urls[k]);
	assert_false(gate_names_us("gauge", "box", "no url at all"));
	assert_false(gate_names_us("gauge", "box", NULL));
}

static struct sockaddr_storage
address(const char *text)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_port = (in_port_t)random() };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
	    .sin6_port = (in_port_t)random() };

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		memcpy(&ss, &in, sizeof in);
	else if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
		memcpy(&ss, &in6, sizeof in6);
	else
		fail_msg("%s", text);
	return ss;
}

static const struct {
	const char	*theirs, *ours;
	bool		 near;
} places[] = {
	{ "127.0.0.1", "127.0.0.1", true },
	{ "127.9.9.9", "127.0.0.1", true },
	{ "::1", "::1", true },
	{ "::ffff:127.0.0.1", "::ffff:127.0.0.1", true },
	{ "10.0.0.5", "10.0.0.5", true },
	{ "::ffff:10.0.0.5", "::ffff:10.0.0.5", true },
	{ "fe80::5", "fe80::5", true },
	{ "10.0.0.6", "10.0.0.5", false },
	{ "10.0.0.6", "127.0.0.1", false },
	{ "128.0.0.1", "10.0.0.5", false },
	{ "::2", "::1", false },
	{ "::ffff:10.0.0.6", "::ffff:10.0.0.5", false },
	{ "7f00::1", "fe80::5", false },
};

static void
test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		struct sockaddr_storage theirs = address(places[i].theirs);
		struct sockaddr_storage ours = address(places[i].ours);

		if (gate_is_near(&theirs, &ours) != places[i].near)
			fail_msg("%s to %s", places[i].theirs, places[i].ours);
	}
}

#define RELOAD		"POST /-/reload HTTP/1.1\r\n"
#define ADD		"POST /api/v1/silences/add?match=db=*&for=1h " \
			"HTTP/1.1\r\n"
#define END		"POST /api/v1/silences/end?id=s0 HTTP/1.1\r\n"
#define HERE		"Host: localhost\r\nContent-Length: 0\r\n"

static const struct {
	const char	*head;
	unsigned	 status;
	const char	*says;
} requests[] = {
	{ RELOAD HERE, 500, "/nonexistent/litegauge.ini" },
	{ END HERE, 404, "there is no silence s0" },
	{ RELOAD HERE "Origin: http://" EVIL "\r\n", 403, "\r\n\r\nA web" },
	{ RELOAD HERE "oriGin: null\r\n", 403, "A web page may not" },
	{ RELOAD HERE "Origin:\r\n", 403, "A web page may not" },
	{ "PUT /-/reload HTTP/1.1\r\n" HERE "Sec-Fetch-Site: same-origin\r\n",
	    403, "A web page may not" },
	{ ADD HERE "Sec-Fetch-Mode: no-cors\r\n", 403, "A web page may not" },
	{ ADD HERE "Referer: http://localhost/\r\n", 403,
	    "{\"status\":\"error\",\"error\":\"A web page may not" },
	{ END HERE "Ping-To: http://x/\r\n", 403, "A web page may not" },
	/* Somebody elsewhere, of whom a proxy tells. */
	{ RELOAD HERE "X-Forwarded-For: 192.0.2.1\r\n", 403, "\r\nOnly some" },
	{ ADD HERE "forwarded: for=192.0.2.1\r\n", 403, "Only somebody on" },
	{ ADD HERE "X-Real-IP: 192.0.2.1\r\n", 403, "Only somebody on" },
	{ END HERE "Via: 1.1 proxy\r\n", 403, "Only somebody on this" },
	{ "GET / HTTP/1.1\r\nHost: localhost\r\nVia: 1.1 proxy\r\n", 200,
	    "<html" },
	/* A link may lead here, and what is read is not changed. */
	{ "GET / HTTP/1.1\r\nHost: localhost\r\nReferer: http://x/\r\n"
	    "Sec-Fetch-Site: cross-site\r\n", 200, "<html" },
	/* A name that somebody else gave us. */
	{ "GET /metrics HTTP/1.1\r\nHost: " EVIL ":10925\r\n", 421,
	    "does not know itself by that name" },
	{ "GET /api/v1/databases HTTP/1.1\r\nHost: " EVIL "\r\n", 421,
	    "{\"status\":\"error\",\"error\":\"This agent does not" },
	{ ADD "Host: " EVIL "\r\nContent-Length: 0\r\n", 421, "by that name" },
	{ "HEAD / HTTP/1.1\r\nHost: " EVIL "\r\n", 421, "" },
	{ "GET /metrics HTTP/1.0\r\n", 200, "\n" },
};

static void
test_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(requests); i++) {
		char *text = mem_printf("%sConnection: close\r\n\r\n",
		    requests[i].head);
		char *answer = server_ask(&server, text, NULL);

		if (answer_status(answer) != requests[i].status ||
		    strstr(answer, requests[i].says) == NULL)
			fail_msg("%s: %s", text, answer);
		free(answer);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_requests),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	server_init(&server, NULL, NULL, 0);
	server_start(&server);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	/* Nothing came of all that. */
	rc += silences_count(server.agent.silences) != 0;
	server_stop(&server);
	return rc;
}
