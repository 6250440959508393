/*
 * A drill goes through JSON unharmed, and what is none is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "litestream/drill.h"

static struct drill *
sample(enum drill_outcome outcome, const char *why)
{
	struct drill *d;

	NEW(d);
	*d = (struct drill){
		.db = mem_strdup("shop/a \"b\""), .replica = mem_strdup("s3"),
		.outcome = outcome, .why = why ? mem_strdup(why) : NULL,
		.at_ms = 1795590963392, .passed_ms = 5, .took_ms = 51,
		.bytes = INT64_C(1) << 40, .behind_bytes = -1,
		.position = mem_strdup("0.5 TXID 17"),
	};
	return d;
}

static void
test_round_trip(void **state)
{
	static const char *const whys[] = { NULL, "late: 5 \"bytes\"\n",
		"\xc3\xa9" };

	(void)state;
	for (int i = 0; i < DRILL_OUTCOME_COUNT; i++) {
		struct drill *d = sample((enum drill_outcome)i, whys[i]), *r;
		struct err e = { "" };
		struct buf b;

		buf_init(&b, DRILL_MAX_JSON);
		drill_write(&b, d);
		assert_null(strchr(b.data, '\n'));	/* one line */
		r = drill_read(b.data, &e);
		assert_string_equal(e.text, "");
		assert_string_equal(r->db, d->db);
		assert_string_equal(r->replica, "s3");
		assert_int_equal(r->outcome, i);
		if (whys[i] == NULL)
			assert_null(r->why);
		else
			assert_string_equal(r->why, whys[i]);
		assert_true(r->at_ms == d->at_ms && r->bytes == d->bytes);
		assert_int_equal(r->behind_bytes, -1);
		assert_string_equal(r->position, "0.5 TXID 17");
		assert_null(r->schema);
		drill_free(r);
		drill_free(d);
		buf_free(&b);
	}
}

#define REST	"\"db\":\"a\",\"replica\":\"b\",\"why\":null,\"at_ms\":1," \
		"\"passed_ms\":0,\"took_ms\":1,\"bytes\":1"

static const struct {
	const char	*json, *why;
} garbage[] = {
	{ "", "not JSON" },
	{ "{", "not JSON" },
	{ "[]", "without an outcome" },
	{ "{\"outcome\":\"maybe\"," REST ",\"behind_bytes\":0}",
	  "without an outcome" },
	{ "{\"outcome\":\"pass\"," REST "}", "behind_bytes" },
	{ "{\"outcome\":\"pass\"," REST ",\"behind_bytes\":-2}",
	  "behind_bytes" },
	{ "{\"outcome\":\"pass\"," REST ",\"behind_bytes\":1.5}",
	  "behind_bytes" },
	{ "{\"outcome\":\"pass\"," REST
	  ",\"behind_bytes\":9223372036854775807}",
	  "behind_bytes" },
	{ "{\"outcome\":\"pass\"," REST ",\"db\":\"c\",\"behind_bytes\":0}",
	  "not JSON" },
	{ "{\"outcome\":\"pass\",\"db\":\"\",\"replica\":\"b\"}",
	  "without its db" },
	{ "{\"outcome\":\"pass\",\"db\":\"a\",\"replica\":1}",
	  "not a text" },
	{ "{\"outcome\":\"pass\"," REST ",\"behind_bytes\":0} x", "not JSON" },
};

static void
test_garbage(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
		struct err e = { "" };

		assert_null(drill_read(garbage[i].json, &e));
		if (strstr(e.text, garbage[i].why) == NULL)
			fail_msg("'%s' is not in '%s' (%s)", garbage[i].why,
			    e.text, garbage[i].json);
	}
}

static void
test_bounds(void **state)
{
	char *json = mem_new(DRILL_MAX_JSON + 2, 1);
	struct err e = { "" };

	(void)state;
	memset(json, ' ', DRILL_MAX_JSON + 1);
	assert_null(drill_read(json, &e));
	assert_non_null(strstr(e.text, "more than"));
	free(json);
}

/* One after another of the same replica: what is remembered. */
static const struct {
	enum drill_outcome outcome, told;
	int64_t		 told_ms, passed_ms;
} story[] = {
	{ DRILL_INCONCLUSIVE,	DRILL_PASS,	0,	0 },
	{ DRILL_PASS,		DRILL_PASS,	20,	20 },
	{ DRILL_INCONCLUSIVE,	DRILL_PASS,	20,	20 },
	{ DRILL_FAIL,		DRILL_FAIL,	40,	20 },
	{ DRILL_INCONCLUSIVE,	DRILL_FAIL,	40,	20 },
	{ DRILL_PASS,		DRILL_PASS,	60,	60 },
};

static void
test_follow(void **state)
{
	struct drill *before = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof story / sizeof *story; i++) {
		struct drill *d = sample(story[i].outcome, NULL);

		d->at_ms = 10 * (int64_t)(i + 1);
		d->passed_ms = 0;
		drill_follow(d, before);
		assert_int_equal(d->told_ms, story[i].told_ms);
		assert_int_equal(d->passed_ms, story[i].passed_ms);
		if (d->told_ms != 0)
			assert_int_equal(d->told, story[i].told);
		drill_free(before);
		before = d;
	}
	drill_free(before);
}

/* From the middle, the end and the head; who is taken has no followers. */
static void
test_take(void **state)
{
	static const char *const names[] = { "a", "b", "c" };
	static const char *const order[] = { "b", "c", "a" };
	struct drill *list = NULL, *d;

	(void)state;
	for (size_t i = 3; i-- > 0;) {
		NEW(d);
		d->replica = mem_strdup(names[i]);
		d->next = list;
		list = d;
	}
	assert_null(drill_take(&list, "d"));
	for (size_t i = 0; i < 3; i++) {
		d = drill_take(&list, order[i]);
		assert_non_null(d);
		assert_string_equal(d->replica, order[i]);
		assert_null(d->next);
		assert_null(drill_take(&list, order[i]));
		drill_free(d);
	}
	assert_null(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_follow),
		cmocka_unit_test(test_take),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
