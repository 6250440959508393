/*
 * The address of a receiver is a secret: nothing that is logged has it.
 */
#include <curl/curl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/alerts/world.h"

/* What goes wrong is logged, and never where it was sent to. */
static void
test_logs(void **state)
{
	static const struct reply script[] = {
		{ NONSENSE, NULL, NULL },
		{ REPLY, "404 Where", "no /" SECRET_PATH " here" },
		{ REPLY, "400 Bad", "no /" SECRET_PATH " here" },
		{ REPLY, "410 Gone", "no /" SECRET_PATH " here" },
	};
	FILE *kept = tmpfile();
	int err_fd = dup(STDERR_FILENO);
	struct server *s = server_start(script, 4);
	struct world *w = world_new(5);
	char text[8192];
	size_t n;

	(void)state;
	assert_non_null(kept);
	assert_true(dup2(fileno(kept), STDERR_FILENO) != -1);
	add_receiver(w, "closed", 1);
	add_receiver(w, "ops", s->port);
	send_to(w, "closed", NOTIFY_FIRING, "app");
	send_to(w, "ops", NOTIFY_FIRING, "app");
	send_to(w, "ops", NOTIFY_FIRING, "shop");
	run(w, 2, s, 4);
	assert_true(dup2(err_fd, STDERR_FILENO) != -1);
	close(err_fd);
	world_free(w);
	server_free(s);
	rewind(kept);
	n = fread(text, 1, sizeof text - 1, kept);
	text[n] = '\0';
	fclose(kept);
	assert_non_null(strstr(text, "receiver closed: Couldn't connect"));
	assert_non_null(strstr(text, "receiver ops refused the message"));
	assert_non_null(strstr(text, "gone for good"));
	assert_null(strstr(text, "s3cr3t"));
	assert_null(strstr(text, "127.0.0.1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_logs),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
