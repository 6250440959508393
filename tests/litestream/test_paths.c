/*
 * Paths as Go's path.Clean and path.Join make them.
 */
#include "tests/litestream/plans.h"

#include "litestream/paths.h"

static void
test_clean(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
		{ "", "." },
		{ "/", "/" },
		{ "a", "a" },
		{ "a/", "a" },
		{ "./a", "a" },
		{ "a/./b", "a/b" },
		{ "a//b", "a/b" },
		{ "a/../b", "b" },
		{ "../a", "../a" },
		{ "../../a", "../../a" },
		{ "/..", "/" },
		{ "/../a", "/a" },
		{ "a/..", "." },
		{ "/a/../..", "/" },
		{ "//a", "/a" },
		{ "/a/b/", "/a/b" },
		{ "a/../../b", "../b" },
		{ "...", "..." },
		{ "/a/./../b/.//c", "/b/c" },
		{ "a/.../b", "a/.../b" },
		{ "..a", "..a" },
		{ "/.", "/" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *got = path_clean(rows[i].path);

		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s, not %s", rows[i].path, got,
			    rows[i].want);
		free(got);
	}
}

static void
test_join(void **state)
{
	static const struct {
		const char *a, *b, *want;
	} rows[] = {
		{ "", "", "" },
		{ "a", "", "a" },
		{ "", "b/", "b" },
		{ ".", "b", "b" },
		{ "/a/", "/b", "/a/b" },
		{ "/", "b", "/b" },
		{ "a", "../..", ".." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *got = path_join(rows[i].a, rows[i].b);

		assert_string_equal(got, rows[i].want);
		free(got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
