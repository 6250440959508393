/*
 * fold: every line fits, every word is there, and none is cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fold.h"

#define TEN	"123456789 "
#define AE	"\u00e4\u00e4\u00e4"
#define SEVENTY	TEN TEN TEN TEN TEN TEN TEN

static const struct {
	int		 at, indent;
	const char	*text, *says;
} rows[] = {
	{ 0, 4, "", "\n" },
	{ 0, 4, "one two", "one two\n" },
	{ 0, 4, "one   two ", "one two\n" },
	/* 79 columns fit, 80 do not. */
	{ 0, 4, SEVENTY "123456789", SEVENTY "123456789\n" },
	{ 0, 4, SEVENTY "1234567890",
	    TEN TEN TEN TEN TEN TEN "123456789\n    1234567890\n" },
	{ 74, 26, "one two",
	    "one\n                          two\n" },
	/* It begins in the column where the others begin: no line is empty. */
	{ 26, 26, "x" SEVENTY, "x" TEN TEN TEN TEN
	    "123456789\n                          " TEN "123456789\n" },
	/* What is longer than a line is not cut. */
	{ 4, 2, "a " "12345678901234567890123456789012345678901234567890"
	    "12345678901234567890123456789012345678901234567890 b",
	    "a\n  12345678901234567890123456789012345678901234567890"
	    "12345678901234567890123456789012345678901234567890\n  b\n" },
	/* Columns are counted, not bytes. */
	{ 0, 0, SEVENTY AE AE AE, SEVENTY AE AE AE "\n" },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *text = NULL;
		size_t n;
		FILE *f = open_memstream(&text, &n);

		assert_non_null(f);
		fold(f, rows[i].at, rows[i].indent, rows[i].text);
		assert_int_equal(fclose(f), 0);
		assert_string_equal(text, rows[i].says);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
