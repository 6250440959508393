/*
 * slack: the body, what is escaped in it, and what answers mean.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/receiver.h"
#include "base/err.h"
#include "base/mem.h"
#include "tests/alerts/sample.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define URL		"https://hooks.slack.example/services/T0/B0/secret"

/* The one attachment of the message; the caller drops *root. */
static json_t *
attachment(const struct notification *n, json_t **root)
{
	char url[] = URL, name[] = "ops";
	const struct receiver r = {
		.name = name, .type = receiver_type_find("slack"),
		.texts[RECEIVER_URL] = url,
	};
	struct request q = { 0 };
	struct err e = { "" };

	if (sample_write(&r, n, 0, &q, &e) == -1)
		fail_msg("%s", e.text);
	assert_string_equal(q.url, URL);
	assert_int_equal(q.nheaders, 1);
	*root = json_loads(q.body, 0, NULL);
	assert_non_null(*root);
	request_done(&q);
	assert_int_equal(json_array_size(json_object_get(*root,
	    "attachments")), 1);
	return json_array_get(json_object_get(*root, "attachments"), 0);
}

static const char *
text_of(const json_t *a, const char *key)
{
	const char *text = json_string_value(json_object_get(a, key));

	assert_non_null(text);
	return text;
}

static const struct {
	enum notification_type	 type;
	const char		*color, *title;
} looks[] = {
	{ NOTIFY_FIRING, "#439FE0", "[firing] test on test (info)" },
	{ NOTIFY_RESOLVED, "good", "[resolved] test on test (info)" },
	{ NOTIFY_NO_DATA, "#808080", "[no data] test on test (info)" },
	{ NOTIFY_TEST, "#439FE0", "[test] test on test (info)" },
};

static void
test_body(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(looks); i++) {
		struct notification *n = notification_test(looks[i].type,
		    "vps1", "http://127.0.0.1:10925", 1700000000000LL);
		char *text = mem_printf("%s\n%s\n%s", n->summary, n->cause,
		    n->next_step);
		json_t *root, *a = attachment(n, &root);

		assert_string_equal(text_of(a, "color"), looks[i].color);
		assert_string_equal(text_of(a, "title"), looks[i].title);
		assert_string_equal(text_of(a, "title_link"), n->url);
		assert_string_equal(text_of(a, "text"), text);
		assert_string_equal(text_of(a, "fallback"), n->summary);
		assert_string_equal(text_of(a, "footer"), "vps1");
		json_decref(root);
		free(text);
		notification_free(n);
	}
}

static const struct {
	enum severity	 severity;
	const char	*color;
} colors[] = {
	{ SEVERITY_INFO, "#439FE0" },
	{ SEVERITY_WARNING, "warning" },
	{ SEVERITY_CRITICAL, "danger" },
};

static struct notification *
firing(enum severity severity, const char *db)
{
	char name[] = "lag";
	const struct rule rule = {
		.name = name, .measure = MEASURE_CHECKPOINT_LAG,
		.limit = 300, .severity = severity,
	};
	const struct alert alert = { .rule = &rule, .value = 400 };

	return sample_of(NOTIFY_FIRING, &alert, db, NULL, 1700000000000LL);
}

static void
test_colors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(colors); i++) {
		struct notification *n = firing(colors[i].severity, "app");
		json_t *root, *a = attachment(n, &root);

		assert_string_equal(text_of(a, "color"), colors[i].color);
		json_decref(root);
		notification_free(n);
	}
}

/* A database named by a joker calls nobody and makes no link. */
static void
test_escapes(void **state)
{
	struct notification *n = firing(SEVERITY_INFO,
	    "<!channel> & <http://x|y> *bold*");
	json_t *root, *a = attachment(n, &root);

	(void)state;
	assert_non_null(strstr(text_of(a, "title"),
	    "&lt;!channel&gt; &amp; &lt;http://x|y&gt; *bold*"));
	assert_null(strchr(text_of(a, "title"), '<'));
	assert_null(strchr(text_of(a, "text"), '<'));
	assert_null(strchr(text_of(a, "fallback"), '>'));
	assert_int_equal(json_array_size(json_object_get(a, "mrkdwn_in")), 0);
	json_decref(root);
	notification_free(n);
}

static void
test_long_title(void **state)
{
	char db[2000];
	struct notification *n;
	json_t *root, *a;

	(void)state;
	memset(db, '&', sizeof db);
	db[sizeof db - 1] = '\0';
	n = firing(SEVERITY_INFO, db);
	a = attachment(n, &root);
	assert_true(strlen(text_of(a, "title")) <= 256);
	assert_true(strlen(text_of(a, "title")) > 240);
	json_decref(root);
	notification_free(n);
}

static const struct {
	long		 status;
	const char	*body;
	enum verdict	 verdict;
	const char	*says;
} answers[] = {
	{ 200, "ok", VERDICT_DELIVERED, "" },
	{ 200, "ok\n", VERDICT_RETRY, "not the \"ok\"" },
	{ 200, "", VERDICT_RETRY, "not the \"ok\"" },
	{ 200, "<html>log in</html>", VERDICT_RETRY, "not the \"ok\"" },
	{ 204, "", VERDICT_RETRY, "HTTP 204" },
	{ 302, "", VERDICT_RETRY, "HTTP 302" },
	{ 400, "invalid_token", VERDICT_GONE, "invalid_token: " },
	{ 400, "invalid_payload", VERDICT_REFUSED, "invalid_payload: Slack" },
	{ 403, "action_prohibited", VERDICT_GONE, "action_prohibited" },
	{ 404, "no_service", VERDICT_GONE, "no_service" },
	{ 404, "no " URL, VERDICT_GONE, "HTTP 404" },
	{ 410, "channel_is_archived", VERDICT_GONE, "channel_is_archived" },
	{ 429, "", VERDICT_RETRY, "HTTP 429" },
	{ 500, "rollup_error", VERDICT_RETRY, "rollup_error: " },
	{ 503, "", VERDICT_RETRY, "HTTP 503" },
};

static void
test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct answer a = { answers[i].status, answers[i].body,
		    -1 };
		struct err e = { "" };

		assert_int_equal(receiver_type_find("slack")->judge(&a, &e),
		    answers[i].verdict);
		if (strstr(e.text, answers[i].says) == NULL)
			fail_msg("%s", e.text);
		assert_null(strstr(e.text, "slack.example"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_colors),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_long_title),
		cmocka_unit_test(test_answers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
