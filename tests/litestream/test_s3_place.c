/*
 * s3_place: where a bucket is asked, by its name, its endpoint and its region.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "litestream/s3_place.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define AMAZON		"s3.eu-west-3.amazonaws.com"
#define PLACE(b, e, p)							\
	{ .bucket = (char[]){ b }, .endpoint = e, .path_style = p }

static const struct {
	struct replica	 replica;
	const char	*base, *host, *path;	/* NULL: cannot be asked */
} cases[] = {
	{ PLACE("pail", NULL, false),
	  "https://pail." AMAZON, "pail." AMAZON, "" },
	{ PLACE("pail", NULL, true), "https://" AMAZON, AMAZON, "/pail" },
	{ PLACE("a.b", NULL, false), "https://" AMAZON, AMAZON, "/a.b" },
	{ PLACE("Pail", NULL, false), "https://" AMAZON, AMAZON, "/Pail" },
	{ PLACE("pa_il", NULL, false), "https://" AMAZON, AMAZON, "/pa_il" },
	{ PLACE("-", NULL, false), "https://" AMAZON, AMAZON, "/-" },
	{ PLACE("pail", (char[]){ "minio:9000" }, true),
	  "https://minio:9000", "minio:9000", "/pail" },
	{ PLACE("pail", (char[]){ "http://minio:80/" }, true),
	  "http://minio", "minio", "/pail" },
	{ PLACE("pail", (char[]){ "https://h:443/base//" }, true),
	  "https://h", "h", "/base/pail" },
	{ PLACE("pail", (char[]){ "https://h/base" }, false),
	  "https://pail.h", "pail.h", "/base" },
	{ PLACE("pail", (char[]){ "http://10.0.0.1:9000" }, false),
	  "http://10.0.0.1:9000", "10.0.0.1:9000", "/pail" },
	{ PLACE("pail", (char[]){ "http://[::1]:9000" }, false),
	  "http://[::1]:9000", "[::1]:9000", "/pail" },
	{ PLACE("pail", (char[]){ "https://user:pass@h" }, true),
	  "https://h", "h", "/pail" },
	{ PLACE("pail", (char[]){ "http://" }, true), NULL, NULL, NULL },
	{ PLACE("pail", (char[]){ "http://a b" }, true), NULL, NULL, NULL },
	{ PLACE("", NULL, true), NULL, NULL, NULL },
};

static void
test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct s3_place p = { 0 };
		int rc = s3_place_of(&p, &cases[i].replica, "eu-west-3");

		assert_int_equal(rc, cases[i].base == NULL ? -1 : 0);
		if (rc == -1)
			continue;
		assert_string_equal(p.base, cases[i].base);
		assert_string_equal(p.host, cases[i].host);
		assert_string_equal(p.path, cases[i].path);
		s3_place_done(&p);
	}
}

static void
test_regions(void **state)
{
	struct replica r = PLACE("pail", NULL, true);
	struct s3_place p;

	(void)state;
	assert_int_equal(s3_place_of(&p, &r, "cn-north-1"), 0);
	assert_string_equal(p.host, "s3.cn-north-1.amazonaws.com.cn");
	s3_place_done(&p);
	assert_true(s3_place_is_region("us-gov-west-1"));
	assert_true(s3_place_is_region("auto"));
	assert_false(s3_place_is_region(""));
	assert_false(s3_place_is_region("evil.example/"));
	assert_false(s3_place_is_region("EU"));
	assert_false(s3_place_is_region("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_regions),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
