/*
 * Tests of trim: a library's pages go, and what it does it still does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/trim.h"

/* kB that are mapped of the code of that library. */
static long
resident(const char *library)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	long sum = 0, kb;
	int code = 0;
	char line[512];

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		if (strchr("0123456789abcdef", line[0]) != NULL)
			code = strstr(line, " r-xp ") != NULL &&
			    strstr(line, library) != NULL;
		else if (code && sscanf(line, "Rss: %ld kB", &kb) == 1)
			sum += kb;
	}
	(void)fclose(f);
	return sum;
}

static int
ask_sqlite(void)
{
	sqlite3_stmt *st;
	sqlite3 *db;
	int n;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT length('seven') + 2",
	    -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static void
test_library_goes_and_comes_back(void **state)
{
	(void)state;
	trim_prepare();
	assert_int_equal(ask_sqlite(), 7);
	assert_true(resident("libsqlite3") > 0);
	trim();
	assert_int_equal(resident("libsqlite3"), 0);
	assert_int_equal(ask_sqlite(), 7);
	assert_true(resident("libsqlite3") > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_library_goes_and_comes_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
