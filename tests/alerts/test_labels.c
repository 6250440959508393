/*
 * labels: fingerprints as Alertmanager has them, the webhook of version 4, and
 * what is posted to an Alertmanager.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/labels.h"
#include "alerts/receiver.h"
#include "base/err.h"
#include "base/mem.h"
#include "tests/alerts/sample.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define AT_MS		1700000000000LL		/* 2023-11-14T22:13:20Z */
#define MANY		3

/* One that Alertmanager 0.25 has sent. */
static void
test_fingerprint(void **state)
{
	static const struct label labels[] = {
		{ "alertname", "SQLiteWALTooLarge" }, { "db", "app" },
		{ "instance", "vps1" }, { "severity", "warning" },
	};

	(void)state;
	assert_true(labels_fingerprint(labels, COUNT(labels)) ==
	    UINT64_C(0x94b6466400b51aa0));
}

static struct receiver
receiver_of(const char *type, const char *url)
{
	struct receiver r = {
		.name = mem_strdup("ops"), .type = receiver_type_find(type),
	};

	assert_non_null(r.type);
	r.texts[RECEIVER_URL] = mem_strdup(url);
	return r;
}

static struct notification *
one(enum notification_type type, const char *rule_name, const char *db)
{
	char *name = mem_strdup(rule_name);
	const struct rule rule = {
		.name = name, .measure = MEASURE_CHECKPOINT_LAG,
		.limit = 300, .severity = SEVERITY_WARNING,
	};
	struct past past = { .fired = { 0, AT_MS - 60000 } };
	const struct alert alert = { .rule = &rule, .value = 400,
		.past = &past };
	struct notification *n = sample_of(type, &alert, db, NULL, AT_MS);

	free(name);
	return n;
}

/* What a type makes of some: the body, as JSON. */
static json_t *
body_of(const char *type, const char *url, struct notification *const *of,
    size_t n, char **to)
{
	struct receiver r = receiver_of(type, url);
	const struct notification *items[MANY];
	struct message m = { items, n, AT_MS / 1000 + 10 };
	struct request q = { 0 };
	struct err e = { "" };
	json_t *root;

	for (size_t i = 0; i < n; i++)
		items[i] = of[i];
	if (r.type->write(&r, &m, &q, &e) == -1)
		fail_msg("%s", e.text);
	root = json_loads(q.body, 0, NULL);
	assert_non_null(root);
	if (to != NULL)
		*to = mem_strdup(q.url);
	request_done(&q);
	receiver_done(&r);
	return root;
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	assert_non_null(text);
	return text;
}

/* One rule met by many databases. */
static void
test_v4_storm(void **state)
{
	struct notification *of[MANY] = {
		one(NOTIFY_FIRING, "lag", "a"), one(NOTIFY_FIRING, "lag", "b"),
		one(NOTIFY_FIRING, "lag", "c"),
	};
	json_t *root = body_of("webhook_v4", "http://h/x", of, MANY, NULL);
	json_t *want = json_pack("{s:s, s:s}", "alertname", "lag", "instance",
	    "vps1");

	(void)state;
	assert_string_equal(text_of(root, "groupKey"),
	    "{}:{alertname=\"lag\", instance=\"vps1\"}");
	assert_true(json_equal(json_object_get(root, "groupLabels"), want));
	json_decref(want);
	json_decref(root);
	for (size_t i = 0; i < MANY; i++)
		notification_free(of[i]);
}

static void
test_v4_group(void **state)
{
	struct notification *of[MANY] = {
		one(NOTIFY_FIRING, "lag", "a \"b\\"),
		one(NOTIFY_RESOLVED, "lag", "a \"b\\"),
		one(NOTIFY_NO_DATA, "other", "a \"b\\"),
	};
	json_t *root = body_of("webhook_v4", "http://h/x", of, MANY, NULL);
	json_t *alerts = json_object_get(root, "alerts"), *a;
	json_t *want = json_pack("{s:s, s:s, s:s, s:s}", "db", "a \"b\\",
	    "instance", "vps1", "job", "litegauge", "severity", "warning");

	(void)state;
	assert_int_equal(json_array_size(alerts), MANY);
	assert_string_equal(text_of(root, "receiver"), "ops");
	assert_string_equal(text_of(root, "status"), "firing");
	assert_string_equal(text_of(root, "version"), "4");
	assert_string_equal(text_of(root, "externalURL"), SAMPLE_BASE);
	assert_string_equal(text_of(root, "groupKey"),
	    "{}:{db=\"a \\\"b\\\\\", instance=\"vps1\"}");
	assert_true(json_equal(json_object_get(root, "commonLabels"), want));
	assert_int_equal(json_object_size(json_object_get(root,
	    "commonAnnotations")), 0);
	a = json_array_get(alerts, 0);
	assert_string_equal(text_of(a, "status"), "firing");
	assert_string_equal(text_of(a, "startsAt"),
	    "2023-11-14T22:12:20.000Z");
	assert_string_equal(text_of(a, "endsAt"), "0001-01-01T00:00:00Z");
	assert_int_equal(strlen(text_of(a, "fingerprint")), 16);
	/* Its end is known by the same print. */
	assert_string_equal(text_of(a, "fingerprint"),
	    text_of(json_array_get(alerts, 1), "fingerprint"));
	a = json_array_get(alerts, 1);
	assert_string_equal(text_of(a, "status"), "resolved");
	assert_string_equal(text_of(a, "endsAt"), "2023-11-14T22:13:20.000Z");
	/* Who is out of sight still fires. */
	a = json_array_get(alerts, 2);
	assert_string_equal(text_of(a, "status"), "firing");
	json_decref(want);
	json_decref(root);
	for (size_t i = 0; i < MANY; i++)
		notification_free(of[i]);
}

/* Another severity is another alert: the one before is over. */
static void
test_before(void **state)
{
	static const char *const types[] = { "webhook_v4", "alertmanager" };
	struct notification *n = one(NOTIFY_FIRING, "lag", "app");

	(void)state;
	n->before = mem_strdup("info");
	for (size_t i = 0; i < COUNT(types); i++) {
		json_t *root = body_of(types[i], "http://h/", &n, 1, NULL);
		json_t *alerts = i == 0 ? json_object_get(root, "alerts") :
		    root, *a = json_array_get(alerts, 0);

		assert_int_equal(json_array_size(alerts), 2);
		assert_string_equal(text_of(json_object_get(a, "labels"),
		    "severity"), "info");
		assert_string_equal(text_of(a, "endsAt"),
		    "2023-11-14T22:13:20.000Z");
		assert_string_equal(text_of(a, "startsAt"),
		    "2023-11-14T22:12:20.000Z");
		a = json_array_get(alerts, 1);
		assert_string_equal(text_of(json_object_get(a, "labels"),
		    "severity"), "warning");
		assert_string_equal(text_of(a, "endsAt"), i == 0 ?
		    "0001-01-01T00:00:00Z" : "2023-11-14T22:17:30.000Z");
		if (i == 0)
			assert_string_equal(text_of(root, "status"), "firing");
		json_decref(root);
	}
	notification_free(n);
}

static const struct {
	enum notification_type	 type;
	const char		*status;	/* of version 4 */
	const char		*ends;		/* for an Alertmanager */
} lives[] = {
	{ NOTIFY_FIRING, "firing", "2023-11-14T22:17:30.000Z" },
	{ NOTIFY_RESOLVED, "resolved", "2023-11-14T22:13:20.000Z" },
	{ NOTIFY_NO_DATA, "firing", "2023-11-14T22:17:30.000Z" },
	{ NOTIFY_FLAPPING, "firing", "2023-11-14T22:17:30.000Z" },
	{ NOTIFY_TEST, "firing", "2023-11-14T22:17:30.000Z" },
	{ NOTIFY_DIGEST, "resolved", "2023-11-14T22:17:30.000Z" },
};

static void
test_lives(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lives); i++) {
		struct notification *n = notification_test(lives[i].type,
		    "vps1", SAMPLE_BASE, AT_MS);
		json_t *v4 = body_of("webhook_v4", "http://h/x", &n, 1, NULL);
		json_t *am = body_of("alertmanager", "http://h", &n, 1, NULL);

		assert_string_equal(text_of(v4, "status"), lives[i].status);
		assert_string_equal(text_of(json_array_get(am, 0), "endsAt"),
		    lives[i].ends);
		json_decref(v4);
		json_decref(am);
		notification_free(n);
	}
}

/* A clock that was set back makes no alert that ends before it begins. */
static void
test_clock_set_back(void **state)
{
	struct notification *n = one(NOTIFY_RESOLVED, "lag", "app");
	json_t *root;

	(void)state;
	n->since_ms = n->at_ms + 3600000;
	root = body_of("alertmanager", "http://h", &n, 1, NULL);
	assert_string_equal(text_of(json_array_get(root, 0), "startsAt"),
	    "2023-11-14T22:13:20.000Z");
	json_decref(root);
	notification_free(n);
}

static const struct {
	const char	*url, *to;	/* NULL: refused */
} urls[] = {
	{ "http://am:9093", "http://am:9093/api/v2/alerts" },
	{ "http://am:9093/", "http://am:9093/api/v2/alerts" },
	{ "https://x.example/am//", "https://x.example/am/api/v2/alerts" },
	{ "http://am:9093/api/v2/alerts", "http://am:9093/api/v2/alerts" },
	{ "http://am:9093//api/v2/alerts/", "http://am:9093/api/v2/alerts" },
	{ "https://x.example/am?x=1", NULL },
};

static void
test_urls(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		struct receiver r = receiver_of("alertmanager", urls[i].url);
		struct notification *n = one(NOTIFY_FIRING, "lag", "app");
		struct request q = { 0 };
		struct err e = { "" };
		int rc = sample_write(&r, n, 0, &q, &e);

		if (urls[i].to != NULL)
			assert_string_equal(q.url, urls[i].to);
		else
			assert_non_null(strstr(e.text, "no ? and no #"));
		assert_int_equal(rc, urls[i].to != NULL ? 0 : -1);
		assert_null(strstr(e.text, "example"));
		request_done(&q);
		receiver_done(&r);
		notification_free(n);
	}
}

static const struct {
	const char	*token, *username, *password;
	const char	*header;	/* the last one */
	const char	*says;		/* or why not */
} rights[] = {
	{ NULL, NULL, NULL, "Content-Type: application/json", NULL },
	{ NULL, "Aladdin", "open sesame",
	    "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", NULL },
	{ "t0ken", NULL, NULL, "Authorization: Bearer t0ken", NULL },
	{ NULL, "Aladdin", NULL, NULL, "go together" },
	{ NULL, NULL, "s3cr3t", NULL, "go together" },
	{ "s3cr3t", "Aladdin", "s3cr3t", NULL, "both a token" },
	{ "s3cr3t\r\nHost: x", NULL, NULL, NULL, "control characters" },
	{ NULL, "a:b", "s3cr3t", NULL, "no colon" },
};

static void
test_rights(void **state)
{
	static const char *const types[] = { "alertmanager", "webhook_v4" };

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(rights); i++) {
		struct receiver r = receiver_of(types[i % 2], "http://h/");
		struct notification *n = one(NOTIFY_FIRING, "lag", "app");
		struct request q = { 0 };
		struct err e = { "" };
		size_t k = i / 2;

		if (rights[k].token != NULL)
			r.texts[RECEIVER_TOKEN] = mem_strdup(rights[k].token);
		if (rights[k].username != NULL)
			r.texts[RECEIVER_USERNAME] =
			    mem_strdup(rights[k].username);
		if (rights[k].password != NULL)
			r.texts[RECEIVER_PASSWORD] =
			    mem_strdup(rights[k].password);
		assert_int_equal(receiver_check(&r, &e), 0);
		if (sample_write(&r, n, 0, &q, &e) == 0)
			assert_string_equal(q.headers[0], rights[k].header);
		else if (rights[k].says == NULL ||
		    strstr(e.text, rights[k].says) == NULL)
			fail_msg("%zu: %s", k, e.text);
		assert_null(strstr(e.text, "s3cr3t"));
		request_done(&q);
		receiver_done(&r);
		notification_free(n);
	}
}

static const struct {
	const char	*type;
	long		 status;
	enum verdict	 verdict;
	const char	*says;
} answers[] = {
	{ "alertmanager", 200, VERDICT_DELIVERED, "" },
	{ "alertmanager", 202, VERDICT_RETRY, "HTTP 202" },
	{ "alertmanager", 302, VERDICT_RETRY, "redirects" },
	{ "alertmanager", 400, VERDICT_REFUSED, "malformed" },
	{ "alertmanager", 401, VERDICT_RETRY, "HTTP 401" },
	{ "alertmanager", 404, VERDICT_RETRY, "without this path" },
	{ "alertmanager", 500, VERDICT_RETRY, "HTTP 500" },
	{ "webhook_v4", 202, VERDICT_DELIVERED, "" },
	{ "webhook_v4", 404, VERDICT_RETRY, "HTTP 404" },
	{ "webhook_v4", 410, VERDICT_GONE, "remove it" },
	{ "webhook_v4", 422, VERDICT_REFUSED, "malformed" },
	{ "webhook_v4", 503, VERDICT_RETRY, "HTTP 503" },
};

static void
test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct answer a = { answers[i].status, "", -1 };
		struct err e = { "" };

		assert_int_equal(receiver_type_find(answers[i].type)->judge(&a,
		    &e), answers[i].verdict);
		if (strstr(e.text, answers[i].says) == NULL)
			fail_msg("%s", e.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fingerprint),
		cmocka_unit_test(test_v4_storm),
		cmocka_unit_test(test_v4_group),
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_clock_set_back),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_rights),
		cmocka_unit_test(test_answers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
