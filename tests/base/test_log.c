/*
 * One call is one line, whatever the text holds; a complaint is said rarely.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"

#define TEXT_MAX	16384

static FILE *paper;
static int old_stderr;

static int
setup(void **state)
{
	(void)state;
	paper = tmpfile();
	assert_non_null(paper);
	fflush(stderr);
	old_stderr = dup(STDERR_FILENO);
	assert_true(dup2(fileno(paper), STDERR_FILENO) >= 0);
	log_set_level("info");
	log_set_format("logfmt");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	dup2(old_stderr, STDERR_FILENO);
	close(old_stderr);
	fclose(paper);
	return 0;
}

/* What was logged since the last call, without the time; static memory. */
static const char *
said(void)
{
	static char text[TEXT_MAX];
	ssize_t n = pread(fileno(paper), text, sizeof text - 1, 0);
	char *level;

	assert_true(n >= 0);
	text[n] = '\0';
	assert_int_equal(ftruncate(fileno(paper), 0), 0);
	assert_int_equal(lseek(STDERR_FILENO, 0, SEEK_SET), 0);
	level = strstr(text, "level");
	return level != NULL ? level : text;
}

static size_t
lines(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static void
test_quoting(void **state)
{
	(void)state;
	log_info("%s", "a \"b\" \\ c");
	assert_string_equal(said(), "level=info msg=\"a \\\"b\\\" \\\\ c\"\n");
	log_warn("x\ntime=2026-01-01T00:00:00Z level=error msg=\"forged\"");
	assert_string_equal(said(), "level=warn msg=\"x\\u000atime=2026-01-01T"
	    "00:00:00Z level=error msg=\\\"forged\\\"\"\n");
	log_error("\r\t\x1b[2J\x7f");
	assert_string_equal(said(),
	    "level=error msg=\"\\u000d\\u0009\\u001b[2J\\u007f\"\n");
	log_info("caf\xc3\xa9");
	assert_string_equal(said(), "level=info msg=\"caf\xc3\xa9\"\n");
}

static void
test_json(void **state)
{
	(void)state;
	assert_int_equal(log_set_format("json"), 0);
	log_info("a \"b\"\n");
	assert_string_equal(said(),
	    "level\":\"info\",\"msg\":\"a \\\"b\\\"\\u000a\"}\n");
}

static void
test_levels(void **state)
{
	(void)state;
	log_debug("unheard");
	assert_string_equal(said(), "");
	assert_int_equal(log_set_level("debug"), 0);
	log_debug("heard");
	assert_string_equal(said(), "level=debug msg=\"heard\"\n");
	assert_int_equal(log_set_level("error"), 0);
	log_warn("unheard");
	assert_string_equal(said(), "");
	assert_int_equal(log_set_level("loud"), -1);
	assert_int_equal(log_set_format("xml"), -1);
	log_error("heard");
	assert_string_equal(said(), "level=error msg=\"heard\"\n");
}

/* Too long a line loses its end and stays one line. */
static void
test_long(void **state)
{
	static char text[TEXT_MAX / 2];
	const char *line;

	(void)state;
	memset(text, 'x', sizeof text - 1);
	log_info("%s", text);
	line = said();
	assert_int_equal(lines(line), 1);
	assert_true(strlen(line) > 1000);
	assert_string_equal(line + strlen(line) - 3, "x\"\n");
	memset(text, '\n', sizeof text - 1);
	log_info("%s", text);
	line = said();
	assert_int_equal(lines(line), 1);
	assert_string_equal(line + strlen(line) - 2, "\"\n");
}

static void
test_complaint(void **state)
{
	struct complaint c = { 0, 0, 0 };

	(void)state;
	log_relent(&c, "nothing was wrong");
	assert_string_equal(said(), "");
	for (int i = 0; i < 100; i++)
		log_complain(&c, "no %s", "luck");
	assert_string_equal(said(), "level=warn msg=\"no luck\"\n");
	c.next_ms = 1;			/* as if the gap had passed */
	log_complain(&c, "no luck");
	log_complain(&c, "no luck");
	assert_int_equal(lines(said()), 1);
	assert_true(c.gap_ms > 60000);	/* the next one is later still */
	log_relent(&c, "works again");
	log_relent(&c, "works again");
	assert_string_equal(said(), "level=info msg=\"works again\"\n");
	log_complain(&c, "no luck");	/* a new trouble is said at once */
	assert_int_equal(lines(said()), 1);
}

#define STORY(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_quoting), STORY(test_json), STORY(test_levels),
		STORY(test_long), STORY(test_complaint),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
