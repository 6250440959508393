/*
 * notification: its sentences, its JSON there and back, and hostile names.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/notification.h"
#include "base/err.h"
#include "base/mem.h"
#include "tests/alerts/sample.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define WALL		1700000000000LL
#define BASE		"http://127.0.0.1:10925"

static char rule_name[] = "busy";

static const struct rule busy = {
	.name = rule_name, .measure = MEASURE_BUSY_RETRIES, .op = RULE_ABOVE,
	.limit = 1, .clear = 0.9, .for_ms = 600000,
	.severity = SEVERITY_WARNING,
};

static const struct rule lag = {
	.name = rule_name, .measure = MEASURE_CHECKPOINT_LAG,
	.op = RULE_ABOVE, .limit = 300, .clear = 270,
	.severity = SEVERITY_CRITICAL,
};

static struct alert
alert_of(const struct rule *r, double value)
{
	static struct past past = { .fired = { 0, WALL - 720000 } };

	return (struct alert){
		.rule = r, .value = value, .since = { 720000, WALL },
		.past = &past,
	};
}

static struct notification *
make(enum notification_type type, const struct rule *r, double value,
    const char *db, const struct culprit *culprits)
{
	const struct alert a = alert_of(r, value);

	return sample_of(type, &a, db, culprits, WALL);
}

static void
test_sentences(void **state)
{
	struct notification *n;

	(void)state;
	n = make(NOTIFY_FIRING, &busy, 62, "app", NULL);
	assert_string_equal(n->summary,
	    "app: busy_retries is 62.0/s, above 1.00/s for 10m.");
	assert_string_equal(n->cause, measures[MEASURE_BUSY_RETRIES].cause);
	assert_string_equal(n->next_step,
	    measures[MEASURE_BUSY_RETRIES].next_step);
	assert_string_equal(n->unit, "per second");
	assert_string_equal(n->url, BASE "/#app");
	assert_int_equal(n->since_ms, WALL - 720000);
	assert_int_equal(strlen(n->id), 28);
	assert_memory_equal(n->id, "msg_", 4);
	assert_false(n->has_culprit);
	notification_free(n);

	n = make(NOTIFY_RESOLVED, &busy, 0.2, "app", NULL);
	assert_string_equal(n->summary, "app: busy_retries is 0.20/s again, "
	    "no longer above 1.00/s; the alert lasted 12m.");
	notification_free(n);

	n = make(NOTIFY_NO_DATA, &busy, 62, "app", NULL);
	assert_string_equal(n->summary, "app: busy_retries has had no value "
	    "for 2m; it was 62.0/s when last seen, and the alert is still "
	    "open.");
	notification_free(n);

	n = make(NOTIFY_FIRING, &lag, 400, "app", NULL);
	assert_string_equal(n->summary,
	    "app: checkpoint_lag is 6m 40s, above 5m.");
	notification_free(n);
}

static const struct {
	const struct rule	*rule;
	struct culprit		 culprit;
	const char		*says, *never;
	int			 named;
} holders[] = {
	{ &busy, { 9001, WALL - 6200, "rake import" },
	    ": PID 9001 (rake import) has held the write lock for 6.2s.",
	    NULL, 1 },
	{ &busy, { 9001, WALL - 6200, "" },
	    ": PID 9001 has held the write lock", "(", 1 },
	{ &busy, { 0, WALL - 70000, "" },
	    "a process in another PID namespace has held the write lock for "
	    "1m 10s.", "PID 0", 0 },
	{ &busy, { -1, WALL - 70000, "" },
	    "that the kernel does not name has held", "PID -1", 0 },
	{ &busy, { 9001, WALL + 5000, "early" },
	    "PID 9001 (early) has held the write lock for 0s.", NULL, 1 },
	{ &busy, { 9001, 0, "free" }, "too long.", "9001", 0 },
	{ &lag, { 8123, WALL - 2820000, "puma: worker 2" },
	    ": PID 8123 (puma: worker 2) has held the oldest read mark for "
	    "47m.", NULL, 1 },
	{ &lag, { 771, WALL - 2820000, "/usr/bin/litestream replicate" },
	    "Litestream (PID 771) always holds, which is normal", "long read",
	    0 },
	{ &lag, { 771, WALL - 2820000, "litestream" },
	    "which is normal", NULL, 0 },
	{ &lag, { 8123, WALL - 500, "a short read" }, "at all.", "8123", 0 },
	{ &busy, { 771, WALL - 6200, "litestream" },
	    "PID 771 (litestream) has held the write lock", "normal", 1 },
};

static void
test_culprits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(holders); i++) {
		struct culprit culprits[HOLD_COUNT] = { 0 };
		enum hold h = measures[holders[i].rule->measure].culprit;
		struct notification *n;

		culprits[h] = holders[i].culprit;
		n = make(NOTIFY_FIRING, holders[i].rule, 400, "app", culprits);
		if (strstr(n->cause, holders[i].says) == NULL)
			fail_msg("%s", n->cause);
		if (holders[i].never != NULL)
			assert_null(strstr(n->cause, holders[i].never));
		assert_int_equal(n->has_culprit, holders[i].named);
		notification_free(n);
		n = make(NOTIFY_RESOLVED, holders[i].rule, 0, "app", culprits);
		assert_false(n->has_culprit);
		notification_free(n);
	}
}

static void
assert_same(const struct notification *a, const struct notification *b)
{
	char *x = notification_write(a), *y = notification_write(b);

	assert_string_equal(a->id, b->id);
	assert_string_equal(x, y);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->at_ms, b->at_ms);
	assert_int_equal(a->since_ms, b->since_ms);
	assert_int_equal(a->has_culprit, b->has_culprit);
	free(x);
	free(y);
}

static void
check_round_trip(const struct notification *n)
{
	char *json = notification_write(n);
	struct notification *back, *copy;
	struct err e = { "" };

	back = notification_read(n->id, json, &e);
	if (back == NULL)
		fail_msg("%s in %s", e.text, json);
	assert_same(n, back);
	copy = notification_copy(back);
	notification_free(back);
	assert_same(n, copy);
	notification_free(copy);
	free(json);
}

static void
test_round_trip(void **state)
{
	const struct culprit culprits[HOLD_COUNT] = {
		{ 9001, WALL - 6200, "rake \"import\"" },
	};
	struct notification *n;

	(void)state;
	n = make(NOTIFY_FIRING, &busy, 62.125, "app", culprits);
	assert_true(n->has_culprit);
	check_round_trip(n);
	notification_free(n);
	n = make(NOTIFY_NO_DATA, &busy, NAN, "app", NULL);
	check_round_trip(n);
	notification_free(n);
	n = make(NOTIFY_FIRING, &busy, INFINITY, "app", NULL);
	check_round_trip(n);
	notification_free(n);
	for (int t = NOTIFY_FIRING; t < NOTIFY_TYPES; t++) {
		n = notification_test((enum notification_type)t, "vps1", BASE,
		    WALL);
		check_round_trip(n);
		notification_free(n);
	}
	notification_free(NULL);
}

/* The body as DESIGN has it: these keys, in this order, and no others. */
static void
test_body(void **state)
{
	const struct culprit culprits[HOLD_COUNT] = {
		{ 9001, WALL - 6200, "rake" },
	};
	struct notification *n = make(NOTIFY_FIRING, &busy, 62, "app",
	    culprits);
	char *json = notification_write(n);
	char *want = mem_printf("{\"type\":\"alert.firing\","
	    "\"timestamp\":\"2023-11-14T22:13:20.000Z\",\"data\":{"
	    "\"alert\":\"busy\",\"db\":\"app\",\"host\":\"vps1\","
	    "\"severity\":\"warning\",\"measure\":\"busy_retries\","
	    "\"value\":62.0,\"threshold\":1.0,\"unit\":\"per second\","
	    "\"since\":\"2023-11-14T22:01:20.000Z\",\"summary\":\"%s\","
	    "\"cause\":\"%s\",\"next_step\":\"%s\",\"url\":\"" BASE "/#app\","
	    "\"reminder\":false,"
	    "\"culprit\":{\"pid\":9001,\"command\":\"rake\"}}}", n->summary,
	    n->cause, n->next_step);

	(void)state;
	assert_string_equal(json, want);
	free(json);
	free(want);
	notification_free(n);
}

static const char *const hostile[] = {
	"\xff\xfe", "a\nb", "a\x1b[31mb", "\x7f", "\xc2\x85", "\xed\xa0\x80",
	"\xf4\x90\x80\x80", "\xc0\xaf", "\xe2\x82", "\"},{\"", "\\u0000",
	"</script>", "%s%n", "\xf0\x9f\x98\x80 fine",
};

static void
test_hostile_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct culprit culprits[HOLD_COUNT] = {
			{ 1, WALL - 1000, "" },
		};
		struct notification *n;

		memcpy(culprits[0].command, hostile[i],
		    strlen(hostile[i]) + 1);
		n = make(NOTIFY_FIRING, &busy, 2, hostile[i], culprits);
		for (const char *c = n->summary; *c != '\0'; c++)
			assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
		check_round_trip(n);
		notification_free(n);
	}
}

/* Every length around the bound, with characters of every size. */
static void
test_lengths(void **state)
{
	static const char *const chars[] = { "a", "\xc3\xa4", "\xe2\x82\xac",
	    "\xf0\x9f\x98\x80", "\x01", "\xff" };

	(void)state;
	for (size_t i = 0; i < COUNT(chars); i++)
		for (size_t head = 0; head < 8; head++) {
			char db[2 * NOTIFICATION_TEXT_MAX] = "";
			size_t len = strlen(chars[i]), n = head;
			struct notification *note;

			memset(db, 'x', head);
			while (n + len < sizeof db) {
				memcpy(db + n, chars[i], len);
				n += len;
			}
			note = make(NOTIFY_FIRING, &busy, 2, db, NULL);
			assert_true(strlen(note->db) <= NOTIFICATION_TEXT_MAX);
			assert_true(strlen(note->db) >
			    NOTIFICATION_TEXT_MAX - 4);
			assert_true(strlen(note->url) <=
			    NOTIFICATION_TEXT_MAX);
			assert_non_null(strstr(note->summary, "above 1.00/s"));
			check_round_trip(note);
			notification_free(note);
		}
}

/* A good one, and what must be done to it to be refused. */
static const struct {
	const char	*from, *to;
} spoils[] = {
	{ "alert.firing", "alert.fire" },
	{ "\"type\":", "\"typ\":" },
	{ "2023-11-14T22:13:20.000Z", "2023-11-14T22:13:20Z" },
	{ "2023-11-14T22:13:20.000Z", "2023-11-31T22:13:20.000Z" },
	{ "2023-11-14T22:13:20.000Z", "yesterday" },
	{ "2023-11-14T22:13:20.000Z", "1823-11-14T22:13:20.000Z" },
	{ "\"value\":62.0", "\"value\":\"62\"" },
	{ "\"threshold\":1.0", "\"threshold\":null" },
	{ "\"culprit\":null", "\"culprit\":1" },
	{ "\"culprit\":null", "\"culprit\":{\"pid\":1}" },
	{ "\"culprit\":null", "\"culprit\":null,\"more\":1" },
	{ "\"db\":\"app\"", "\"db\":\"a\\np\"" },
	{ "\"db\":\"app\"", "\"db\":\"a\\u0000p\"" },
	{ "\"db\":\"app\"", "\"db\":\"app\",\"db\":\"app\"" },
	{ "\"db\":\"app\"", "\"db\":[]" },
	{ "}}", "}" },
	{ "}}", "}}x" },
	{ "}}", "},\"x\":1}" },
};

static char *
replaced(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	return mem_printf("%.*s%s%s", (int)(at - text), text, to,
	    at + strlen(from));
}

static void
test_what_is_not_ours(void **state)
{
	struct notification *n = make(NOTIFY_FIRING, &busy, 62, "app", NULL);
	char *json = notification_write(n);

	(void)state;
	for (size_t i = 0; i < COUNT(spoils); i++) {
		char *bad = replaced(json, spoils[i].from, spoils[i].to);
		struct err e = { "" };

		if (notification_read(n->id, bad, &e) != NULL)
			fail_msg("taken: %s", bad);
		assert_true(strlen(e.text) > 10);
		free(bad);
	}
	free(json);
	notification_free(n);
}

static void
test_ids(void **state)
{
	static const char *const bad[] = { "", "msg_", "msg_a.b", "other_abc",
	    "msg_a b", "msg_0123456789012345678901234567890123456789" };
	struct notification *a = make(NOTIFY_FIRING, &busy, 62, "app", NULL);
	struct notification *b = make(NOTIFY_FIRING, &busy, 62, "app", NULL);
	char *json = notification_write(a);
	struct err e;

	(void)state;
	assert_string_not_equal(a->id, b->id);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_null(notification_read(bad[i], json, &e));
	free(json);
	notification_free(a);
	notification_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_culprits),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_what_is_not_ours),
		cmocka_unit_test(test_ids),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
