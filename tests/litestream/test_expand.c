/*
 * Variables as Go's os.Expand puts them in, and no more than the buffer takes.
 */
#include "tests/litestream/plans.h"

#include "litestream/expand.h"

static const char *env[] = { "A=val", "AB=<$A>", "1=one", NULL };

static void
test_forms(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" },
		{ "a", "a" },
		{ "$A", "val" },
		{ "${A}", "val" },
		{ "x$A-y", "xval-y" },
		{ "$A$A", "valval" },
		{ "$AB", "<$A>" },
		{ "${AB}", "<$A>" },
		{ "$", "$" },
		{ "a$", "a$" },
		{ "$ ", "$ " },
		{ "$$", "" },
		{ "$$A", "A" },
		{ "${", "" },
		{ "${}", "" },
		{ "${A", "A" },
		{ "x${A", "xA" },
		{ "${}A", "A" },
		{ "${A:-b}", "" },
		{ "$1x", "onex" },
		{ "${1}", "one" },
		{ "${*}", "" },
		{ "${*x}", "" },
		{ "$?", "" },
		{ "$-", "" },
		{ "$é", "$é" },
		{ "${A }", "" },
		{ "$_x", "" },
		{ "${A}}", "val}" },
		{ "\\$A", "\\val" },
		{ "'$A'", "'val'" },
		{ "%$", "%$" },
		{ "$\n", "$\n" },
		{ "${\n}", "" },
		{ "$#", "" },
		{ "${#A}", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf b;
		char *got;

		buf_init(&b, 1000);
		expand_text(&b, rows[i].text, strlen(rows[i].text), plans_env,
		    env);
		assert_true(buf_ok(&b));
		got = buf_take(&b);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s, not %s", rows[i].text, got,
			    rows[i].want);
		free(got);
	}
}

/* Only n bytes are looked at, and none is written past the limit. */
static void
test_bounds(void **state)
{
	static const char text[] = "$AB$ABCDE}";
	char name[400] = "${";
	struct buf b;

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		char *exact = memcpy(mem_new(n > 0 ? n : 1, 1), text, n);

		buf_init(&b, 5);
		expand_text(&b, exact, n, plans_env, env);
		assert_true(b.len <= 5);
		buf_free(&b);
		free(exact);
	}
	memset(name + 2, 'A', 300);
	name[302] = '}';
	buf_init(&b, 5);
	expand_text(&b, name, strlen(name), plans_env, env);
	assert_int_equal(b.len, 0);
	expand_text(&b, "${A\0}", 5, plans_env, env);
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
