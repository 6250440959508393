/*
 * webhook: the signature of Standard Webhooks, secrets, and what answers mean.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "alerts/receiver.h"
#include "alerts/sign.h"
#include "base/err.h"
#include "base/mem.h"
#include "tests/alerts/sample.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define SECRET		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define URL		"https://hooks.example/very/secret/path"

static struct receiver
receiver_of(const char *url, const char *secret)
{
	struct receiver r = {
		.name = mem_strdup("ops"),
		.type = receiver_type_find("webhook"),
	};

	if (url != NULL)
		r.texts[RECEIVER_URL] = mem_strdup(url);
	if (secret != NULL)
		r.texts[RECEIVER_SECRET] = mem_strdup(secret);
	assert_non_null(r.type);
	return r;
}

static const char *
header(const struct request *q, const char *name)
{
	for (size_t i = 0; i < q->nheaders; i++)
		if (strncmp(q->headers[i], name, strlen(name)) == 0 &&
		    strncmp(q->headers[i] + strlen(name), ": ", 2) == 0)
			return q->headers[i] + strlen(name) + 2;
	return NULL;
}

/* The vector of the standard's own libraries. */
static void
test_vector(void **state)
{
	char signature[SIGNATURE_MAX];
	struct err e;

	(void)state;
	assert_int_equal(sign_message(signature, SECRET,
	    "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
	    "{\"test\": 2432232314}", &e), 0);
	assert_string_equal(signature,
	    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void
test_request(void **state)
{
	struct receiver r = receiver_of(URL, SECRET);
	struct notification *n = notification_test(NOTIFY_TEST, "vps1",
	    "http://127.0.0.1:10925", 1700000000000LL);
	struct request q = { 0 };
	char signature[SIGNATURE_MAX], *body;
	struct err e;

	(void)state;
	assert_int_equal(sample_write(&r, n, 1614265330, &q, &e), 0);
	body = notification_write(n);
	assert_string_equal(q.url, URL);
	assert_string_equal(q.body, body);
	assert_string_equal(header(&q, "Content-Type"), "application/json");
	assert_string_equal(header(&q, "webhook-id"), n->id);
	assert_string_equal(header(&q, "webhook-timestamp"), "1614265330");
	assert_int_equal(sign_message(signature, SECRET, n->id, 1614265330,
	    body, &e), 0);
	assert_string_equal(header(&q, "webhook-signature"), signature);
	free(body);
	request_done(&q);
	receiver_done(&r);
	notification_free(n);
}

static void
test_without_a_secret(void **state)
{
	struct receiver r = receiver_of(URL, NULL);
	struct notification *n = notification_test(NOTIFY_FIRING, "vps1",
	    "http://127.0.0.1:10925", 1700000000000LL);
	struct request q = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(sample_write(&r, n, 1, &q, &e), 0);
	assert_null(header(&q, "webhook-signature"));
	assert_non_null(header(&q, "webhook-id"));
	request_done(&q);
	receiver_done(&r);
	notification_free(n);
}

/* While one takes the place of another both sign, in the order given. */
static void
test_rotation(void **state)
{
	static const char other[] =
	    "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	struct receiver r = receiver_of(URL, SECRET "  " "whsec_"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
	struct notification *n = notification_test(NOTIFY_TEST, "vps1",
	    "http://127.0.0.1:10925", 1700000000000LL);
	char first[SIGNATURE_MAX], second[SIGNATURE_MAX], *both;
	struct request q = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(sample_write(&r, n, 7, &q, &e), 0);
	assert_int_equal(sign_message(first, SECRET, n->id, 7, q.body, &e), 0);
	assert_int_equal(sign_message(second, other, n->id, 7, q.body, &e), 0);
	both = mem_printf("%s %s", first, second);
	assert_string_equal(header(&q, "webhook-signature"), both);
	free(both);
	request_done(&q);
	receiver_done(&r);
	notification_free(n);
}

static const char *const bad_secrets[] = {
	"", "secret", "whsec_", "whsec_short", "whsec_AAAA",
	"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",	/* 31 */
	"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa S",
	"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_",
	"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaL===",
	"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==",	/* 22 bytes */
	"whsec_MfKQ9r8GKYqrTwjU=PD8ILPZIo2LaLaS",
	SECRET " " "secret",
	SECRET " " "whsec_AAAA",
	/* 66 bytes */
	("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
};

static void
test_bad_secrets(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_secrets); i++) {
		struct receiver r = receiver_of(URL, bad_secrets[i]);
		struct err e = { "" };

		if (receiver_try(&r, &e) == 0)
			fail_msg("taken: \"%s\"", bad_secrets[i]);
		assert_non_null(strstr(e.text, "the secret must "
		    "be whsec_"));
		if (strlen(bad_secrets[i]) > 12)
			assert_null(strstr(e.text, bad_secrets[i]));
		assert_null(strstr(e.text, "hooks.example"));
		receiver_done(&r);
	}
}

static void
test_too_many_secrets(void **state)
{
	struct receiver r = receiver_of(URL, SECRET " " SECRET " " SECRET " "
	    SECRET " " SECRET);
	struct err e = { "" };

	(void)state;
	assert_int_equal(receiver_try(&r, &e), -1);
	assert_non_null(strstr(e.text, "more than 4 secrets"));
	receiver_done(&r);
}

static const char *const good_secrets[] = {
	SECRET,
	"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",	/* 25 */
	"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",	/* 26 */
	/* 64 */
	("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="),
};

static void
test_good_secrets(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good_secrets); i++) {
		struct receiver r = receiver_of(URL, good_secrets[i]);
		struct err e = { "" };

		if (receiver_try(&r, &e) == -1)
			fail_msg("%s", e.text);
		receiver_done(&r);
	}
}

static const char *const bad_urls[] = { "", "hooks.example/x", "ftp://x/y",
	"file:///etc/passwd", "https://", "https:///path", "https://a b/",
	"https://a/\nHost: b" };

static void
test_bad_urls(void **state)
{
	struct receiver r;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(bad_urls); i++) {
		r = receiver_of(bad_urls[i], NULL);
		assert_int_equal(receiver_try(&r, &e), -1);
		assert_non_null(strstr(e.text, "begins with https://"));
		assert_null(strstr(e.text, "example"));
		receiver_done(&r);
	}
	r = receiver_of(NULL, NULL);
	assert_int_equal(receiver_try(&r, &e), -1);
	assert_non_null(strstr(e.text, "neither url nor url_file"));
	receiver_done(&r);
}

static void
put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd != -1);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

/* A file is read at each use, its end trimmed, its mode looked at. */
static void
test_files(void **state)
{
	char dir[] = "/tmp/litegauge-test-XXXXXX", *url;
	struct receiver r = receiver_of(NULL, NULL);
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(dir));
	r.files[RECEIVER_URL] = mem_printf("%s/url", dir);
	assert_int_equal(receiver_url(&r, &url, &e), -1);
	assert_non_null(strstr(e.text, "No such file"));
	put(r.files[RECEIVER_URL], " " URL "\r\n\n", 0600);
	assert_int_equal(receiver_url(&r, &url, &e), 0);
	assert_string_equal(url, URL);
	free(url);
	assert_int_equal(receiver_check(&r, &e), 0);
	put(r.files[RECEIVER_URL], "https://other.example/\n", 0640);
	assert_int_equal(receiver_url(&r, &url, &e), 0);
	assert_string_equal(url, "https://other.example/");
	free(url);
	assert_int_equal(receiver_check(&r, &e), -1);
	assert_non_null(strstr(e.text, "chmod 600"));
	put(r.files[RECEIVER_URL], " \n", 0600);
	assert_int_equal(receiver_url(&r, &url, &e), -1);
	assert_non_null(strstr(e.text, "is empty"));
	assert_int_equal(unlink(r.files[RECEIVER_URL]), 0);
	assert_int_equal(mkfifo(r.files[RECEIVER_URL], 0600), 0);
	assert_int_equal(receiver_url(&r, &url, &e), -1);
	assert_non_null(strstr(e.text, "not a regular file"));
	assert_int_equal(unlink(r.files[RECEIVER_URL]), 0);
	assert_int_equal(rmdir(dir), 0);
	receiver_done(&r);
}

static const struct {
	long		 status;
	enum verdict	 verdict;
} answers[] = {
	{ 200, VERDICT_DELIVERED }, { 201, VERDICT_DELIVERED },
	{ 202, VERDICT_DELIVERED }, { 204, VERDICT_DELIVERED },
	{ 301, VERDICT_RETRY }, { 302, VERDICT_RETRY },
	{ 400, VERDICT_REFUSED }, { 401, VERDICT_RETRY },
	{ 403, VERDICT_RETRY }, { 404, VERDICT_RETRY },
	{ 408, VERDICT_RETRY }, { 410, VERDICT_GONE },
	{ 413, VERDICT_REFUSED }, { 422, VERDICT_REFUSED },
	{ 429, VERDICT_RETRY }, { 500, VERDICT_RETRY },
	{ 502, VERDICT_RETRY }, { 503, VERDICT_RETRY },
	{ 0, VERDICT_RETRY }, { 999, VERDICT_RETRY },
};

static void
test_answers(void **state)
{
	const struct receiver_type *t = receiver_type_find("webhook");

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct answer a = { answers[i].status, "", -1 };
		struct err e = { "" };
		enum verdict v = t->judge(&a, &e);

		if (v != answers[i].verdict)
			fail_msg("%ld: %d", answers[i].status, (int)v);
		assert_int_equal(v == VERDICT_DELIVERED, e.text[0] == '\0');
	}
	assert_null(receiver_type_find("pigeon"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_without_a_secret),
		cmocka_unit_test(test_rotation),
		cmocka_unit_test(test_too_many_secrets),
		cmocka_unit_test(test_bad_secrets),
		cmocka_unit_test(test_good_secrets),
		cmocka_unit_test(test_bad_urls),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_answers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
