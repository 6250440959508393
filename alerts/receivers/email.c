/*
 * email - the notification as a mail in plain text.
 *
 * All messages of one alert name the same ancestor, which nobody ever sent, so
 * that a mail program shows a resolve below its firing.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/address.h"
#include "alerts/clean.h"
#include "alerts/mime.h"
#include "alerts/receiver.h"
#include "alerts/smtp.h"
#include "alerts/wording.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#define SUBJECT_MAX	250
#define HOST_SHOWN	64
#define TEXT_MAX	(16 * 1024)
#define MAIL_MAX	(4 * TEXT_MAX)
#define THREAD_BYTES	12
#define SAID_SHOWN	200	/* bytes of the server's answer */

/* The same for every message about one alert, from its firing to its end. */
static void
add_thread(struct buf *b, const struct notification *n, const char *domain)
{
	char *key = mem_printf("%s\n%s\n%s\n%lld", n->host, n->db, n->alert,
	    (long long)n->since_ms);
	unsigned char digest[EVP_MAX_MD_SIZE];

	if (EVP_Digest(key, strlen(key), digest, NULL, EVP_sha256(),
	    NULL) != 1)
		abort();	/* out of memory, as in mem.h */
	free(key);
	buf_adds(b, "<alert.");
	for (size_t i = 0; i < THREAD_BYTES; i++)
		buf_addf(b, "%02x", digest[i]);
	buf_addf(b, "@%s>", domain);
}

static bool
has_thread(const struct notification *n)
{
	return n->type != NOTIFY_TEST && n->type != NOTIFY_DIGEST;
}

static void
add_references(struct buf *b, const struct message *m, const char *domain)
{
	const char *between = "References: ";

	if (has_thread(m->items[0])) {
		buf_adds(b, "In-Reply-To: ");
		add_thread(b, m->items[0], domain);
		buf_adds(b, "\r\n");
	}
	for (size_t i = 0; i < m->n && i < MESSAGE_MAX; i++)
		if (has_thread(m->items[i])) {
			buf_adds(b, between);
			add_thread(b, m->items[i], domain);
			between = "\r\n ";
		}
	if (between[0] == '\r')
		buf_adds(b, "\r\n");
}

/* An address is a line: many of them would be too long for one. */
static void
add_to(struct buf *b, const char *to)
{
	struct curl_slist *all = address_list(to);
	const char *between = "To: ";

	for (const struct curl_slist *a = all; a != NULL; a = a->next) {
		buf_addf(b, "%s%s", between, a->data);
		between = ",\r\n ";
	}
	buf_adds(b, "\r\n");
	curl_slist_free_all(all);
}

static void
add_headers(struct buf *b, const struct message *m, const struct request *q)
{
	const struct notification *last = m->items[m->n - 1];
	const char *domain = strchr(q->from, '@') + 1;
	char *subject = message_title(m, &escape_none, SUBJECT_MAX);
	char *name = mem_printf("litegauge on %.*s",
	    (int)clean_fit(last->host, HOST_SHOWN), last->host);
	char date[MIME_DATE_MAX];

	mime_date(date, last->at_ms / 1000);
	mime_header(b, "Date", date);
	mime_mailbox(b, "From", name, q->from);
	add_to(b, q->to);
	mime_header(b, "Subject", subject);
	buf_addf(b, "Message-ID: <%s@%s>\r\n", last->id, domain);
	add_references(b, m, domain);
	buf_adds(b, "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	free(subject);
	free(name);
}

static char *
make_mail(const struct message *m, const struct request *q)
{
	char *lines = message_lines(m, &escape_none, TEXT_MAX), *text;
	struct buf b;

	text = mem_printf("%s\n\n%s\n\n-- \n%s\n", lines, message_url(m),
	    m->items[0]->host);
	buf_init(&b, MAIL_MAX);
	add_headers(&b, m, q);
	mime_body(&b, text);
	free(lines);
	free(text);
	return buf_take(&b);
}

static int
check(const struct request *q, struct err *e)
{
	if (q->url == NULL)
		return err_set(e, "neither url nor url_file");
	if ((q->username == NULL) != (q->password == NULL))
		return err_set(e, "username and password belong together");
	if (smtp_check_url(q->url, q->password != NULL, e) == -1)
		return -1;
	if (q->from == NULL || !address_is(q->from))
		return err_set(e, "from is not one address, NAME@DOMAIN");
	if (address_check(q->to != NULL ? q->to : "", e) == -1)
		return err_prefix(e, "to");
	return 0;
}

static int
write_request(const struct receiver *r, const struct message *m,
    struct request *ret, struct err *e)
{
	struct request q = { .kind = REQUEST_MAIL };
	const struct { enum receiver_key key; char **to; } texts[] = {
		{ RECEIVER_URL, &q.url }, { RECEIVER_FROM, &q.from },
		{ RECEIVER_TO, &q.to }, { RECEIVER_USERNAME, &q.username },
		{ RECEIVER_PASSWORD, &q.password },
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof texts / sizeof *texts; i++)
		rc = receiver_text(r, texts[i].key, texts[i].to, e);
	if (rc == 0)
		rc = check(&q, e);
	if (rc == -1) {
		request_done(&q);
		return -1;
	}
	q.body = make_mail(m, &q);
	*ret = q;
	return 0;
}

/* Of those from 500 on: a password can be put right within the day. */
static const long logins[] = { 530, 534, 535, 538 };

static enum verdict
judge(struct answer *a, struct err *e)
{
	char *said;

	if (a->status / 100 == 2)
		return VERDICT_DELIVERED;
	said = clean_copy(a->body, SAID_SHOWN);
	err_set(e, "the mail server answered %ld%s%s", a->status,
	    said[0] != '\0' ? ": " : "", said);
	free(said);
	for (size_t i = 0; i < sizeof logins / sizeof *logins; i++)
		if (logins[i] == a->status)
			return VERDICT_RETRY;
	return a->status / 100 == 5 ? VERDICT_REFUSED : VERDICT_RETRY;
}

extern const struct receiver_type receiver_email;

const struct receiver_type receiver_email = {
	.name = "email",
	.help = "Sends mail through an SMTP server, with TLS.",
	.needs = "url from to",
	.takes = "username password",
	.groups = true,
	.storm_max = STORM_MAX,
	.write = write_request,
	.judge = judge,
};
