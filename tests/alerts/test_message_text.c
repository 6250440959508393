/*
 * message_text: what a user may write between braces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/message_text.h"
#include "alerts/notification.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))

/* becomes: NULL when it is refused, and the error names this. */
static const struct {
	const char	*text, *becomes, *names;
} rows[] = {
	{ "", "", NULL },
	{ "Restart it.", "Restart it.", NULL },
	{ "{db}", "shop", NULL },
	{ "{db}{db}", "shopshop", NULL },
	{ "{value} > {threshold} on {host}", "6.2s > 5s on vps1", NULL },
	{ "a } b", "a } b", NULL },
	{ "{{", "{", NULL },
	{ "{{{db}", "{shop", NULL },
	{ "{{db}}", "{db}}", NULL },
	{ "awk '{{print $1}'", "awk '{print $1}'", NULL },
	{ "%s%n {db}", "%s%n shop", NULL },
	{ "awk '{ print }'", "awk '{ print }'", NULL },
	{ "see {db", "see {db", NULL },
	{ "{", "{", NULL },
	{ "{}", "{}", NULL },
	{ "{since_when", "{since_when", NULL },
	{ "{dbs}", NULL, "no {dbs}" },
	{ "{DB}", NULL, "no {DB}" },
	{ "{d}", NULL, "no {d}" },
	{ "{db{valu}}", NULL, "no {valu}" },
	{ "${HOME}/run", NULL, "no {HOME}" },
};

static void
test_rows(void **state)
{
	static const struct rule r = { .measure = MEASURE_WRITER_HOLD };
	const struct alert a = { .rule = &r };
	struct notification n = { .value = 6.2, .threshold = 5 };

	(void)state;
	n.db = mem_strdup("shop");
	n.host = mem_strdup("vps1");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = { "" };
		struct buf b;
		char *text;

		if (rows[i].becomes == NULL) {
			assert_int_equal(message_check(rows[i].text, &e), -1);
			if (strstr(e.text, rows[i].names) == NULL)
				fail_msg("%s: %s", rows[i].text, e.text);
			continue;
		}
		if (message_check(rows[i].text, &e) == -1)
			fail_msg("%s: %s", rows[i].text, e.text);
		buf_init(&b, 1000);
		message_fill(&b, rows[i].text, &n, &a);
		text = buf_take(&b);
		assert_string_equal(text, rows[i].becomes);
		free(text);
	}
	free(n.db);
	free(n.host);
}

/* What a name holds is not read again. */
static void
test_once(void **state)
{
	static const struct rule r = { .measure = MEASURE_WRITER_HOLD };
	const struct alert a = { .rule = &r };
	struct notification n = { .value = 6.2, .threshold = 5 };
	struct buf b;

	(void)state;
	n.db = mem_strdup("{host}");
	n.host = mem_strdup("vps1");
	buf_init(&b, 1000);
	message_fill(&b, "{db}", &n, &a);
	assert_string_equal(b.data, "{host}");
	buf_free(&b);
	free(n.db);
	free(n.host);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
