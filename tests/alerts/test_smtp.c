/*
 * smtp: what arrives, what answers become, and that no server makes the loop
 * wait.
 */
#include <curl/curl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alerts/post.h"
#include "alerts/smtp.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/wire.h"
#include "tests/alerts/mailbox.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define NOTHING	"(nothing)"
#define GAP_MS		500	/* the loop never stands still for so long */

struct outcome {
	struct loop	*loop;
	struct mailbox	*mailbox;	/* not owned */
	int		 calls, timed_out;
	long		 status;
	char		 said[SMTP_SAID_MAX], error[200];
	struct loop_timer tick;
	int64_t		 ticked_ms, longest_ms;
};

static void
on_done(void *arg, struct answer *a, const char *error, int timed_out)
{
	struct outcome *o = arg;

	o->calls++;
	o->timed_out = timed_out;
	o->status = a->status;
	snprintf(o->said, sizeof o->said, "%s", a->body);
	snprintf(o->error, sizeof o->error, "%s", error != NULL ? error : "");
	loop_stop(o->loop);
}

/* How long the loop stood still. */
static void
on_tick(void *arg)
{
	struct outcome *o = arg;
	int64_t now = mono_ms();

	if (now - o->ticked_ms > o->longest_ms)
		o->longest_ms = now - o->ticked_ms;
	o->ticked_ms = now;
	loop_timer_set(o->loop, &o->tick, now + 5);
	/* What nobody could say who stands still until it has answered. */
	if (atomic_load(&o->mailbox->waits))
		atomic_store(&o->mailbox->go, true);
}

static struct request
mail_to(const char *scheme, int port, const char *body)
{
	return (struct request){
		.kind = REQUEST_MAIL,
		.url = mem_printf("%s:%d/web-1", scheme, port),
		.from = mem_strdup("litegauge@example.org"),
		.to = mem_strdup("ops@example.org, night@example.org"),
		.body = mem_strdup(body),
	};
}

/* One mail to a server in such a mood, and what it had been sent. */
static struct outcome
mail(struct request *q, struct mailbox *m)
{
	struct outcome o = { .ticked_ms = mono_ms(), .mailbox = m };
	struct wire *wire;
	struct post *post;
	struct err e;

	o.loop = loop_new(&e);
	assert_non_null(o.loop);
	wire = wire_new(o.loop);
	assert_non_null(wire);
	post = post_new(wire);
	o.tick = (struct loop_timer){ .fn = on_tick, .arg = &o };
	post_send(post, q, on_done, &o);
	assert_int_equal(o.calls, 0);
	loop_timer_set(o.loop, &o.tick, mono_ms());
	assert_int_equal(loop_run(o.loop, &e), 0);
	on_tick(&o);	/* it may have stood still at the very end */
	loop_timer_clear(o.loop, &o.tick);
	assert_int_equal(o.calls, 1);
	post_free(post);
	wire_free(wire);
	loop_free(o.loop);
	mailbox_stop(m);
	if (o.longest_ms > GAP_MS)
		fail_msg("the loop stood still for %lld ms",
		    (long long)o.longest_ms);
	return o;
}

static const struct mood kind[] = { { NULL, NULL } };

static void
test_delivered(void **state)
{
	struct mailbox *m = mailbox_start(kind);
	struct request q = mail_to("smtp://127.0.0.1", m->port,
	    "Subject: x\r\n\r\nfirst\r\n.\r\n.hidden\r\n");
	struct outcome o = mail(&q, m);

	(void)state;
	assert_string_equal(o.error, "");
	assert_int_equal(o.status / 100, 2);
	assert_non_null(strstr(m->text, "EHLO web-1\r\n"));
	assert_non_null(strstr(m->text, "MAIL FROM:<litegauge@example.org>"));
	assert_non_null(strstr(m->text, "RCPT TO:<ops@example.org>\r\n"));
	assert_non_null(strstr(m->text, "RCPT TO:<night@example.org>\r\n"));
	/* No line of a mail ends it. */
	assert_non_null(strstr(m->text, "DATA\r\nSubject: x\r\n\r\nfirst\r\n"
	    "..\r\n..hidden\r\n.\r\n"));
	assert_null(strstr(m->text, "AUTH"));
	assert_non_null(strstr(m->text, "QUIT"));
	free(m);
}

/* Some look at a mail for long before they take it. */
static void
test_late(void **state)
{
	static const struct mood moods[] = { { ".", NULL }, { NULL, NULL } };
	struct mailbox *m = mailbox_start(moods);
	struct request q = mail_to("smtp://127.0.0.1", m->port, "x\r\n");
	struct outcome o;

	(void)state;
	m->patient = true;
	o = mail(&q, m);
	assert_string_equal(o.error, "");
	assert_int_equal(o.status / 100, 2);
	free(m);
}

static void
test_login(void **state)
{
	struct mailbox *m = mailbox_start(kind);
	struct request q = mail_to("smtp://127.0.0.1", m->port, "x\r\n");
	struct outcome o;

	(void)state;
	q.username = mem_strdup("me");
	q.password = mem_strdup("s3cr3t");
	o = mail(&q, m);
	assert_string_equal(o.error, "");
	/* base64 of "\0me\0s3cr3t" */
	assert_non_null(strstr(m->text, "AUTH PLAIN"));
	assert_non_null(strstr(m->text, "AG1lAHMzY3IzdA=="));
	free(m);
}

static const struct {
	struct mood	 moods[4];
	long		 status;	/* 0: error instead */
	const char	*says;
} rows[] = {
	{ { { "", "554 go away" } }, 554, "go away" },
	{ { { "", "421 busy" } }, 421, "busy" },
	{ { { "AUTH", "535 5.7.8 wrong password" } }, 535, "wrong password" },
	{ { { "AUTH", "454 later" } }, 454, "later" },
	/* What it repeats of the login is not told. */
	{ { { "AUTH", "535 no: \"s3cr3t\"" } }, 535, NOTHING },
	{ { { "AUTH", "500 what is AUTH PLAIN AG1lAHMzY3IzdA==?" } }, 500,
	    NOTHING },
	{ { { "AUTH", "501 <AG1lAHMzY3Iz...> is no base64" } }, 501, NOTHING },
	{ { { "EHLO", "250 AUTH LOGIN" }, { "AUTH", "334 UGFzc3dvcmQ6" },
	    { "czNjcjN0", "535 czNjcjN0 is wrong" } }, 535, NOTHING },
	{ { { "RCPT", "550 me has s3cr3t" } }, 550, NOTHING },
	{ { { "MAIL", "451 later" } }, 451, "later" },
	{ { { "MAIL", "550 not you" } }, 550, "not you" },
	{ { { "RCPT", "550 5.1.1 nobody" } }, 550, "5.1.1 nobody" },
	{ { { "RCPT", "452-full\r\n452 come back" } }, 452, "come back" },
	{ { { "RCPT TO:<ops@", "550 nobody" } }, 250, "" },
	{ { { "DATA", "452 no room" } }, 452, "no room" },
	{ { { ".", "554 5.6.0 spam" } }, 554, "5.6.0 spam" },
	{ { { ".", "451 4.7.1 grey" } }, 451, "4.7.1 grey" },
	/* One that asks nobody who he is has its own reasons. */
	{ { { "EHLO", "250 box" } }, 250, "" },
	{ { { "EHLO", "250-box\r\n250 AUTH GSSAPI X" } }, 0, "log in" },
	/* Nobody waits for an answer to QUIT. */
	{ { { "QUIT", NULL } }, 250, "" },
	{ { { "RCPT", "550 nobody" }, { "QUIT", NULL } }, 550, "nobody" },
	{ { { "AUTH", "535 no" }, { "QUIT", NULL } }, 535, "no" },
};

static void
test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mailbox *m = mailbox_start(rows[i].moods);
		struct request q = mail_to("smtp+plain://127.0.0.1", m->port,
		    "x\r\n");
		struct outcome o;
		const char *said;

		q.username = mem_strdup("me");
		q.password = mem_strdup("s3cr3t");
		o = mail(&q, m);
		if (rows[i].status == 250 ? o.status / 100 != 2 :
		    o.status != rows[i].status && rows[i].status != 0)
			fail_msg("row %zu: %ld, %s", i, o.status, o.error);
		assert_int_equal(o.error[0] != '\0', rows[i].status == 0);
		said = rows[i].status == 0 ? o.error : o.said;
		if (rows[i].status != 250 && strstr(said, rows[i].says) ==
		    NULL && strcmp(rows[i].says, NOTHING) != 0)
			fail_msg("row %zu: %s%s", i, o.said, o.error);
		if (strcmp(rows[i].says, NOTHING) == 0)
			assert_string_equal(o.said, "");
		assert_null(strstr(o.error, "127.0.0.1"));
		free(m);
	}
}

/* A proxy of the environment would get what is only for this host. */
static void
test_no_proxy(void **state)
{
	struct mailbox *m = mailbox_start(kind);
	struct request q = mail_to("smtp://127.0.0.1", m->port, "x\r\n");
	struct outcome o;

	(void)state;
	assert_int_equal(setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
	o = mail(&q, m);
	assert_int_equal(unsetenv("ALL_PROXY"), 0);
	assert_string_equal(o.error, "");
	assert_int_equal(o.status / 100, 2);
	free(m);
}

/* What comes in the clear behind the word for TLS is not taken for an answer
 * of the encrypted server, nor is its offer before that. */
static void
test_starttls(void **state)
{
	static const struct mood moods[] = {
		{ "EHLO", "250-box\r\n250-AUTH PLAIN\r\n250 STARTTLS" },
		{ "STARTTLS", "220 go\r\n250-box\r\n250 AUTH PLAIN" },
		{ NULL, NULL },
	};
	struct mailbox *m = mailbox_start(moods);
	struct request q = mail_to("smtp://mail.localhost", m->port, "x\r\n");
	struct outcome o;

	(void)state;
	q.username = mem_strdup("me");
	q.password = mem_strdup("s3cr3t");
	o = mail(&q, m);
	assert_non_null(strstr(o.error, "Weird server reply"));
	assert_non_null(strstr(m->text, "STARTTLS"));
	assert_null(strstr(m->text, "AUTH"));
	assert_null(strstr(m->text, "MAIL"));
	free(m);
}

/* Without TLS, to a name that is not plainly this host, nothing is said. */
static void
test_no_starttls(void **state)
{
	struct mailbox *m = mailbox_start(kind);
	struct request q = mail_to("smtp://mail.localhost", m->port, "x\r\n");
	struct outcome o;

	(void)state;
	q.username = mem_strdup("me");
	q.password = mem_strdup("s3cr3t");
	o = mail(&q, m);
	assert_non_null(strstr(o.error, "no STARTTLS"));
	assert_null(strstr(m->text, "AUTH"));
	assert_null(strstr(m->text, "MAIL"));
	free(m);
}

/* Once the server was asked what it does not answer. */
static void
stop_when_silent(void *arg)
{
	struct outcome *o = arg;

	if (atomic_load(&o->mailbox->waits))
		loop_stop(o->loop);
	else
		loop_timer_set(o->loop, &o->tick, mono_ms() + 5);
}

static const struct mood silent[][2] = {
	{ { "", NULL } }, { { "EHLO", NULL } }, { { "RCPT", NULL } },
	{ { ".", NULL } },
};

/* At any stage, and with a server that says nothing more. */
static void
test_cancel(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(silent); i++) {
		struct mailbox *m = mailbox_start(silent[i]);
		struct request q = mail_to("smtp://127.0.0.1", m->port,
		    "x\r\n");
		struct outcome o = { .mailbox = m };
		struct posting *p;
		struct wire *wire;
		struct post *post;
		int64_t began_ms;
		struct err e;

		o.loop = loop_new(&e);
		assert_non_null(o.loop);
		wire = wire_new(o.loop);
		assert_non_null(wire);
		post = post_new(wire);
		p = post_send(post, &q, on_done, &o);
		o.tick = (struct loop_timer){ .fn = stop_when_silent,
			.arg = &o };
		loop_timer_set(o.loop, &o.tick, mono_ms());
		assert_int_equal(loop_run(o.loop, &e), 0);
		began_ms = mono_ms();
		post_cancel(p);
		assert_int_equal(o.calls, 0);
		post_free(post);
		wire_free(wire);
		assert_true(mono_ms() - began_ms < WIRE_MAIL_LIMIT_MS / 2);
		loop_free(o.loop);
		mailbox_stop(m);
		free(m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delivered),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_no_proxy),
		cmocka_unit_test(test_starttls),
		cmocka_unit_test(test_no_starttls),
		cmocka_unit_test(test_cancel),
	};
	int rc;

	signal(SIGPIPE, SIG_IGN);	/* as the agent does */
	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
