/*
 * webhook - the notification as JSON, signed as Standard Webhooks asks.
 */
#include <stdlib.h>

#include "alerts/judge.h"
#include "alerts/receiver.h"
#include "alerts/sign.h"
#include "base/err.h"
#include "base/secret.h"

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
		return -1;
	request_header(q, "webhook-signature: %s", signatures);
	free(signatures);
	return 0;
}

static int
write_request(const struct receiver *r, const struct message *m,
    struct request *ret, struct err *e)
{
	const struct notification *n = m->items[0];
	struct request q;

	if (request_begin(&q, r, e) == -1)
		return -1;
	q.body = notification_write(n);
	request_header(&q, "webhook-id: %s", n->id);
	request_header(&q, "webhook-timestamp: %lld", (long long)m->wall_s);
	if (add_signature(&q, r, n->id, m->wall_s, e) == -1) {
		request_done(&q);
		return -1;
	}
	*ret = q;
	return 0;
}

extern const struct receiver_type receiver_webhook;

const struct receiver_type receiver_webhook = {
	.name = "webhook",
	.help = "POSTs the notification as JSON, signed as in Standard "
	    "Webhooks when there is a secret; any 2xx answer means delivered.",
	.needs = "url",
	.takes = "secret",
	.write = write_request,
	.judge = judge_http,
};
