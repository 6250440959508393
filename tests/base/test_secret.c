/*
 * secret: files, systemd's credentials and the environment, and that no error
 * tells what is secret.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/secret.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define TOO_LONG	4097

static char	dir[] = "/tmp/litegauge-test-XXXXXX";

static void
put(const char *name, const char *text, mode_t mode)
{
	char *path = mem_printf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd != -1);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
	free(path);
}

static const struct {
	const char	*said, *is;	/* is NULL: says is what it says */
	const char	*says;
} rows[] = {
	{ "", "", NULL },
	{ "plain", "plain", NULL },
	{ "a$b$", "a$b$", NULL },
	{ "$$", "$", NULL },
	{ "$$$$", "$$", NULL },
	{ "a$${SECRET_WORD}", "a${SECRET_WORD}", NULL },
	{ "${SECRET_WORD}", "s3cr3t", NULL },
	{ "https://${SECRET_HOST}/x?t=${SECRET_WORD}&y",
	    "https://h.example/x?t=s3cr3t&y", NULL },
	{ "$$${SECRET_WORD}$$", "$s3cr3t$", NULL },
	{ "${SECRET_EMPTY}", "", NULL },
	/* What a variable holds is not read again. */
	{ "${SECRET_DOLLAR}", "${SECRET_WORD}$$", NULL },
	{ "${SECRET_UNSET}", NULL,
	    "the environment variable SECRET_UNSET is not set" },
	{ "${SECRET_WORD", NULL, "after ${ comes the name" },
	{ "${}", NULL, "after ${ comes the name" },
	{ "${a b}", NULL, "after ${ comes the name" },
	{ "${SECRET_LONG}", NULL, "longer than 4096 bytes" },
	{ "credential:slack", "https://x/s3cr3t", NULL },
	{ "x credential:slack", "x credential:slack", NULL },
	{ "credential:", NULL, "without a slash" },
	{ "credential:../slack", NULL, "without a slash" },
	{ "credential:..", NULL, "without a slash" },
	{ "credential:none", NULL, "none: No such file" },
	{ "credential:empty", NULL, "empty is empty" },
	{ "credential:long", NULL, "longer than 4096 bytes" },
	/* A name is only a name. */
	{ "credential:${SECRET_WORD}", NULL, "No such file" },
};

static void
test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = { "" };
		char *text = NULL;
		int rc = secret_text(&text, rows[i].said, &e);

		if (rows[i].is != NULL) {
			if (rc == -1)
				fail_msg("%s: %s", rows[i].said, e.text);
			assert_string_equal(text, rows[i].is);
			secret_wipe(text);
			continue;
		}
		assert_int_equal(rc, -1);
		assert_null(text);
		if (strstr(e.text, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].said, e.text);
		assert_null(strstr(e.text, "s3cr3t"));
	}
}

static void
test_without_credentials(void **state)
{
	struct err e = { "" };
	char *text = NULL;

	(void)state;
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	assert_int_equal(secret_text(&text, "credential:slack", &e), -1);
	assert_non_null(strstr(e.text, "credential:slack: "
	    "$CREDENTIALS_DIRECTORY is not set"));
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", dir, 1), 0);
}

/* Rotation: the next use has the next one. */
static void
test_is_read_again(void **state)
{
	struct err e = { "" };
	char *text = NULL;

	(void)state;
	put("turned", "first\n", 0400);
	assert_int_equal(secret_text(&text, "credential:turned", &e), 0);
	assert_string_equal(text, "first");
	secret_wipe(text);
	put("turned", " second \r\n", 0600);
	assert_int_equal(secret_text(&text, "credential:turned", &e), 0);
	assert_string_equal(text, "second");
	secret_wipe(text);
}

static const struct {
	mode_t	mode;
	int	rc;
} modes[] = {
	{ 0600, 0 }, { 0400, 0 }, { 0640, -1 }, { 0604, -1 }, { 0601, -1 },
};

static void
test_modes(void **state)
{
	char *path = mem_printf("%s/moded", dir);

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		struct err e = { "" };

		put("moded", "s3cr3t", 0600);
		assert_int_equal(chmod(path, modes[i].mode), 0);
		assert_int_equal(secret_check_mode(path, &e), modes[i].rc);
		if (modes[i].rc == -1)
			assert_non_null(strstr(e.text, "chmod 600"));
		assert_null(strstr(e.text, "s3cr3t"));
	}
	free(path);
}

/* What is no file of a secret is waited for by nobody. */
static void
test_fifo(void **state)
{
	char *path = mem_printf("%s/fifo", dir), *text = NULL;
	struct err e = { "" };

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(secret_read(&text, path, &e), -1);
	assert_non_null(strstr(e.text, "fifo is not a regular file"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(secret_read(&text, "/dev/zero", &e), -1);
	assert_int_equal(secret_read(&text, dir, &e), -1);
	assert_non_null(strstr(e.text, "not a regular file"));
	free(path);
}

static int
set_up(void **state)
{
	char text[TOO_LONG + 1];

	(void)state;
	memset(text, 'x', TOO_LONG);
	text[TOO_LONG] = '\0';
	assert_non_null(mkdtemp(dir));
	put("slack", "https://x/s3cr3t\n", 0400);
	put("empty", " \n", 0400);
	put("long", text, 0400);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", dir, 1), 0);
	assert_int_equal(setenv("SECRET_WORD", "s3cr3t", 1), 0);
	assert_int_equal(setenv("SECRET_HOST", "h.example", 1), 0);
	assert_int_equal(setenv("SECRET_EMPTY", "", 1), 0);
	assert_int_equal(setenv("SECRET_DOLLAR", "${SECRET_WORD}$$", 1), 0);
	return setenv("SECRET_LONG", text, 1);
}

static int
clean_up(void **state)
{
	static const char *const names[] = { "slack", "empty", "long",
	    "turned", "moded" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		char *path = mem_printf("%s/%s", dir, names[i]);

		assert_true(unlink(path) == 0 || errno == ENOENT);
		free(path);
	}
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_without_credentials),
		cmocka_unit_test(test_is_read_again),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_fifo),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, clean_up);
}
