/*
 * s3_sign: Amazon's own published examples, and what of a key is encoded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "litestream/s3_sign.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))

/* "Examples: Signature Calculations in AWS Signature Version 4". */
#define EXAMPLE								\
	.host = "examplebucket.s3.amazonaws.com",			\
	.region = "us-east-1",						\
	.access_key = "AKIAIOSFODNN7EXAMPLE",				\
	.secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",	\
	.at_s = 1369353600	/* 20130524T000000Z */

static const struct s3_param example_page[] = {
	{ "delimiter", NULL },
	{ "max-keys", "2" },
	{ "prefix", "J" },
};

static const struct {
	struct s3_request request;
	const char	*target, *names, *signature;
} examples[] = {
	{ { .method = "GET", .path = "/test.txt", .range = "bytes=0-9",
	    EXAMPLE },
	  "/test.txt", "host;range;x-amz-content-sha256;x-amz-date",
	  "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
	{ { .method = "GET", .path = "/", .params = example_page,
	    .nparams = COUNT(example_page), EXAMPLE },
	  "/?max-keys=2&prefix=J", "host;x-amz-content-sha256;x-amz-date",
	  "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" },
};

static const char *
header(const struct curl_slist *l, const char *name)
{
	size_t n = strlen(name);

	for (; l != NULL; l = l->next)
		if (strncasecmp(l->data, name, n) == 0 &&
		    strncmp(l->data + n, ": ", 2) == 0)
			return l->data + n + 2;
	return NULL;
}

static char *
target(const struct s3_request *q)
{
	struct buf b;

	buf_init(&b, 8192);
	s3_sign_target(&b, q);
	return buf_take(&b);
}

static void
test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		const struct s3_request *q = &examples[i].request;
		struct curl_slist *l = s3_sign_headers(q);
		char want[512], *text = target(q);

		snprintf(want, sizeof want, "AWS4-HMAC-SHA256 Credential="
		    "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
		    "SignedHeaders=%s,Signature=%s", examples[i].names,
		    examples[i].signature);
		assert_string_equal(header(l, "Authorization"), want);
		assert_string_equal(header(l, "Host"), q->host);
		assert_string_equal(header(l, "x-amz-date"),
		    "20130524T000000Z");
		assert_string_equal(text, examples[i].target);
		free(text);
		curl_slist_free_all(l);
	}
}

static const struct {
	const char	*path, *target;
} paths[] = {
	{ "/", "/" },
	{ "/b/./0000/a-b.ltx", "/b/./0000/a-b.ltx" },
	{ "/b//0000/../x", "/b//0000/../x" },
	{ "/a b+c%41~_", "/a%20b%2Bc%2541~_" },
	{ "/\xc3\xa4/?#&=", "/%C3%A4/%3F%23%26%3D" },
	{ "/a(b)*'!", "/a%28b%29%2A%27%21" },
};

static void
test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct s3_request q = { .path = paths[i].path };
		char *text = target(&q);

		assert_string_equal(text, paths[i].target);
		free(text);
	}
}

static void
test_query(void **state)
{
	static const struct s3_param params[] = {
		{ "delimiter", "/" },
		{ "list-type", "2" },
		{ "max-keys", NULL },
		{ "prefix", "" },
		{ "start-after", "a b/+\xff" },
	};
	struct s3_request q = { .path = "/b", .params = params,
	    .nparams = COUNT(params) };
	char *text = target(&q);

	(void)state;
	assert_string_equal(text, "/b?delimiter=%2F&list-type=2&prefix=&"
	    "start-after=a%20b%2F%2B%FF");
	free(text);
}

/* Known answers of our own do not prove much: what must differ, differs. */
static void
test_token_and_none(void **state)
{
	struct s3_request q = examples[0].request;
	struct curl_slist *l;

	(void)state;
	q.session_token = "t0ken";
	l = s3_sign_headers(&q);
	assert_string_equal(header(l, "x-amz-security-token"), "t0ken");
	assert_non_null(strstr(header(l, "Authorization"),
	    ";x-amz-date;x-amz-security-token,"));
	assert_null(strstr(header(l, "Authorization"),
	    examples[0].signature));
	for (const struct curl_slist *at = l; at != NULL; at = at->next)
		assert_null(strstr(at->data, "wJalr"));
	curl_slist_free_all(l);
	q.secret_key = NULL;
	l = s3_sign_headers(&q);
	assert_null(header(l, "Authorization"));
	assert_null(header(l, "x-amz-security-token"));
	assert_string_equal(header(l, "range"), "bytes=0-9");
	curl_slist_free_all(l);
}

static void
test_too_long(void **state)
{
	struct s3_request q = examples[0].request;
	char *path = malloc(100001);

	(void)state;
	assert_non_null(path);
	memset(path, '/', 100000);
	path[100000] = '\0';
	q.path = path;
	assert_null(s3_sign_headers(&q));
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_token_and_none),
		cmocka_unit_test(test_too_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
