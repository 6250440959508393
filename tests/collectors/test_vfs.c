/*
 * The VFS of the probe comes once, also where threads open their first
 * connections at the same time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collectors/probe/vfs.h"

/* An SQLite of which another thread has changed the default just now. */
static sqlite3_vfs theirs = { .iVersion = 1, .zName = "unix" };
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

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_once) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
