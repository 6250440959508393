/*
 * words: a command line without a shell.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/words.h"
#include "base/err.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))

static const struct {
	const char	*line;
	const char	*words[5];
} good[] = {
	{ "/bin/true", { "/bin/true" } },
	{ "  a \t b  ", { "a", "b" } },
	{ "a 'b c' d", { "a", "b c", "d" } },
	{ "a \"b c\" d", { "a", "b c", "d" } },
	{ "a ''", { "a", "" } },
	{ "a b''c", { "a", "bc" } },
	{ "a 'it\"s'", { "a", "it\"s" } },
	{ "a \"it's\"", { "a", "it's" } },
	{ "a \"\\\"\\\\\"", { "a", "\"\\" } },
	{ "a '\\'", { "a", "\\" } },
	{ "a\\ b", { "a b" } },
	{ "a \\\\", { "a", "\\" } },
	{ "a $HOME `id` *;|&>x", { "a", "$HOME", "`id`", "*;|&>x" } },
};

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct err e = { "" };
		char **words = words_split(good[i].line, &e);
		size_t n = 0;

		if (words == NULL)
			fail_msg("%s: %s", good[i].line, e.text);
		for (; good[i].words[n] != NULL; n++)
			assert_string_equal(words[n], good[i].words[n]);
		assert_null(words[n]);
		words_free(words);
	}
}

static const struct {
	const char	*line, *says;
} bad[] = {
	{ "", "names no program" }, { "  ", "names no program" },
	{ "''", "names no program" }, { "'' a", "names no program" },
	{ "a 'b", "within quotes" }, { "a \"b", "within quotes" },
	{ "a \"b\\\"", "within quotes" }, { "a \\", "with a backslash" },
	{ "a 'b\\", "within quotes" },
};

static void
test_bad(void **state)
{
	char long_line[WORDS_LINE_MAX + 2], many[2 * (WORDS_MAX + 1) + 1];
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		e.text[0] = '\0';
		if (words_split(bad[i].line, &e) != NULL)
			fail_msg("taken: %s", bad[i].line);
		if (strstr(e.text, bad[i].says) == NULL)
			fail_msg("%s: %s", bad[i].line, e.text);
	}
	memset(long_line, 'a', sizeof long_line - 1);
	long_line[sizeof long_line - 1] = '\0';
	assert_null(words_split(long_line, &e));
	assert_non_null(strstr(e.text, "longer than"));
	for (size_t i = 0; i < WORDS_MAX + 1; i++)
		memcpy(many + 2 * i, "a ", 2);
	many[sizeof many - 1] = '\0';
	assert_null(words_split(many, &e));
	assert_non_null(strstr(e.text, "more than 32 words"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
