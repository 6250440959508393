/*
 * s3_list: listings and errors as S3 and its likes write them, cut anywhere;
 * what is none, or too much, is refused with a reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "litestream/s3_list.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define PAGE(text)							\
	"<?xml version=\"1.0\"?>\n<ListBucketResult xmlns="		\
	"\"http://s3.amazonaws.com/doc/2006-03-01/\">" text		\
	"</ListBucketResult>"
#define ENTRY(key)	"<Contents><Key>" key "</Key></Contents>"

static const char whole[] = PAGE("<Name>b</Name><Prefix>app/</Prefix>"
    "<IsTruncated>true</IsTruncated>"
    "<Contents><Key>app/1</Key>"
    "<LastModified>2026-11-25T06:32:40.123Z</LastModified>"
    "<Size>434234</Size><Owner><ID>x</ID><Key>no</Key></Owner></Contents>"
    "<Contents><Size>7</Size><Key>app/a&amp;b</Key>"
    "<LastModified>2026-11-25T06:32:41Z</LastModified></Contents>"
    "<CommonPrefixes><Prefix>app/x/</Prefix></CommonPrefixes>"
    "<CommonPrefixes><Prefix>app/y/</Prefix></CommonPrefixes>");

static void
test_listing(void **state)
{
	(void)state;
	for (size_t piece = 1; piece <= sizeof whole; piece += 7) {
		struct s3_list *l = s3_list_new();
		const struct s3_document *d;
		const char *why = NULL;

		for (size_t at = 0; at < sizeof whole - 1; at += piece)
			assert_true(s3_list_feed(l, whole + at,
			    sizeof whole - 1 - at < piece ?
			    sizeof whole - 1 - at : piece));
		d = s3_list_end(l, &why);
		assert_non_null(d);
		assert_false(d->is_error);
		assert_true(d->truncated);
		assert_int_equal(d->nobjects, 2);
		assert_string_equal(d->objects[0].key, "app/1");
		assert_int_equal(d->objects[0].size, 434234);
		assert_int_equal(d->objects[0].modified_ms, 1795588360123);
		assert_string_equal(d->objects[1].key, "app/a&b");
		assert_int_equal(d->objects[1].size, 7);
		assert_int_equal(d->objects[1].modified_ms, 1795588361000);
		assert_int_equal(d->nprefixes, 2);
		assert_string_equal(d->prefixes[0], "app/x/");
		assert_string_equal(d->prefixes[1], "app/y/");
		s3_list_free(l);
	}
}

static const struct s3_document *
read_all(struct s3_list *l, const char *text, const char **why)
{
	*why = NULL;
	(void)s3_list_feed(l, text, strlen(text));
	return s3_list_end(l, why);
}

static void
test_encoded(void **state)
{
	struct s3_list *l = s3_list_new();
	const char *why;
	const struct s3_document *d = read_all(l, PAGE(ENTRY("a%20b%2Bc+d")
	    "<CommonPrefixes><Prefix>%C3%a4/</Prefix></CommonPrefixes>"
	    "<EncodingType>url</EncodingType>"), &why);

	(void)state;
	assert_non_null(d);
	assert_string_equal(d->objects[0].key, "a b+c d");
	assert_string_equal(d->prefixes[0], "\xc3\xa4/");
	s3_list_free(l);
	/* Else a per cent sign is one. */
	l = s3_list_new();
	d = read_all(l, PAGE(ENTRY("100%+")), &why);
	assert_non_null(d);
	assert_string_equal(d->objects[0].key, "100%+");
	assert_false(d->truncated);
	s3_list_free(l);
}

static void
test_error(void **state)
{
	struct s3_list *l = s3_list_new();
	const char *why;
	const struct s3_document *d = read_all(l, "<Error><Code>Authorization"
	    "HeaderMalformed</Code><Message>it&apos;s wrong</Message>"
	    "<Region>eu-central-1</Region><Details><Code>no</Code></Details>"
	    "</Error>", &why);

	(void)state;
	assert_non_null(d);
	assert_true(d->is_error);
	assert_string_equal(d->code, "AuthorizationHeaderMalformed");
	assert_string_equal(d->message, "it's wrong");
	assert_string_equal(d->region, "eu-central-1");
	s3_list_free(l);
}

static const struct {
	const char	*text, *why;
} refusals[] = {
	{ "", "it is not XML" },
	{ "garbage", "it is not XML" },
	{ "<html><body>Welcome</body></html>", "it is not what S3 answers" },
	{ PAGE(ENTRY("a")) "<more/>", "it is not XML" },
	{ "<ListBucketResult>" ENTRY("a"), "it is not XML" },
	{ "<!DOCTYPE x [<!ENTITY a \"b\">]><Error><Code>&a;</Code></Error>",
	  "it has a document type" },
	{ "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><Error/>",
	  "it has a document type" },
	{ PAGE("<Contents><Size>1</Size></Contents>"), "an entry has no key" },
	{ PAGE(ENTRY("b") ENTRY("a")), "its keys are not in order" },
	{ PAGE(ENTRY("a") ENTRY("a")), "its keys are not in order" },
	{ PAGE("<Contents><Key>a<b/></Key></Contents>"),
	  "there are tags where text belongs" },
	{ PAGE("<Contents><Key>a</Key><Size>-1</Size></Contents>"),
	  "a size is not a number" },
	{ PAGE("<Contents><Key>a</Key><Size>99999999999999999999</Size>"
	  "</Contents>"), "a size is not a number" },
	{ PAGE("<Contents><Key>a</Key><LastModified>soon</LastModified>"
	  "</Contents>"), "a time is not one" },
	{ PAGE("<EncodingType>url</EncodingType>" ENTRY("a%4")),
	  "a key is encoded wrongly" },
	{ PAGE("<EncodingType>url</EncodingType>" ENTRY("a%00b")),
	  "a key is encoded wrongly" },
	{ PAGE("<a><b><c><d><e><f><g><h/></g></f></e></d></c></b></a>"),
	  "its tags are nested too deep" },
};

static void
test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		struct s3_list *l = s3_list_new();
		const char *why;

		if (read_all(l, refusals[i].text, &why) != NULL)
			fail_msg("taken: %s", refusals[i].text);
		assert_string_equal(why, refusals[i].why);
		s3_list_free(l);
	}
}

/* So many entries, each with a key of so many bytes, until one is refused. */
static const char *
flood(size_t entries, int width, size_t *taken)
{
	struct s3_list *l = s3_list_new();
	const char *why = NULL;
	struct buf b;

	*taken = 0;
	(void)s3_list_feed(l, "<ListBucketResult>", 18);
	for (; *taken < entries; ++*taken) {
		buf_init(&b, 8192);
		buf_addf(&b, "<Contents><Key>%0*zu</Key></Contents>", width,
		    *taken);
		if (!s3_list_feed(l, b.data, b.len))
			break;
		buf_free(&b);
	}
	if (*taken < entries)
		buf_free(&b);
	(void)s3_list_feed(l, "</ListBucketResult>", 19);
	(void)s3_list_end(l, &why);
	s3_list_free(l);
	return why;
}

static void
test_bounds(void **state)
{
	struct s3_list *l;
	const char *why;
	size_t taken;
	char *much;

	(void)state;
	assert_null(flood(S3_MAX_KEYS, 20, &taken));
	assert_null(flood(S3_MAX_KEYS, S3_MAX_KEY, &taken));
	assert_string_equal(flood(1000000, 20, &taken),
	    "it has more entries than were asked for");
	assert_int_equal(taken, S3_MAX_KEYS);
	assert_string_equal(flood(1, S3_MAX_KEY + 1, &taken),
	    "a key is too long");
	assert_string_equal(flood(1, 5000, &taken), "a text in it is too long");
	much = malloc(S3_MAX_BODY + 1);
	assert_non_null(much);
	memset(much, ' ', S3_MAX_BODY + 1);
	l = s3_list_new();
	assert_true(s3_list_feed(l, "<Error>", 7));
	assert_true(s3_list_feed(l, much, S3_MAX_BODY - 7));
	assert_false(s3_list_feed(l, much, 1));
	assert_null(s3_list_end(l, &why));
	assert_string_equal(why, "it is too long");
	s3_list_free(l);
	free(much);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listing),
		cmocka_unit_test(test_encoded),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_bounds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
