/*
 * reconcile: when what did not come back is let go.
 */
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/config/config.h"
#include "tests/agent/stage.h"

#define SETTLED_MS	15000

/* Whatever the clock on the wall does meanwhile (that of this agent began in
 * 1970), and not while a disk hangs that may hide it. */
static void
test_what_is_gone_is_let_go(void **state)
{
	struct stage *s = *state;
	struct agent *a = &s->agent;
	struct config config;

	assert_int_equal(config_parse(&config, "x.ini", ""), 0);
	a->config = &config;
	add(s, 0, false);
	see(s, 1, 11);
	must_hear(s, 0, "firing app crowd");
	reconcile_tick(a, 1000);
	reconcile_tick(a, 1000 + SETTLED_MS - 1);
	a->stuck = 1;
	reconcile_tick(a, 1000 + 2 * SETTLED_MS);
	must_hear(s, 0, "");
	a->stuck = 0;
	reconcile_tick(a, 1000 + 3 * SETTLED_MS);
	must_hear(s, 0, "resolved app crowd");
	assert_null(alerts_first(a->alerts));
	a->config = NULL;
	config_free(&config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_gone_is_let_go,
		    setup, teardown),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
