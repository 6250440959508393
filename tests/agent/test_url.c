/*
 * url: what may be posted to, and nothing that ends a line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/url.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
