/*
 * pagerduty, ntfy, telegram, exec: mistakes in a section, and answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/alerts/pagers.h"

static const struct {
	const char	*type;
	enum receiver_key key;
	const char	*text;		/* NULL: not said */
	const char	*says;
} mistakes[] = {
	{ "pagerduty", RECEIVER_ROUTING_KEY, NULL, "routing_key" },
	{ "pagerduty", RECEIVER_ROUTING_KEY, "s3cr3t key", "routing_key" },
	{ "pagerduty", RECEIVER_URL, "events.pagerduty.com", "https://" },
	{ "ntfy", RECEIVER_TOPIC, NULL, "a topic has" },
	{ "ntfy", RECEIVER_TOPIC, "s3cr3t/b", "a topic has" },
	{ "ntfy", RECEIVER_URL, "https://ntfy.sh/db-alerts", "the server" },
	{ "ntfy", RECEIVER_URL, "https://ntfy.sh?topic=x", "the server" },
	{ "ntfy", RECEIVER_USERNAME, "me", "token and a username" },
	{ "telegram", RECEIVER_TOKEN, NULL, "the token" },
	{ "telegram", RECEIVER_TOKEN, "s3cr3t", "the token" },
	{ "telegram", RECEIVER_TOKEN, "12:s3cr3t/../x", "the token" },
	{ "telegram", RECEIVER_TOKEN, "12:s3cr3t?x", "the token" },
	{ "telegram", RECEIVER_CHAT_ID, "ops", "chat_id" },
	{ "telegram", RECEIVER_CHAT_ID, "-", "chat_id" },
	{ "telegram", RECEIVER_CHAT_ID, "@", "chat_id" },
	{ "telegram", RECEIVER_CHAT_ID, "99999999999999999999", "chat_id" },
	{ "telegram", RECEIVER_THREAD_ID, "main", "thread_id" },
	{ "exec", RECEIVER_COMMAND, NULL, "names no program" },
	{ "exec", RECEIVER_COMMAND, "bin/tell", "a whole path" },
	{ "exec", RECEIVER_COMMAND, "tell 'x", "within quotes" },
};

static void
test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		struct receiver r = receiver_of(mistakes[i].type);
		struct err e = { "" };

		if (r.texts[mistakes[i].key] != NULL)
			free(r.texts[mistakes[i].key]);
		r.texts[mistakes[i].key] = mistakes[i].text == NULL ? NULL :
		    mem_strdup(mistakes[i].text);
		if (receiver_try(&r, &e) == 0)
			fail_msg("%s takes %s", mistakes[i].type,
			    mistakes[i].text);
		if (strstr(e.text, mistakes[i].says) == NULL)
			fail_msg("%s", e.text);
		assert_null(strstr(e.text, "receiver ops"));
		assert_null(strstr(e.text, "s3cr3t"));
		receiver_done(&r);
	}
}

static void
must_have_topic(const struct receiver *r)
{
	struct notification *n = notification_test(NOTIFY_TEST, "", "", 0);
	const struct notification *items[] = { n };
	const struct message m = { items, 1, 0 };
	struct request q = { 0 };
	struct err e = { "" };

	if (r->type->write(r, &m, &q, &e) == -1)
		fail_msg("%s", e.text);
	assert_non_null(strstr(q.body, "\"topic\":\"db-alerts-s3cr3t\""));
	request_done(&q);
	notification_free(n);
}

/* A topic is a secret as a URL is: in a file, or among the credentials. */
static void
test_topic_elsewhere(void **state)
{
	char dir[] = "/tmp/litegauge-test-XXXXXX";
	struct receiver r = receiver_of("ntfy");
	struct err e = { "" };
	char *path;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = mem_printf("%s/topic", dir);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs("db-alerts-s3cr3t\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
	free(r.texts[RECEIVER_TOPIC]);
	r.texts[RECEIVER_TOPIC] = NULL;
	r.files[RECEIVER_TOPIC] = mem_strdup(path);
	assert_int_equal(receiver_check(&r, &e), 0);
	must_have_topic(&r);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(receiver_check(&r, &e), -1);
	free(r.files[RECEIVER_TOPIC]);
	r.files[RECEIVER_TOPIC] = NULL;
	r.texts[RECEIVER_TOPIC] = mem_strdup("credential:topic");
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", dir, 1), 0);
	must_have_topic(&r);
	receiver_done(&r);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	free(path);
}

#define LIMITED	"{\"ok\":false,\"error_code\":429,\"description\":\"Too Many " \
		"Requests: retry after 7\",\"parameters\":{\"retry_after\":7}}"
#define MOVED	"{\"ok\":false,\"error_code\":400,\"description\":\"Bad " \
		"Request: group chat was upgraded\",\"parameters\":" \
		"{\"migrate_to_chat_id\":-1009876543210}}"

static const struct {
	const char	*type;
	long		 status;
	const char	*body;
	enum verdict	 verdict;
	int64_t		 retry_after_ms;
	const char	*says;
} answers[] = {
	{ "pagerduty", 202, "{}", VERDICT_DELIVERED, -1, "" },
	{ "pagerduty", 200, "{}", VERDICT_RETRY, -1, "HTTP 200" },
	{ "pagerduty", 400, "{}", VERDICT_REFUSED, -1, "routing key" },
	{ "pagerduty", 403, "", VERDICT_RETRY, -1, "HTTP 403" },
	{ "pagerduty", 429, "", VERDICT_RETRY, -1, "too many" },
	{ "pagerduty", 500, "", VERDICT_RETRY, -1, "HTTP 500" },
	{ "ntfy", 200, "{}", VERDICT_DELIVERED, -1, "" },
	{ "ntfy", 302, "", VERDICT_RETRY, -1, "correct the URL" },
	{ "ntfy", 400, "", VERDICT_REFUSED, -1, "malformed" },
	{ "ntfy", 401, "", VERDICT_RETRY, -1, "token" },
	{ "ntfy", 403, "", VERDICT_RETRY, -1, "forbids" },
	{ "ntfy", 413, "", VERDICT_REFUSED, -1, "too large" },
	{ "ntfy", 429, "", VERDICT_RETRY, -1, "too many" },
	{ "ntfy", 507, "", VERDICT_RETRY, -1, "HTTP 507" },
	{ "telegram", 200, "{\"ok\":true,\"result\":{}}", VERDICT_DELIVERED,
	    -1, "" },
	{ "telegram", 200, "{\"ok\":true,\"result\":{\"text\":\"cut of",
	    VERDICT_DELIVERED, -1, "" },
	{ "telegram", 200, "{\"ok\":false}", VERDICT_RETRY, -1, "not as" },
	{ "telegram", 200, "<html>", VERDICT_RETRY, -1, "not as Telegram" },
	{ "telegram", 429, LIMITED, VERDICT_RETRY, 7000, "retry after 7" },
	{ "telegram", 400, MOVED, VERDICT_RETRY, -1,
	    "chat_id = -1009876543210" },
	{ "telegram", 400, "{\"description\":\"Bad Request: chat not "
	    "found\"}", VERDICT_REFUSED, -1, "chat not found" },
	{ "telegram", 400, "", VERDICT_REFUSED, -1, "HTTP 400" },
	{ "telegram", 401, "{\"description\":\"Unauthorized\"}",
	    VERDICT_RETRY, -1, "401: Unauthorized" },
	{ "telegram", 403, "{\"description\":5}", VERDICT_RETRY, -1, "403" },
	{ "telegram", 429, "{\"parameters\":{\"retry_after\":999999999}}",
	    VERDICT_RETRY, 3600000, "429" },
	{ "telegram", 429, "{\"parameters\":{\"retry_after\":-7}}",
	    VERDICT_RETRY, -1, "429" },
	{ "telegram", 429, "{\"parameters\":{\"retry_after\":1e300}}",
	    VERDICT_RETRY, -1, "429" },
	{ "telegram", 429, "{\"parameters\":{\"retry_after\":\"7\"}}",
	    VERDICT_RETRY, -1, "429" },
	{ "telegram", 429, "{\"parameters\":{\"retry_after\":"
	    "99999999999999999999}}", VERDICT_RETRY, -1, "429" },
	{ "telegram", 429, "[]", VERDICT_RETRY, -1, "429" },
	/* The address has the token in it. */
	{ "telegram", 404, "{\"description\":\"Cannot POST "
	    "/bot12:s3cr3t-TOKEN/sendMessage\"}", VERDICT_RETRY, -1,
	    "HTTP 404" },
	{ "telegram", 502, "<html>", VERDICT_RETRY, -1, "HTTP 502" },
	{ "exec", 0, "noise", VERDICT_DELIVERED, -1, "" },
	{ "exec", 1, "\n no route\nmore", VERDICT_RETRY, -1,
	    "ended (exit status 1): no route" },
	{ "exec", 75, "", VERDICT_RETRY, -1, "exit status 75)" },
	{ "exec", 64, "usage: x", VERDICT_REFUSED, -1, "64): usage: x" },
	{ "exec", 67, "", VERDICT_REFUSED, -1, "whom to tell" },
	{ "exec", 78, "", VERDICT_REFUSED, -1, "configured wrongly" },
	{ "exec", 69, "a\033b", VERDICT_RETRY, -1, "69): a\xef\xbf\xbd" "b" },
	{ "exec", 127, "", VERDICT_RETRY, -1, "127" },
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
		    a.retry_after_ms != answers[i].retry_after_ms ||
		    strstr(e.text, answers[i].says) == NULL)
			fail_msg("row %zu: %d, %lld ms: %s", i, (int)v,
			    (long long)a.retry_after_ms, e.text);
		assert_int_equal(e.text[0] == '\0', v == VERDICT_DELIVERED);
		assert_null(strstr(e.text, "s3cr3t"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_topic_elsewhere),
		cmocka_unit_test(test_answers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
