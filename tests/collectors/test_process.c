/*
 * What a process is called: enough to know it, and never what could be secret.
 */
#include "tests/collectors/app.h"

#include "collectors/process.h"

#define BYTES(text)	text, sizeof text

static void
test_names(void **state)
{
	static const struct {
		const char	*bytes;
		size_t		 n;
		const char	*want;
	} rows[] = {
		{ BYTES("/usr/bin/python3\0/srv/app.py"), "python3 app.py" },
		{ BYTES("python3\0app.py\0--token=x"), "python3 app.py" },
		{ BYTES("litestream\0replicate"), "litestream replicate" },
		{ BYTES("/usr/sbin/nginx"), "nginx" },
		{ BYTES("puma: worker 2"), "puma: worker 2" },
		{ BYTES("puma 6.0 (tcp://0.0.0.0:80) [a/b]"),
		    "puma 6.0" },
		{ BYTES("sidekiq 7 app [0 of 5 busy]"),
		    "sidekiq 7 app [0 of 5 busy]" },
		{ BYTES("a\tb\033[31m"), "a?b?[31m" },
		{ "kworker/0:1", 11, "0:1" },
		{ "", 0, "" },
		{ BYTES(""), "" },
		{ BYTES("\0\0\0"), "" },
		{ "no-end", 6, "no-end" },
		{ BYTES("dir/"), "" },
	};
	char ret[64];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		process_command_parse(ret, sizeof ret, rows[i].bytes,
		    rows[i].n);
		assert_string_equal(ret, rows[i].want);
	}
}

static void
test_secrets(void **state)
{
	static const struct {
		const char	*bytes;
		size_t		 n;
	} rows[] = {
		{ BYTES("app\0--password=SECRET") },
		{ BYTES("app\0-pSECRET") },
		{ BYTES("app\0--password\0SECRET") },
		{ BYTES("app\0run\0SECRET") },
		{ BYTES("psql\0postgres://me:SECRET@host/db") },
		{ BYTES("app\0TOKEN=SECRET") },
		{ BYTES("app\0me:SECRET") },
		{ BYTES("curl\0https://host/?key=SECRET") },
		{ BYTES("sh\0-c\0app SECRET") },
		{ BYTES("app\0correct SECRET staple") },
		{ BYTES("app --password=SECRET") },
		{ BYTES("app --password SECRET") },
		{ BYTES("app -p SECRET more") },
		{ BYTES("app: worker TOKEN=SECRET") },
		{ BYTES("app: worker redis://:SECRET@host") },
		{ BYTES("app: worker me@SECRET") },
	};
	char ret[64];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		process_command_parse(ret, sizeof ret, rows[i].bytes,
		    rows[i].n);
		if (strstr(ret, "SECRET") != NULL)
			fail_msg("%s", ret);
		assert_true(ret[0] != '\0');
	}
}

/* Whatever the length, it ends inside. */
static void
test_lengths(void **state)
{
	char bytes[4096], ret[64];

	(void)state;
	memset(bytes, 'x', sizeof bytes);
	for (size_t n = 0; n < 600; n++) {
		bytes[n / 2] = '\0';
		for (size_t size = 1; size <= sizeof ret; size += 21) {
			memset(ret, 0x7e, sizeof ret);
			process_command_parse(ret, size, bytes, n);
			assert_non_null(memchr(ret, '\0', size));
		}
		bytes[n / 2] = 'x';
	}
}

static void
test_real(void **state)
{
	char ret[64], *want;
	struct app a = { 0 };
	const char *slash = strrchr(program_invocation_name, '/');

	(void)state;
	process_command(getpid(), ret, sizeof ret);
	want = mem_strdup(slash == NULL ? program_invocation_name : slash + 1);
	assert_string_equal(ret, want);
	free(want);
	app_start(&a);
	assert_int_equal(app_tell(&a, "=lite"), 0);
	process_command(a.pid, ret, sizeof ret);
	assert_string_equal(ret, "lite");
	kill(a.pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)a.pid, &(siginfo_t){ 0 },
	    WEXITED | WNOWAIT), 0);
	process_command(a.pid, ret, sizeof ret);	/* a zombie: comm */
	assert_string_equal(ret, program_invocation_short_name);
	app_gone(&a);
	process_command(a.pid, ret, sizeof ret);
	assert_string_equal(ret, "");
	process_command(0, ret, sizeof ret);
	assert_string_equal(ret, "");
	process_command(-1, ret, sizeof ret);
	assert_string_equal(ret, "");
	process_command(INT64_MAX, ret, sizeof ret);
	assert_string_equal(ret, "");
}

static void
test_is_litestream(void **state)
{
	(void)state;
	assert_true(process_is_litestream("litestream replicate"));
	assert_true(process_is_litestream("litestream"));
	assert_false(process_is_litestream("my-litestream"));
	assert_false(process_is_litestream(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names), cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_lengths), cmocka_unit_test(test_real),
		cmocka_unit_test(test_is_litestream),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
