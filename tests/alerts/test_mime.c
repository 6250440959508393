/*
 * mime, address: text and addresses as mail carries them.
 */
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/address.h"
#include "alerts/mime.h"
#include "base/buf.h"
#include "base/err.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))

static const struct {
	const char	*list;
	int		 n;		/* -1: refused */
} lists[] = {
	{ "a@b", 1 }, { "ops@example.org", 1 },
	{ "a.b+c=d@x-y.example.org", 1 }, { "a@b, c@d,e@f g@h", 4 },
	{ ",a@b,", 1 }, { "o'hara/x{y}@b", 1 },
	{ "", -1 }, { " , ", -1 }, { "a", -1 }, { "@b", -1 }, { "a@", -1 },
	{ "a@b@c", -1 }, { "a..b@c", -1 }, { ".a@b", -1 }, { "a.@b", -1 },
	{ "a@b.", -1 }, { "a@.b", -1 }, { "a@b..c", -1 }, { "a@b c", -1 },
	{ "Name <a@b>", -1 }, { "\"a b\"@c", -1 }, { "a@[127.0.0.1]", -1 },
	{ "a@b\r\nBcc: c@d", -1 }, { "a@b\nRCPT TO:<c@d>", -1 },
	{ "a@b>", -1 }, { "<a@b", -1 }, { "a@b;c@d", -1 }, { "a(b)@c", -1 },
	{ "\xc3\xa4@b", -1 }, { "a@\xc3\xa4.example", -1 }, { "a\t@b", -1 },
};

static void
test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct err e = { "" };
		int rc = address_check(lists[i].list, &e), n = 0;
		struct curl_slist *all;

		if (rc != (lists[i].n == -1 ? -1 : 0))
			fail_msg("\"%s\": %d, %s", lists[i].list, rc, e.text);
		if (rc == -1)
			continue;
		all = address_list(lists[i].list);
		for (struct curl_slist *a = all; a != NULL; a = a->next) {
			assert_true(address_is(a->data));
			n++;
		}
		assert_int_equal(n, lists[i].n);
		assert_int_equal(address_is(lists[i].list), strpbrk(
		    lists[i].list, ", ") == NULL);
		curl_slist_free_all(all);
	}
}

static void
test_address_bounds(void **state)
{
	char text[70 + 300], many[4 * (ADDRESSES_MAX + 1) + 1] = "";
	struct err e;

	(void)state;
	memset(text, 'a', sizeof text);
	memcpy(text + 64, "@b", 3);
	assert_true(address_is(text));
	text[64] = 'a';
	memcpy(text + 65, "@b", 3);
	assert_false(address_is(text));
	for (size_t i = 0; i < ADDRESSES_MAX + 1; i++)
		memcpy(many + 4 * i, "a@b,", 5);
	assert_int_equal(address_check(many, &e), -1);
	many[4 * ADDRESSES_MAX] = '\0';
	assert_int_equal(address_check(many, &e), 0);
}

static const struct {
	const char	*text, *header;
} headers[] = {
	{ "plain", "S: plain\r\n" },
	{ "", "S:\r\n" },
	{ "a =b? c", "S: a =b? c\r\n" },
	{ "=?UTF-8?Q?x?=", "S: =?UTF-8?Q?=3D=3FUTF-8=3FQ=3Fx=3F=3D?=\r\n" },
	{ "a  b", "S: =?UTF-8?Q?a__b?=\r\n" },
	{ " a", "S: =?UTF-8?Q?_a?=\r\n" },
	{ "a ", "S: =?UTF-8?Q?a_?=\r\n" },
	{ "\xc3\xa4", "S: =?UTF-8?Q?=C3=A4?=\r\n" },
	/* 76 characters fit into a line, 77 do not. */
	{ "aaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbb"
	    "bbbbbbbbbbbbbbbbbb", "S: aaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbb"
	    "bbbbbbbbbbbbbbbbbb\r\n" },
	{ "aaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbb"
	    "bbbbbbbbbbbbbbbbbbb", "S: aaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaa\r\n bbbbbbbbbbbbbbbbbb"
	    "bbbbbbbbbbbbbbbbbbb\r\n" },
	{ "a_b\xe2\x80\xa6", "S: =?UTF-8?Q?a=5Fb=E2=80=A6?=\r\n" },
};

static void
test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct buf b;
		char *got;

		buf_init(&b, 1000);
		mime_header(&b, "S", headers[i].text);
		got = buf_take(&b);
		assert_string_equal(got, headers[i].header);
		free(got);
	}
}

/* Lines are short, and what is in them is whole. */
static void
test_long_headers(void **state)
{
	static const char *const pieces[] = { "word ", "\xc3\xa4", "x",
	    "\xf0\x9f\x98\x80 ", "<!channel> " };

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		char text[400] = "", *got, *rest, *line;
		struct buf b;

		while (strlen(text) + strlen(pieces[i]) < 250)
			memcpy(text + strlen(text), pieces[i],
			    strlen(pieces[i]) + 1);
		buf_init(&b, 4000);
		mime_header(&b, "Subject", text);
		got = rest = buf_take(&b);
		assert_true(buf_ok(&b));
		while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
			size_t n = strlen(line);

			assert_true(n <= MIME_LINE + 1);
			assert_int_equal(line[n - 1], '\r');
			if (line != got)
				assert_int_equal(line[0], ' ');
			for (size_t k = 0; k + 1 < n; k++)
				assert_in_range((unsigned char)line[k], 32,
				    126);
			/* No character is cut in two: the first byte of a word
			 * is not the middle of one. */
			assert_null(strstr(line, "?Q?=8"));
			assert_null(strstr(line, "?Q?=9"));
			assert_null(strstr(line, "?Q?=A"));
		}
		free(got);
	}
}

static const struct {
	const char	*text, *body;
} bodies[] = {
	{ "", "" }, { "a\n", "a\r\n" }, { "a", "a\r\n" },
	{ "a=b\n", "a=3Db\r\n" }, { "a \n b", "a=20\r\n b\r\n" },
	{ "\xc3\xa4", "=C3=A4\r\n" }, { ".\n..\n", ".\r\n..\r\n" },
	{ "a\r\n", "a=0D\r\n" }, { "\t", "=09\r\n" }, { "\n\n", "\r\n\r\n" },
	{ "From x", "From x\r\n" },
};

static void
test_bodies(void **state)
{
	char text[1000], *got, *rest, *line;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		buf_init(&b, 1000);
		mime_body(&b, bodies[i].text);
		got = buf_take(&b);
		assert_string_equal(got, bodies[i].body);
		free(got);
	}
	memset(text, 'x', sizeof text);
	for (size_t i = 0; i + 1 < sizeof text; i += 7)
		text[i] = '=';
	text[sizeof text - 1] = '\0';
	buf_init(&b, 10000);
	mime_body(&b, text);
	got = rest = buf_take(&b);
	while ((line = strsep(&rest, "\n")) != NULL)
		assert_true(strlen(line) <= MIME_LINE + 1);
	free(got);
}

static void
test_dates(void **state)
{
	char text[MIME_DATE_MAX];

	(void)state;
	mime_date(text, 1700000000);
	assert_string_equal(text, "Tue, 14 Nov 2023 22:13:20 +0000");
	mime_date(text, 0);
	assert_string_equal(text, "Thu, 1 Jan 1970 00:00:00 +0000");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_address_bounds),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_long_headers),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_dates),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
