/*
 * A configuration once it is read: its values, what is added to it, its bounds,
 * and files that are none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/config/config.h"
#include "base/buf.h"
#include "base/mem.h"

static void
test_values(void **state)
{
	struct config c;
	const struct section *s;

	(void)state;
	assert_int_equal(config_parse(&c, "f", "[agent]\ninterval = 250ms\n"
	    "history = OFF\nlock_interval = 0\n[alert a]\nenabled = true\n"
	    "for = 5m\n"), 0);
	s = config_agent(&c);
	assert_int_equal(section_ms(s, "interval"), 250);
	assert_int_equal(section_ms(s, "lock_interval"), 0);
	assert_int_equal(section_ms(s, "holders_interval"), 10000);
	assert_false(section_flag(s, "history"));
	assert_int_equal(section_line(s, "history"), 3);
	assert_int_equal(section_line(s, "url"), 1);
	s = config_next(&c, "alert", NULL);
	assert_int_equal(section_ms(s, "for"), 300000);
	assert_int_equal(section_ms(s, "keep"), -1);
	assert_true(section_flag(s, "enabled"));
	assert_null(config_next(&c, "alert", s));
	assert_null(config_next(&c, "database", NULL));
	config_free(&c);
}

/* What --db and the like do. */
static void
test_added(void **state)
{
	struct config c;
	struct section *s;

	(void)state;
	config_init(&c);
	s = config_add(&c, "database", "app", 0);
	assert_int_equal(config_set(&c, s, "path", "/a", 0), 0);
	assert_int_equal(config_set(&c, s, "path", "/b", 0), 0);
	assert_string_equal(section_text(s, "path"), "/b");
	assert_string_equal(config_errors(&c), "");
	assert_int_equal(config_set(&c, s, "interval", "1y", 0), -1);
	assert_int_equal(config_set(&c, s, "pth", "/b", 0), -1);
	config_error(&c, 0, "--db: %s", "no");
	assert_non_null(strstr(config_errors(&c), "\n[database] has no key "
	    "\"pth\": did you mean \"path\"?\n--db: no\n"));
	config_free(&c);
	config_free(&c);	/* twice does no harm */
}

static void
test_many_errors(void **state)
{
	struct config c;
	struct buf b;
	const char *errors;
	size_t lines = 0;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 500; i++)
		buf_adds(&b, "[nothing]\n");
	assert_int_equal(config_parse(&c, "f", b.data), -1);
	errors = config_errors(&c);
	for (const char *e = errors; *e != '\0'; e++)
		lines += *e == '\n';
	assert_int_equal(c.nerrors, 500);
	assert_int_equal(lines, CONFIG_MAX_ERRORS + 1);
	assert_non_null(strstr(errors, "f:50: there is no section [nothing]\n"
	    "and 450 more errors\n"));
	config_free(&c);
	buf_free(&b);
}

static void
test_many_sections(void **state)
{
	struct config c;
	struct buf b;

	(void)state;
	buf_init(&b, 8u << 20);
	for (int i = 0; i < CONFIG_MAX_SECTIONS; i++)
		buf_addf(&b, "[database d%d]\npath = /d/%d\n", i, i);
	assert_int_equal(config_parse(&c, "f", b.data), 0);
	assert_int_equal(c.nsections, CONFIG_MAX_SECTIONS + 1);
	config_free(&c);
	buf_addf(&b, "[alert one-too-many]\n");
	assert_int_equal(config_parse(&c, "f", b.data), -1);
	assert_string_equal(config_errors(&c),
	    "f:40001: more than 20000 sections\n");
	config_free(&c);
	buf_free(&b);
}

static char *
file_with(const char *bytes, size_t n)
{
	char *path = mem_strdup("/tmp/litegauge-config-XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
	return path;
}

static void
test_file(void **state)
{
	static const char nul[] = "[agent]\ninter\0val = 1s\nhistory = no\n";
	char *path = file_with(nul, sizeof nul - 1);
	char *wrong = mem_printf("%s:2: holds a NUL byte: this is not a text "
	    "file\n", path);
	struct config c;

	(void)state;
	assert_int_equal(config_read(&c, path), -1);
	assert_string_equal(config_errors(&c), wrong);
	config_free(&c);
	unlink(path);
	assert_int_equal(config_read(&c, path), -1);
	free(wrong);
	wrong = mem_printf("%s: No such file or directory\n", path);
	assert_string_equal(config_errors(&c), wrong);
	config_free(&c);
	free(wrong);
	free(path);
	assert_int_equal(config_read(&c, "/tmp"), -1);
	assert_string_equal(config_errors(&c), "/tmp: Is a directory\n");
	config_free(&c);
	assert_int_equal(config_read(&c, "/dev/zero"), -1);
	assert_string_equal(config_errors(&c), "/dev/zero: File too large\n");
	config_free(&c);
}

static void
test_example(void **state)
{
	struct config c;

	(void)state;
	(void)config_read(&c, "agent/litegauge.ini");
	assert_string_equal(config_errors(&c), "");
	config_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_added),
		cmocka_unit_test(test_many_errors),
		cmocka_unit_test(test_many_sections),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_example),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
