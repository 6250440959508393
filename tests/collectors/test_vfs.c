/*
 * The VFS of the probe comes once, also where threads open their first
 * connections at the same time; and what the one below leaves out, as it may,
 * is not called.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collectors/probe/vfs.h"

static int
close_it(sqlite3_file *file)
{
	file->pMethods = NULL;
	return SQLITE_OK;
}

static int
open_it(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
    int *out)
{
	static const sqlite3_io_methods least = {
		.iVersion = 1, .xClose = close_it,
	};

	(void)vfs;
	(void)name;
	(void)flags;
	(void)out;
	file->pMethods = &least;
	return SQLITE_OK;
}

/* An SQLite of which another thread has changed the default just now. */
static sqlite3_vfs theirs = { .iVersion = 1, .zName = "app's own",
	.szOsFile = sizeof(sqlite3_file), .xOpen = open_it };
static sqlite3_vfs *by_default = &theirs;
static int registered;

static int
version(void)
{
	return 3045000;
}

static sqlite3_vfs *
find(const char *name)
{
	return name == NULL ? by_default : NULL;
}

static int
add(sqlite3_vfs *vfs, int is_default)
{
	assert_true(is_default);
	by_default = vfs;
	registered++;
	return SQLITE_OK;
}

static void
test_once(void **state)
{
	const struct watch_api api = {
		.version = version, .vfs_find = find, .vfs_register = add,
	};

	(void)state;
	assert_int_equal(vfs_install(&api), SQLITE_OK);
	assert_string_equal(by_default->zName, "litegauge");
	assert_int_equal(vfs_install(&api), SQLITE_OK);
	assert_int_equal(registered, 1);
}

static void
test_what_is_left_out(void **state)
{
	sqlite3_file *file;

	(void)state;
	assert_null(by_default->xGetLastError);
	assert_null(by_default->xDlOpen);
	file = calloc(1, (size_t)by_default->szOsFile);
	assert_non_null(file);
	assert_int_equal(by_default->xOpen(by_default, "/nowhere/app.db", file,
	    SQLITE_OPEN_MAIN_DB, NULL), SQLITE_OK);
	assert_null(file->pMethods->xSectorSize);
	assert_null(file->pMethods->xShmMap);
	assert_null(file->pMethods->xFetch);
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_what_is_left_out),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
