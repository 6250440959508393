/*
 * The table of keys against itself, and each type of value.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/config/options.h"
#include "base/err.h"

static void
test_rows(void **state)
{
	(void)state;
	for (const struct option *o = options; o->section != NULL; o++) {
		struct err e = { "" };

		print_message("# %s.%s\n", o->section, o->key);
		assert_non_null(section_kind_find(o->section));
		assert_ptr_equal(option_find(o->section, o->key), o);
		assert_int_equal(o->type == OPTION_CHOICE, o->choices != NULL);
		assert_true(o->type == OPTION_DURATION ||
		    o->type == OPTION_COUNT || o->max == 0);
		assert_true(o->min <= o->max);
		assert_false(o->required && o->fallback != NULL);
		assert_int_equal(o->help[strlen(o->help) - 1], '.');
		assert_null(strstr(o->help, ".  ."));
		if (o->fallback != NULL)
			assert_int_equal(option_check(o, o->fallback, &e), 0);
		assert_string_equal(e.text, "");
	}
}

static void
test_kinds(void **state)
{
	(void)state;
	for (const struct section_kind *k = section_kinds; k->kind; k++) {
		size_t n = 0;

		for (const struct option *o = options; o->section; o++)
			n += strcmp(o->section, k->kind) == 0;
		assert_true(n > 0);
		assert_ptr_equal(section_kind_find(k->kind), k);
		assert_int_equal(k->help[strlen(k->help) - 1], '.');
	}
	assert_null(section_kind_find("nothing"));
	assert_null(option_find("agent", "path"));
	assert_null(option_find("nothing", "path"));
}

static const struct {
	const char	*section, *key, *text;
	int		 rc;
} values[] = {
	{ "agent", "listen", "127.0.0.1:10925", 0 },
	{ "agent", "listen", "0.0.0.0:0", 0 },
	{ "agent", "listen", "[::]:65535", 0 },
	{ "agent", "listen", "[fe80::1]:1", 0 },
	{ "agent", "listen", "127.0.0.1", -1 },
	{ "agent", "listen", "127.0.0.1:", -1 },
	{ "agent", "listen", ":10925", -1 },
	{ "agent", "listen", "127.0.0.1:65536", -1 },
	{ "agent", "listen", "127.0.0.1:-1", -1 },
	{ "agent", "listen", "127.0.0.1:+1", -1 },
	{ "agent", "listen", "127.0.0.1:99999999999999999999", -1 },
	{ "agent", "listen", "127.0.0.1:1x", -1 },
	{ "agent", "listen", "127.0.0:1", -1 },
	{ "agent", "listen", "localhost:1", -1 },
	{ "agent", "listen", "::1:1", -1 },
	{ "agent", "listen", "[::1]", -1 },
	{ "agent", "listen", "[::1:1", -1 },
	{ "agent", "listen", "[]:1", -1 },
	{ "agent", "listen", "[127.0.0.1]:1", -1 },
	{ "agent", "listen", "1111111111111111111111111111111111111111111111111"
	  "111111111:1", -1 },
	{ "agent", "interval", "100ms", 0 },
	{ "agent", "interval", "1h", 0 },
	{ "agent", "interval", "99ms", -1 },
	{ "agent", "interval", "0", -1 },
	{ "agent", "interval", "61m", -1 },
	{ "agent", "interval", "often", -1 },
	{ "agent", "lock_interval", "0", 0 },
	{ "agent", "lock_interval", "5ms", 0 },
	{ "agent", "lock_interval", "4ms", -1 },
	{ "agent", "lock_interval", "11s", -1 },
	{ "agent", "holders_interval", "5s", 0 },
	{ "agent", "holders_interval", "1s", -1 },
	{ "agent", "history", "no", 0 },
	{ "agent", "history", "No", 0 },
	{ "agent", "history", "none", -1 },
	{ "alert", "for", "0", 0 },
	{ "alert", "for", "3 of 5", 0 },
	{ "alert", "keep", "7d", 0 },
	{ "alert", "keep", "3 of 5", -1 },
	{ "alert", "severity", "warning, critical > 5", 0 },
	{ "alert", "repeat", "0", 0 },
	{ "alert", "repeat", "1m", 0 },
	{ "alert", "repeat", "59s", -1 },
	{ "agent", "trace", "bursts", 0 },
	{ "agent", "trace", "burst", -1 },
	{ "agent", "trace", "auto no", -1 },
	{ "agent", "trace", " ", -1 },
	{ "receiver", "group_wait", "0", 0 },
	{ "receiver", "group_wait", "1h", 0 },
	{ "receiver", "group_wait", "61m", -1 },
	{ "receiver", "send_resolved", "no", 0 },
	{ "receiver", "send_resolved", "later", -1 },
	{ "alert", "when", "anything at all", 0 },
	{ "receiver", "secret", "whsec_x", 0 },
	{ "receiver", "secret", "", -1 },
	{ "receiver", "url_file", "relative/path", 0 },
	{ "receiver", "url_file", "~/x", -1 },
	{ "database", "path", "/data/*.db", 0 },
};

static void
test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		const struct option *o = option_find(values[i].section,
		    values[i].key);
		struct err e = { "" };

		print_message("# %s = %s\n", values[i].key, values[i].text);
		assert_non_null(o);
		assert_int_equal(option_check(o, values[i].text, &e),
		    values[i].rc);
		assert_int_equal(strncmp(e.text, values[i].key,
		    strlen(values[i].key)) == 0, values[i].rc == -1);
	}
}

/* Whatever is wrong with a secret, the sentence does not repeat it. */
static void
test_secrets(void **state)
{
	static const char *const texts[] = { "\"hush\"", "hush" };

	(void)state;
	for (const struct option *o = options; o->section != NULL; o++)
		for (size_t i = 0; i < 2 && o->type == OPTION_SECRET; i++) {
			struct err e = { "" };

			(void)option_check(o, texts[i], &e);
			assert_null(strstr(e.text, "hush"));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_secrets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
