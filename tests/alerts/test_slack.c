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

/* What a message of one notification says. */
struct said {
	json_t		*root;		/* owned */
	const char	*text, *header, *lines, *link;
};

static const char *
text_of(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	assert_non_null(text);
	return text;
}

static const json_t *
block(const json_t *root, size_t i, const char *type)
{
	const json_t *b = json_array_get(json_object_get(root, "blocks"), i);

	assert_string_equal(text_of(b, "type"), type);
	return b;
}

static const char *
plain_of(const json_t *b)
{
	const json_t *text = json_object_get(b, "text");

	assert_string_equal(text_of(text, "type"), "plain_text");
	return text_of(text, "text");
}

static void
say(struct said *ret, const struct notification *n)
{
	char url[] = URL, name[] = "ops";
	const struct receiver r = {
		.name = name, .type = receiver_type_find("slack"),
		.texts[RECEIVER_URL] = url,
	};
	struct request q = { 0 };
	struct err e = { "" };
	json_t *root;

	if (sample_write(&r, n, 0, &q, &e) == -1)
		fail_msg("%s", e.text);
	assert_string_equal(q.url, URL);
	assert_int_equal(q.nheaders, 1);
	root = json_loads(q.body, 0, NULL);
	assert_non_null(root);
	request_done(&q);
	assert_int_equal(json_array_size(json_object_get(root, "blocks")), 3);
	*ret = (struct said){ .root = root, .text = text_of(root, "text"),
		.header = plain_of(block(root, 0, "header")),
		.lines = plain_of(block(root, 1, "section")),
		.link = text_of(json_array_get(json_object_get(block(root, 2,
		    "context"), "elements"), 0), "text") };
}

static const struct {
	enum notification_type	 type;
	const char		*header;
} looks[] = {
	{ NOTIFY_FIRING, "\U0001F535 [firing] test on test (info)" },
	{ NOTIFY_RESOLVED, "\U0001F7E2 [resolved] test on test (info)" },
	{ NOTIFY_NO_DATA, "\u26AA [no data] test on test (info)" },
	{ NOTIFY_TEST, "\U0001F535 [test] test on test (info)" },
};

static void
test_body(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(looks); i++) {
		struct notification *n = notification_test(looks[i].type,
		    "vps1", "http://127.0.0.1:10925", 1700000000000LL);
		char *lines = mem_printf("%s\n%s\n%s", n->summary, n->cause,
		    n->next_step);
		char *link = mem_printf("<%s|vps1>", n->url);
		struct said s;

		say(&s, n);
		assert_string_equal(s.header, looks[i].header);
		assert_string_equal(s.lines, lines);
		assert_string_equal(s.link, link);
		assert_int_equal(strncmp(s.text, strchr(s.header, '['),
		    strlen(strchr(s.header, '['))), 0);
		assert_string_equal(strchr(s.text, '\n') + 1, lines);
		json_decref(s.root);
		free(link);
		free(lines);
		notification_free(n);
	}
}

static const struct {
	enum severity	 severity;
	const char	*circle;
} circles[] = {
	{ SEVERITY_INFO, "\U0001F535" },
	{ SEVERITY_WARNING, "\U0001F7E0" },
	{ SEVERITY_CRITICAL, "\U0001F534" },
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
test_circles(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(circles); i++) {
		struct notification *n = firing(circles[i].severity, "app");
		struct said s;

		say(&s, n);
		assert_int_equal(strncmp(s.header, circles[i].circle,
		    strlen(circles[i].circle)), 0);
		json_decref(s.root);
		notification_free(n);
	}
}

/* A database named by a joker calls nobody and makes no link. */
static void
test_escapes(void **state)
{
	struct notification *n = firing(SEVERITY_INFO,
	    "<!channel> & <http://x|y> *bold*");
	struct said s;

	(void)state;
	say(&s, n);
	assert_non_null(strstr(s.header,
	    "&lt;!channel&gt; &amp; &lt;http://x|y&gt; *bold*"));
	assert_null(strpbrk(s.header, "<>"));
	assert_null(strpbrk(s.lines, "<>"));
	assert_null(strpbrk(s.text, "<>"));
	assert_null(strpbrk(s.link + 1, "<"));
	assert_null(strstr(s.link, "channel>"));
	json_decref(s.root);
	notification_free(n);
}

static void
test_long_title(void **state)
{
	char db[2000];
	struct notification *n;
	struct said s;

	(void)state;
	memset(db, '&', sizeof db);
	db[sizeof db - 1] = '\0';
	n = firing(SEVERITY_INFO, db);
	say(&s, n);
	assert_true(strlen(s.header) <= 150);
	assert_true(strlen(s.header) > 130);
	assert_true(strlen(s.text) <= 2000);
	json_decref(s.root);
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
		cmocka_unit_test(test_circles),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_long_title),
		cmocka_unit_test(test_answers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
