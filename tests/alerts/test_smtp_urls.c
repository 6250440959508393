/*
 * smtp: where mail may go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/smtp.h"
#include "base/err.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))

static const struct {
	const char	*url;
	bool		 password;
	const char	*says;		/* NULL: it is taken */
} urls[] = {
	{ "smtp://mail.example.org", true, NULL },
	{ "smtp://mail.example.org:587", true, NULL },
	{ "SMTPS://mail.example.org:465/web-1", true, NULL },
	{ "smtp://192.0.2.1:25", true, NULL },
	{ "smtp://[2001:db8::1]:25", true, NULL },
	{ "smtp://localhost", true, NULL },
	{ "smtp+plain://mail.example.org", false, NULL },
	{ "smtp+plain://mail.example.org", true, "without TLS" },
	{ "smtp+plain://localhost:2525", true, NULL },
	{ "smtp+plain://localhost.example:2525", true, "without TLS" },
	{ "smtp://user:s3cr3t@mail.example.org", false, "say username" },
	{ "http://mail.example.org", false, "smtp://HOST:PORT" },
	{ "mail.example.org", false, "smtp://HOST:PORT" },
	{ "", false, "smtp://HOST:PORT" },
	{ "smtp://", false, "smtp://HOST:PORT" },
	{ "smtp://:25", false, "smtp://HOST:PORT" },
	{ "smtp://host:", false, "smtp://HOST:PORT" },
	{ "smtp://host:0", false, "smtp://HOST:PORT" },
	{ "smtp://host:65536", false, "smtp://HOST:PORT" },
	{ "smtp://host:25x", false, "smtp://HOST:PORT" },
	{ "smtp://host/a b", false, "smtp://HOST:PORT" },
	{ "smtp://host/a%0d%0aMAIL", false, "smtp://HOST:PORT" },
	{ "smtp://host\r\nRCPT", false, "smtp://HOST:PORT" },
	{ "smtp://[]", false, "smtp://HOST:PORT" },
	{ "smtp://[::1", false, "smtp://HOST:PORT" },
	{ "smtp://host?x", false, "smtp://HOST:PORT" },
};

static void
test_urls(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		struct err e = { "" };
		int rc = smtp_check_url(urls[i].url, urls[i].password, &e);

		if (rc != (urls[i].says == NULL ? 0 : -1) ||
		    (rc == -1 && strstr(e.text, urls[i].says) == NULL))
			fail_msg("%s: %s", urls[i].url, e.text);
		assert_null(strstr(e.text, "s3cr3t"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
