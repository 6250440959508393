/*
 * email: the message, its threads, hostile names, and what answers mean.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/mime.h"
#include "base/err.h"
#include "base/mem.h"
#include "tests/alerts/sample.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define AT_MS		1700000000000LL

static struct receiver
mail_receiver(void)
{
	return (struct receiver){
		.name = mem_strdup("ops"),
		.type = receiver_type_find("email"),
		.texts = {
			[RECEIVER_URL] = mem_strdup("smtp://mail.example.org"),
			[RECEIVER_FROM] = mem_strdup("gauge@example.org"),
			[RECEIVER_TO] = mem_strdup("a@x.example, b@x.example"),
		},
	};
}

static struct request
write_mail(const struct notification *const *items, size_t n)
{
	struct receiver r = mail_receiver();
	const struct message m = { items, n, 0 };
	struct request q = { 0 };
	struct err e = { "" };

	if (r.type->write(&r, &m, &q, &e) == -1)
		fail_msg("%s", e.text);
	receiver_done(&r);
	return q;
}

/* A header of the mail, with its folds; the caller frees. */
static char *
header(const char *mail, const char *name)
{
	char *want = mem_printf("\r\n%s: ", name), *text;
	const char *at = strstr(mail, want), *end;

	assert_non_null(at);
	assert_true(at < strstr(mail, "\r\n\r\n"));
	at += strlen(want);
	for (end = at; strncmp(end, "\r\n", 2) != 0 || end[2] == ' '; end++)
		continue;
	text = mem_printf("%.*s", (int)(end - at), at);
	free(want);
	return text;
}

static void
test_mail(void **state)
{
	struct notification *n = notification_test(NOTIFY_FIRING, "web-1",
	    SAMPLE_BASE, AT_MS);
	const struct notification *items[] = { n };
	struct request q = write_mail(items, 1);
	char *id = mem_printf("<%s@example.org>", n->id);
	static const char start[] = "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
	    "From: litegauge on web-1\r\n <gauge@example.org>\r\n"
	    "To: a@x.example,\r\n b@x.example\r\n"
	    "Subject: [firing] test on test (info)\r\n";
	char *got;

	(void)state;
	assert_int_equal(q.kind, REQUEST_MAIL);
	assert_string_equal(q.url, "smtp://mail.example.org");
	assert_int_equal(strncmp(q.body, start, strlen(start)), 0);
	got = header(q.body, "Message-ID");
	assert_string_equal(got, id);
	free(got);
	got = header(q.body, "Auto-Submitted");
	assert_string_equal(got, "auto-generated");
	free(got);
	assert_non_null(strstr(q.body, "\r\n\r\ntest: write_rate is 62.0/s, "
	    "above 50.0/s for 5m.\r\n"));
	assert_non_null(strstr(q.body, "\r\n" SAMPLE_BASE "/#test\r\n\r\n"
	    "--=20\r\nweb-1\r\n"));
	free(id);
	request_done(&q);
	notification_free(n);
}

/* A resolve is an answer to what its firing answers; another alert is not. */
static void
test_threads(void **state)
{
	static const struct { enum notification_type type; int64_t wall_ms;
		bool same; } rows[] = {
		{ NOTIFY_FIRING, AT_MS, true },
		{ NOTIFY_RESOLVED, AT_MS, true },
		{ NOTIFY_NO_DATA, AT_MS, true },
		{ NOTIFY_FLAPPING, AT_MS, true },
		{ NOTIFY_FIRING, AT_MS + 1, false },
	};
	char *first = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct notification *n = notification_test(rows[i].type,
		    "web-1", SAMPLE_BASE, rows[i].wall_ms);
		const struct notification *items[] = { n };
		struct request q = write_mail(items, 1);
		char *ancestor = header(q.body, "In-Reply-To");
		char *references = header(q.body, "References");

		assert_string_equal(ancestor, references);
		if (first == NULL)
			first = mem_strdup(ancestor);
		assert_int_equal(strcmp(first, ancestor) == 0, rows[i].same);
		free(ancestor);
		free(references);
		request_done(&q);
		notification_free(n);
	}
	free(first);
}

static void
test_digest_has_no_thread(void **state)
{
	struct notification *n = notification_test(NOTIFY_DIGEST, "web-1",
	    SAMPLE_BASE, AT_MS);
	const struct notification *items[] = { n };
	struct request q = write_mail(items, 1);

	(void)state;
	assert_null(strstr(q.body, "References"));
	assert_null(strstr(q.body, "In-Reply-To"));
	request_done(&q);
	notification_free(n);
}

/* Twenty at once, in names that try all they can: short lines of ASCII, one
 * header of each name, and no line that was not meant. */
static void
test_hostile(void **state)
{
	struct notification *n = notification_test(NOTIFY_FIRING, "web-1",
	    SAMPLE_BASE, AT_MS);
	const struct notification *items[MESSAGE_MAX];
	char *rest, *line;
	struct request q;
	size_t subjects = 0, references = 0;

	(void)state;
	free(n->db);
	n->db = mem_strdup("a?=\" <x@y>, \xe2\x80\xa6 Bcc: c@d");
	free(n->host);
	n->host = mem_strdup("h\"o,s <t@u>");
	for (size_t i = 0; i < MESSAGE_MAX; i++)
		items[i] = n;
	q = write_mail(items, MESSAGE_MAX);
	rest = q.body;
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		assert_true(strlen(line) <= MIME_LINE + 1);
		assert_int_not_equal(strncasecmp(line, "bcc", 3), 0);
		subjects += strncmp(line, "Subject:", 8) == 0;
		references += strncmp(line, "References:", 11) == 0;
		for (const char *c = line; *c != '\0' && *c != '\r'; c++)
			assert_in_range((unsigned char)*c, 32, 126);
	}
	assert_int_equal(subjects, 1);
	assert_int_equal(references, 1);
	request_done(&q);
	notification_free(n);
}

static const struct {
	enum receiver_key key;
	const char	*text, *says;
} mistakes[] = {
	{ RECEIVER_URL, "smtp://me:s3cr3t@h", "say username" },
	{ RECEIVER_URL, "https://h", "smtp://HOST:PORT" },
	{ RECEIVER_FROM, "a@b, c@d", "not one address" },
	{ RECEIVER_FROM, "gauge", "not one address" },
	{ RECEIVER_FROM, "a@b\r\nBcc: c@d", "not one address" },
	{ RECEIVER_TO, "ops@x, pager", "to: address 2" },
	{ RECEIVER_TO, "", "to: there is no address" },
	{ RECEIVER_USERNAME, "me", "belong together" },
	{ RECEIVER_PASSWORD, "s3cr3t", "belong together" },
};

static void
test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		struct receiver r = mail_receiver();
		struct err e = { "" };

		free(r.texts[mistakes[i].key]);
		r.texts[mistakes[i].key] = mem_strdup(mistakes[i].text);
		assert_int_equal(receiver_try(&r, &e), -1);
		if (strstr(e.text, mistakes[i].says) == NULL)
			fail_msg("%s", e.text);
		assert_null(strstr(e.text, "receiver ops"));
		assert_null(strstr(e.text, "s3cr3t"));
		receiver_done(&r);
	}
}

static const struct {
	long		 status;
	const char	*said;
	enum verdict	 verdict;
	const char	*says;
} answers[] = {
	{ 250, "", VERDICT_DELIVERED, "" },
	{ 221, "", VERDICT_DELIVERED, "" },
	{ 421, "busy", VERDICT_RETRY, "answered 421: busy" },
	{ 451, "4.7.1 grey", VERDICT_RETRY, "451: 4.7.1 grey" },
	{ 535, "5.7.8 bad", VERDICT_RETRY, "535" },
	{ 530, "5.7.0 log in", VERDICT_RETRY, "530" },
	{ 550, "5.1.1 nobody", VERDICT_REFUSED, "550: 5.1.1 nobody" },
	{ 554, "a\033[31mb", VERDICT_REFUSED, "554: a\xef\xbf\xbd[31mb" },
	{ 552, "", VERDICT_REFUSED, "answered 552" },
	{ 0, "", VERDICT_RETRY, "answered 0" },
};

static void
test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct answer a = { answers[i].status, answers[i].said, -1 };
		struct err e = { "" };

		assert_int_equal(receiver_type_find("email")->judge(&a, &e),
		    answers[i].verdict);
		if (strstr(e.text, answers[i].says) == NULL)
			fail_msg("%s", e.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_digest_has_no_thread),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_answers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
