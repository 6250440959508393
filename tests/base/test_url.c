/*
 * url: what may be posted to, and nothing that ends a line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/url.h"

static const struct {
	const char	*url;
	bool		 is;
} rows[] = {
	{ "https://x.example/a?b#c", true }, { "http://x", true },
	{ "HTTPS://X.example:8443", true }, { "http://[::1]:9/", true },
	{ "https://u:p@x.example/", true },
	{ "", false }, { "https://", false }, { "https:///path", false },
	{ "http://?", false }, { "http://#x", false }, { "x.example", false },
	{ "ftp://x.example/", false }, { "file:///etc/passwd", false },
	{ "gopher://x/", false }, { " https://x/", false },
	{ "https://x/ ", false }, { "https://x/\nhttps://y/", false },
	{ "https://x/\r\nHost: y", false }, { "https://x/\ty", false },
	{ "https://x/\x7f", false }, { "httpsx://x", false },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (url_is_http(rows[i].url) != rows[i].is)
			fail_msg("%s", rows[i].url);
}

static const struct {
	const char	*url;
	bool		 clear;
} ways[] = {
	{ "http://x.example/", true }, { "HTTP://10.0.0.1:9093", true },
	{ "http://localhost.example/", true }, { "http://127.0.0.100", true },
	{ "http://localhost@x.example/", true },
	{ "http://[::1].example/", true }, { "http://[::1", true },
	{ "https://x.example/", false }, { "http://localhost", false },
	{ "http://LocalHost:9093/x", false }, { "http://127.0.0.1", false },
	{ "http://127.0.0.1:1/", false }, { "http://[::1]:1", false },
	{ "smtp://x.example", false }, { "", false },
};

static void
test_clear(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (url_is_clear(ways[i].url) != ways[i].clear)
			fail_msg("%s", ways[i].url);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_clear),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
