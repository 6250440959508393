/*
 * test_listen - where the agent may listen, and what it says where not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/pages/listen.h"
#include "base/err.h"

static const struct {
	const char *text, *has;		/* has: NULL: it listens */
} addresses[] = {
	{ "127.0.0.1:0", NULL },
	{ "[127.0.0.1]:0", NULL },
	{ ":0", NULL },
	{ "", ": not an address and a port" },
	{ "10925", "10925: not an address and a port" },
	{ "127.0.0.1:", "127.0.0.1:: not an address and a port" },
	{ "127.0.0.1:http", "127.0.0.1:http: " },
	{ "203.0.113.7:0", "203.0.113.7:0: Cannot assign" },
};

static void
where_it_listens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		struct err e = { "" };
		unsigned port = 0;
		int fd = listen_on(addresses[i].text, &port, &e);

		if ((fd != -1) != (addresses[i].has == NULL) || (fd == -1 &&
		    strncmp(e.text, addresses[i].has,
		    strlen(addresses[i].has)) != 0))
			fail_msg("%s: %s", addresses[i].text, e.text);
		assert_true(fd == -1 || port > 0);
		if (fd != -1)
			close(fd);
	}
}

static void
over_ipv6_too(void **state)
{
	struct err e = { "" };
	unsigned port = 0;
	int fd = listen_on("[::1]:0", &port, &e);

	(void)state;
	if (fd == -1) {		/* a machine without it */
		assert_non_null(strstr(e.text, "[::1]:0: "));
		return;
	}
	assert_true(port > 0);
	close(fd);
}

static void
a_port_has_one_owner(void **state)
{
	struct err e = { "" };
	unsigned port = 0;
	int fd = listen_on("127.0.0.1:0", &port, &e);
	char text[32], want[64];

	(void)state;
	assert_true(fd != -1);
	(void)snprintf(text, sizeof text, "127.0.0.1:%u", port);
	(void)snprintf(want, sizeof want, "%s: Address already in use", text);
	assert_int_equal(listen_on(text, &port, &e), -1);
	assert_string_equal(e.text, want);
	close(fd);
}

static void
a_host_that_is_too_long(void **state)
{
	struct err e = { "" };
	char text[400];
	unsigned port;

	(void)state;
	memset(text, 'a', sizeof text - 1);
	memcpy(text + sizeof text - 5, ":123", 5);
	assert_int_equal(listen_on(text, &port, &e), -1);
	assert_non_null(strstr(e.text, "not an address"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_it_listens),
		cmocka_unit_test(over_ipv6_too),
		cmocka_unit_test(a_port_has_one_owner),
		cmocka_unit_test(a_host_that_is_too_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
