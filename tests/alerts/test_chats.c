/*
 * discord, teams, googlechat: what is in a body, and what answers mean.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/cards.h"
#include "base/err.h"
#include "base/mem.h"
#include "tests/alerts/sample.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define URL		"https://chat.example/s3cr3t?key=s3cr3t"
#define AT_MS		1700000000000LL

/* The body that a type makes of n alerts, and where it goes. */
static json_t *
body_of(const char *type, const char *url, size_t n, char **to)
{
	char *text = mem_strdup(url), name[] = "ops";
	const struct receiver r = {
		.name = name, .type = receiver_type_find(type),
		.texts[RECEIVER_URL] = text,
	};
	struct notification *of = notification_test(NOTIFY_FIRING, "vps1",
	    SAMPLE_BASE, AT_MS);
	const struct notification *items[MESSAGE_MAX];
	const struct message m = { items, n, 0 };
	struct request q = { 0 };
	struct err e = { "" };
	json_t *root;

	for (size_t i = 0; i < n; i++)
		items[i] = of;
	if (r.type->write(&r, &m, &q, &e) == -1)
		fail_msg("%s", e.text);
	root = json_loads(q.body, 0, NULL);
	assert_non_null(root);
	if (to != NULL)
		*to = mem_strdup(q.url);
	request_done(&q);
	notification_free(of);
	free(text);
	return root;
}

static json_t *
at(const json_t *root, const char *key, size_t i)
{
	json_t *ret = json_array_get(json_object_get(root, key), i);

	assert_non_null(ret);
	return ret;
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	assert_non_null(text);
	return text;
}

/* How many alerts make how many boxes, and whether a line is above them. */
static const struct {
	size_t	alerts, boxes;
} groups[] = {
	{ 1, 1 }, { 2, 2 }, { 10, 10 }, { 11, 1 }, { 20, 1 },
};

static void
test_discord(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(groups); i++) {
		json_t *root = body_of("discord", URL, groups[i].alerts, NULL);
		json_t *e = at(root, "embeds", 0);

		assert_int_equal(json_array_size(json_object_get(root,
		    "embeds")), groups[i].boxes);
		assert_int_equal(json_object_get(root, "content") != NULL,
		    groups[i].boxes > 1);
		assert_int_equal(json_array_size(json_object_get(
		    json_object_get(root, "allowed_mentions"), "parse")), 0);
		assert_non_null(json_object_get(json_object_get(root,
		    "allowed_mentions"), "parse"));
		assert_string_equal(text_of(e, "title"),
		    groups[i].boxes == groups[i].alerts ?
		    "\\[firing\\] test on test \\(info\\)" :
		    groups[i].alerts == 11 ? "\\[11 firing\\] test" :
		    "\\[20 firing\\] test");
		assert_string_equal(text_of(e, "timestamp"),
		    "2023-11-14T22:13:20.000Z");
		assert_non_null(strstr(text_of(e, "description"),
		    "test: write\\_rate is 62.0/s, above 50.0/s for 5m."));
		json_decref(root);
	}
}

static void
test_teams(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(groups); i++) {
		json_t *root = body_of("teams", URL, groups[i].alerts, NULL);
		json_t *card = json_object_get(at(root, "attachments", 0),
		    "content");
		json_t *items = json_object_get(at(card, "body", 0), "items");

		assert_int_equal(json_array_size(json_object_get(card,
		    "body")), groups[i].boxes);
		assert_string_equal(text_of(at(json_array_get(items, 0),
		    "inlines", 0), "color"), "Accent");
		/* A title, three lines and the host, each a block. */
		if (groups[i].alerts == 1)
			assert_int_equal(json_array_size(items), 5);
		json_decref(root);
	}
}

static const struct {
	const char	*url, *to;
} urls[] = {
	{ "https://c.example/m?key=k&token=t",
	    "https://c.example/m?key=k&token=t&messageReplyOption="
	    "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD" },
	{ "https://c.example/m", "https://c.example/m?messageReplyOption="
	    "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD" },
	{ "https://c.example/m?messageReplyOption=X",
	    "https://c.example/m?messageReplyOption=X" },
};

static void
test_googlechat(void **state)
{
	char *key = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		char *to;
		json_t *root = body_of("googlechat", urls[i].url, 1 + i, &to);
		const char *thread = text_of(json_object_get(root, "thread"),
		    "threadKey");
		const char *text = text_of(root, "text");
		const char *end = "\n" SAMPLE_BASE "/#test\nvps1";
		size_t n = strlen(text), m = strlen(end);

		assert_string_equal(to, urls[i].to);
		if (key == NULL)
			key = mem_strdup(thread);
		assert_string_equal(thread, key);
		assert_true(n > m && strcmp(text + n - m, end) == 0);
		json_decref(root);
		free(to);
	}
	free(key);
}

static const struct {
	const char	*type;
	long		 status;
	const char	*body;
	enum verdict	 verdict;
	int64_t		 retry_after_ms;
} answers[] = {
	{ "discord", 200, "{}", VERDICT_DELIVERED, -1 },
	{ "discord", 204, "", VERDICT_DELIVERED, -1 },
	{ "discord", 302, "", VERDICT_RETRY, -1 },
	{ "discord", 400, "{\"embeds\": [\"0\"]}", VERDICT_REFUSED, -1 },
	{ "discord", 401, "{\"code\": 50027}", VERDICT_GONE, -1 },
	{ "discord", 403, "{\"code\": 40333}", VERDICT_RETRY, -1 },
	{ "discord", 404, "{\"code\": 10015}", VERDICT_GONE, -1 },
	{ "discord", 429, "{\"message\": \"x\", \"retry_after\": 0.529}",
	    VERDICT_RETRY, 529 },
	{ "discord", 429, "{\"retry_after\": 64.0}", VERDICT_RETRY, 64000 },
	{ "discord", 429, "{\"retry_after\": 64}", VERDICT_RETRY, 64000 },
	{ "discord", 429, "{\"retry_after\": 1500}", VERDICT_RETRY, 1500 },
	{ "discord", 429, "{\"retry_after\": 1e99}", VERDICT_RETRY, 3600000 },
	{ "discord", 429, "{\"retry_after\": -1.5}", VERDICT_RETRY, -1 },
	{ "discord", 429, "{\"retry_after\": \"x\"}", VERDICT_RETRY, -1 },
	{ "discord", 429, "<html>", VERDICT_RETRY, -1 },
	{ "discord", 503, "{\"retry_after\": 1.5}", VERDICT_RETRY, -1 },
	{ "teams", 202, "", VERDICT_DELIVERED, -1 },
	{ "teams", 200, "", VERDICT_DELIVERED, -1 },
	{ "teams", 400, "", VERDICT_REFUSED, -1 },
	{ "teams", 400,
	    "{\"error\":{\"code\":\"WorkflowTriggerIsNotEnabled\"}}",
	    VERDICT_RETRY, -1 },
	{ "teams", 404, "", VERDICT_GONE, -1 },
	{ "teams", 413, "", VERDICT_REFUSED, -1 },
	{ "teams", 429, "", VERDICT_RETRY, -1 },
	{ "teams", 502, "", VERDICT_RETRY, -1 },
	{ "googlechat", 200, "{}", VERDICT_DELIVERED, -1 },
	{ "googlechat", 204, "", VERDICT_RETRY, -1 },
	{ "googlechat", 400, "", VERDICT_REFUSED, -1 },
	{ "googlechat", 401, "", VERDICT_GONE, -1 },
	{ "googlechat", 403, "", VERDICT_RETRY, -1 },
	{ "googlechat", 404, "", VERDICT_GONE, -1 },
	{ "googlechat", 429, "", VERDICT_RETRY, -1 },
	{ "googlechat", 500, "", VERDICT_RETRY, -1 },
};

static void
test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct answer a = { answers[i].status, answers[i].body, -1 };
		struct err e = { "" };
		enum verdict v = receiver_type_find(answers[i].type)->judge(&a,
		    &e);

		if (v != answers[i].verdict ||
		    a.retry_after_ms != answers[i].retry_after_ms)
			fail_msg("row %zu: %d, %lld ms: %s", i, (int)v,
			    (long long)a.retry_after_ms, e.text);
		assert_int_equal(e.text[0] == '\0', v == VERDICT_DELIVERED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_discord),
		cmocka_unit_test(test_teams),
		cmocka_unit_test(test_googlechat),
		cmocka_unit_test(test_answers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
