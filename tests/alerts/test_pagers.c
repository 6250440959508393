/*
 * pagerduty, ntfy, telegram, exec: the requests.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/alerts/pagers.h"
#include "tests/alerts/sample.h"

#define AT_MS		1700000000000LL
static struct request
write_with(const struct receiver *r, const struct notification *n,
    size_t times)
{
	const struct notification *items[MESSAGE_MAX];
	const struct message m = { items, times, AT_MS / 1000 };
	struct request q = { 0 };
	struct err e = { "" };

	for (size_t i = 0; i < times; i++)
		items[i] = n;
	if (r->type->write(r, &m, &q, &e) == -1)
		fail_msg("%s", e.text);
	return q;
}

/* The request of n times the same alert. */
static struct request
write_of(const char *type, const struct notification *n, size_t times)
{
	struct receiver r = receiver_of(type);
	struct request q = write_with(&r, n, times);

	receiver_done(&r);
	return q;
}

static struct notification *
sample(enum notification_type type)
{
	return notification_test(type, "web-1", SAMPLE_BASE, AT_MS);
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	assert_non_null(text);
	return text;
}

static json_t *
load(const struct request *q)
{
	json_t *root = json_loads(q->body, 0, NULL);

	assert_non_null(root);
	return root;
}

/* --- PagerDuty ----------------------------------------------------------- */

static const struct {
	enum notification_type type;
	const char	*action;
} actions[] = {
	{ NOTIFY_FIRING, "trigger" }, { NOTIFY_NO_DATA, "trigger" },
	{ NOTIFY_FLAPPING, "trigger" }, { NOTIFY_RESOLVED, "resolve" },
};

static void
test_pagerduty(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(actions); i++) {
		struct notification *n = sample(actions[i].type);
		struct request q = write_of("pagerduty", n, 1);
		json_t *root = load(&q);
		const json_t *p = json_object_get(root, "payload");

		assert_int_equal(q.kind, REQUEST_HTTP);
		assert_string_equal(q.url,
		    "https://events.pagerduty.com/v2/enqueue");
		assert_string_equal(text_of(root, "routing_key"), ROUTING_KEY);
		assert_string_equal(text_of(root, "event_action"),
		    actions[i].action);
		assert_string_equal(text_of(root, "dedup_key"),
		    "litegauge/web-1/test/test");
		assert_int_equal(p == NULL,
		    actions[i].type == NOTIFY_RESOLVED);
		if (p != NULL) {
			assert_string_equal(text_of(p, "summary"), n->summary);
			assert_string_equal(text_of(p, "source"), "web-1");
			assert_string_equal(text_of(p, "severity"), "info");
		}
		json_decref(root);
		request_done(&q);
		notification_free(n);
	}
}

/* Names of 1 KB each: the key is short, and one for one alert. */
static void
test_long_key(void **state)
{
	char *keys[3];

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct notification *n = sample(i == 1 ? NOTIFY_RESOLVED :
		    NOTIFY_FIRING);
		struct request q;
		json_t *root;

		free(n->db);
		n->db = mem_new(NOTIFICATION_TEXT_MAX + 1, 1);
		memset(n->db, 'x', NOTIFICATION_TEXT_MAX);
		n->db[NOTIFICATION_TEXT_MAX - 1] = i == 2 ? 'y' : 'x';
		q = write_of("pagerduty", n, 1);
		root = load(&q);
		keys[i] = mem_strdup(text_of(root, "dedup_key"));
		assert_true(strlen(keys[i]) <= 255);
		json_decref(root);
		request_done(&q);
		notification_free(n);
	}
	assert_string_equal(keys[0], keys[1]);
	assert_string_not_equal(keys[0], keys[2]);
	for (size_t i = 0; i < COUNT(keys); i++)
		free(keys[i]);
}

/* A digest pages nobody. */
static void
test_skips(void **state)
{
	const struct receiver_type *t = receiver_type_find("pagerduty");

	(void)state;
	for (int i = 0; i < NOTIFY_TYPES; i++) {
		assert_int_equal(receiver_skips(t, (enum notification_type)i),
		    i == NOTIFY_DIGEST || i == NOTIFY_TEST);
		assert_false(receiver_skips(receiver_type_find("ntfy"),
		    (enum notification_type)i));
	}
}

/* --- ntfy ---------------------------------------------------------------- */

static const struct {
	enum notification_type type;
	const char	*severity;
	int		 priority;
	const char	*tag;
} pushes[] = {
	{ NOTIFY_FIRING, "critical", 5, "rotating_light" },
	{ NOTIFY_FIRING, "warning", 4, "warning" },
	{ NOTIFY_FIRING, "info", 3, "information_source" },
	{ NOTIFY_RESOLVED, "critical", 3, "white_check_mark" },
	{ NOTIFY_NO_DATA, "critical", 4, "grey_question" },
	{ NOTIFY_DIGEST, "info", 3, "information_source" },
};

static void
test_ntfy(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pushes); i++) {
		struct notification *n = sample(pushes[i].type);
		struct request q;
		json_t *root, *tags;

		free(n->severity);
		n->severity = mem_strdup(pushes[i].severity);
		q = write_of("ntfy", n, 1);
		root = load(&q);
		tags = json_object_get(root, "tags");
		assert_string_equal(q.url, "https://ntfy.sh");
		assert_string_equal(text_of(root, "topic"), "db-alerts");
		assert_int_equal(json_integer_value(json_object_get(root,
		    "priority")), pushes[i].priority);
		assert_string_equal(json_string_value(json_array_get(tags, 0)),
		    pushes[i].tag);
		assert_string_equal(text_of(root, "click"), n->url);
		assert_non_null(strstr(text_of(root, "message"), n->summary));
		assert_int_equal(q.nheaders, 2);
		assert_string_equal(q.headers[1],
		    "Authorization: Bearer tk_s3cr3t");
		json_decref(root);
		request_done(&q);
		notification_free(n);
	}
}

/* --- Telegram ------------------------------------------------------------ */

static void
test_telegram(void **state)
{
	struct notification *n = sample(NOTIFY_FIRING);
	struct receiver r = receiver_of("telegram");
	struct request q;
	json_t *root;

	(void)state;
	free(n->db);
	n->db = mem_strdup("<b>&\"");
	q = write_with(&r, n, 1);
	root = load(&q);
	assert_string_equal(q.url, "https://api.telegram.org/bot" TOKEN
	    "/sendMessage");
	assert_true(json_integer_value(json_object_get(root, "chat_id")) ==
	    -1001234567890LL);
	assert_string_equal(text_of(root, "parse_mode"), "HTML");
	assert_null(json_object_get(root, "message_thread_id"));
	assert_non_null(strstr(text_of(root, "text"), "<b>[firing] test on "
	    "&lt;b&gt;&amp;&quot; (info)</b>\n"));
	json_decref(root);
	request_done(&q);
	/* A server of one's own, a channel by name, a topic in it. */
	r.texts[RECEIVER_URL] = mem_strdup("http://127.0.0.1:8081/");
	free(r.texts[RECEIVER_CHAT_ID]);
	r.texts[RECEIVER_CHAT_ID] = mem_strdup("@db_alerts");
	r.texts[RECEIVER_THREAD_ID] = mem_strdup("42");
	q = write_with(&r, n, 1);
	root = load(&q);
	assert_string_equal(q.url, "http://127.0.0.1:8081/bot" TOKEN
	    "/sendMessage");
	assert_string_equal(text_of(root, "chat_id"), "@db_alerts");
	assert_int_equal(json_integer_value(json_object_get(root,
	    "message_thread_id")), 42);
	json_decref(root);
	request_done(&q);
	receiver_done(&r);
	notification_free(n);
}

/* As long as names and sentences may be, as many as a message may have. */
static void
test_sizes(void **state)
{
	static const struct { const char *type, *key; size_t max; } rows[] = {
		{ "ntfy", "message", 4096 }, { "ntfy", "title", 250 },
		{ "telegram", "text", 4096 }, };
	static const size_t counts[] = { 1, 2, MESSAGE_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(rows) * COUNT(counts); i++) {
		struct notification *n = sample(NOTIFY_FIRING);
		char **texts[] = { &n->db, &n->alert, &n->host, &n->summary,
		    &n->cause, &n->next_step, &n->url };
		struct request q;
		json_t *root;

		for (size_t k = 0; k < COUNT(texts); k++) {
			free(*texts[k]);
			*texts[k] = mem_new(NOTIFICATION_TEXT_MAX + 1, 1);
			memset(*texts[k], '&', NOTIFICATION_TEXT_MAX);
		}
		q = write_of(rows[i % COUNT(rows)].type, n,
		    counts[i / COUNT(rows)]);
		root = load(&q);
		assert_true(strlen(text_of(root, rows[i % COUNT(rows)].key)) <=
		    rows[i % COUNT(rows)].max);
		json_decref(root);
		request_done(&q);
		notification_free(n);
	}
}

/* --- exec ---------------------------------------------------------------- */

static void
test_exec(void **state)
{
	struct notification *n = sample(NOTIFY_FIRING);
	struct request q = write_of("exec", n, 1);
	char *body = notification_write(n);

	(void)state;
	assert_int_equal(q.kind, REQUEST_EXEC);
	assert_string_equal(q.url, "/usr/local/bin/tell --to 'a b'");
	assert_string_equal(q.body, body);
	assert_string_equal(q.headers[1], "LITEGAUGE_TYPE=alert.firing");
	assert_string_equal(q.headers[2], "LITEGAUGE_ALERT=test");
	assert_string_equal(q.headers[3], "LITEGAUGE_DB=test");
	assert_string_equal(q.headers[4], "LITEGAUGE_SEVERITY=info");
	free(body);
	request_done(&q);
	notification_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pagerduty),
		cmocka_unit_test(test_long_key),
		cmocka_unit_test(test_skips),
		cmocka_unit_test(test_ntfy),
		cmocka_unit_test(test_telegram),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_exec),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
