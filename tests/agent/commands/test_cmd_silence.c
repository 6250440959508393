/*
 * test_cmd_silence - what answers where the agent should be may be anybody: the
 * terminal of whoever asks is not for him to write on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "agent/commands/commands.h"
#include "tests/alerts/server.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define TEXT_MAX	4096

static const struct {
	const char	*body;
	const char	*argv[3];
	int		 status;
	const char	*prints;
} rows[] = {
	{ "{\"status\":\"success\",\"data\":[]}", { NULL }, EXIT_FINE,
	    "Nothing is silenced.\n" },
	{ "{\"data\":[{\"id\":\"s1\",\"until\":\"2026-11-28T12:34:56.000Z\","
	    "\"db\":\"app\",\"rule\":null,\"who\":\"me\",\"why\":\"b\"}]}",
	    { NULL }, EXIT_FINE, "s1 until 2026-11-28 12:34 UTC: db=app "
	    "(me: b)\n" },
	{ "{\"data\":[{\"id\":\"s\\u001b[31m\",\"until\":\"\\u009b1\","
	    "\"db\":\"\\u001b]0;x\\u0007\",\"who\":\"\\r\\nroot\"}]}",
	    { NULL }, EXIT_FINE, "" },
	{ "{\"data\":[7,null,{\"id\":7,\"until\":[],\"db\":{}}]}", { NULL },
	    EXIT_FINE, "" },
	{ "{\"error\":\"\\u001b[2Jno\"}", { "db=x", "1h", NULL }, EXIT_TROUBLE,
	    "[2Jno\n" },
	{ "{\"data\":7}", { "end", "s1", NULL }, EXIT_FINE, "has ended" },
	{ "{\"data\":\"s1\"}", { "end", "s1", NULL }, EXIT_FINE,
	    "s1 has ended.\n" },
	{ "<html>", { NULL }, EXIT_TROUBLE, "is no litegauge" },
	{ "[[[[", { NULL }, EXIT_TROUBLE, "is no litegauge" },
};

/* What it prints, both ways, and its status. */
static int
run(const char *body, char *const *argv, char text[TEXT_MAX])
{
	const struct reply reply = { REPLY, "200 OK", body };
	struct server *s = server_start(&reply, 1);
	FILE *kept = tmpfile();
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), argc = 0;
	struct agent_flags f = { 0 };
	char listen_at[32], *args[3] = { NULL };
	int status;
	size_t n;

	assert_non_null(kept);
	(void)snprintf(listen_at, sizeof listen_at, "127.0.0.1:%d", s->port);
	f.listen = listen_at;
	for (; argv[argc] != NULL; argc++)
		args[argc] = argv[argc];
	(void)fflush(stdout);
	assert_true(dup2(fileno(kept), STDOUT_FILENO) != -1);
	assert_true(dup2(fileno(kept), STDERR_FILENO) != -1);
	status = cmd_silence(&f, argc, args);
	(void)fflush(stdout);
	assert_true(dup2(out, STDOUT_FILENO) != -1);
	assert_true(dup2(err, STDERR_FILENO) != -1);
	close(out);
	close(err);
	rewind(kept);
	n = fread(text, 1, TEXT_MAX - 1, kept);
	text[n] = '\0';
	fclose(kept);
	server_free(s);
	return status;
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[TEXT_MAX], *argv[3] = { NULL };
		int status;

		for (size_t k = 0; rows[i].argv[k] != NULL; k++)
			argv[k] = strdup(rows[i].argv[k]);
		status = run(rows[i].body, argv, text);
		if (status != rows[i].status ||
		    strstr(text, rows[i].prints) == NULL)
			fail_msg("row %zu: %d, %s", i, status, text);
		for (const char *c = text; *c != '\0'; c++)
			if ((*c >= '\0' && *c < ' ' && *c != '\n') ||
			    *c == 0x7f || strncmp(c, "\xc2\x9b", 2) == 0)
				fail_msg("row %zu: %s", i, text);
		for (size_t k = 0; argv[k] != NULL; k++)
			free(argv[k]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
