/*
 * webhook - the notification as JSON, signed as Standard Webhooks asks.
 */
#include <stdlib.h>

#include "agent/err.h"
#include "agent/secret.h"
#include "alerts/receiver.h"
#include "alerts/sign.h"

/* Without a secret there is no signature, and nothing is wrong. */
static int
add_signature(struct request *q, const struct receiver *r, const char *id,
    int64_t wall_s, struct err *e)
{
	char *signatures, *secrets;
	int rc;

	if (receiver_text(r, RECEIVER_SECRET, &secrets, e) == -1)
		return -1;
	if (secrets == NULL)
		return 0;
	rc = sign_by_all(&signatures, secrets, id, wall_s, q->body, e);
	secret_wipe(secrets);
	if (rc == -1)
		return err_prefix(e, "receiver %s", r->name);
	request_header(q, "webhook-signature: %s", signatures);
	free(signatures);
	return 0;
}

static int
write_request(const struct receiver *r, const struct message *m,
    struct request *ret, struct err *e)
{
	const struct notification *n = m->items[0];
	struct request q = { 0 };

	if (receiver_url(r, &q.url, e) == -1)
		return -1;
	q.body = notification_write(n);
	request_header(&q, "Content-Type: application/json");
	request_header(&q, "webhook-id: %s", n->id);
	request_header(&q, "webhook-timestamp: %lld", (long long)m->wall_s);
	if (add_signature(&q, r, n->id, m->wall_s, e) == -1) {
		request_done(&q);
		return -1;
	}
	*ret = q;
	return 0;
}

/* Trying again cannot help.  Anything else may be repaired within the day. */
static const struct final {
	long		 status;
	const char	*why;
} finals[] = {
	{ 400, "calls the message malformed" },
	{ 413, "calls the message too large" },
	{ 415, "does not take JSON" },
	{ 422, "calls the message malformed" },
};

static enum verdict
judge(struct answer *a, struct err *e)
{
	if (a->status / 100 == 2)
		return VERDICT_DELIVERED;
	if (a->status == 410) {
		err_set(e, "it is gone for good (HTTP 410): remove it from the "
		    "configuration");
		return VERDICT_GONE;
	}
	for (size_t i = 0; i < sizeof finals / sizeof *finals; i++)
		if (finals[i].status == a->status) {
			err_set(e, "it %s (HTTP %ld)", finals[i].why,
			    a->status);
			return VERDICT_REFUSED;
		}
	err_set(e, a->status / 100 == 3 ?
	    "it answered HTTP %ld: redirects are not followed, correct the URL"
	    : "it answered HTTP %ld", a->status);
	return VERDICT_RETRY;
}

extern const struct receiver_type receiver_webhook;

const struct receiver_type receiver_webhook = {
	.name = "webhook",
	.help = "POSTs the notification as JSON, signed as in Standard "
	    "Webhooks when there is a secret; any 2xx answer means delivered.",
	.needs = "url",
	.takes = "secret",
	.write = write_request,
	.judge = judge,
};
