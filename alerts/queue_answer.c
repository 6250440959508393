/*
 * queue_answer - what becomes of the messages that a receiver has answered.
 */
#include <string.h>
#include <sys/random.h>

#include "alerts/queue_own.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

static const struct rung {
	int64_t	 least_ms, most_ms;
} ladder[] = {
	{ LADDER_FIRST_MS, 6000 },
	{ 30000, 36000 },
	{ 120000, 140000 },
	{ 300000, 360000 },
	{ 600000, 900000 },	/* from here on */
};

#define RETRY_AFTER_MAX_MS	3600000
#define LAST_RUNG	(sizeof ladder / sizeof *ladder - 1)

/* A random place on the rung, so that many agents do not come back at once. */
static int64_t
ladder_ms(const struct queue *q)
{
	size_t i = q->failures > LAST_RUNG ? LAST_RUNG : q->failures - 1;
	int64_t span = ladder[i].most_ms - ladder[i].least_ms;
	uint32_t r = 0;

	/* Without randomness we come back a little earlier. */
	if (getrandom(&r, sizeof r, GRND_NONBLOCK) != sizeof r)
		r = 0;
	return (ladder[i].least_ms + r % (uint32_t)(span + 1)) *
	    q->host->first_ms / LADDER_FIRST_MS;
}

/* Retry-After is obeyed, but neither "at once" nor "next year" is an answer. */
static int64_t
pause_ms(const struct queue *q, int64_t retry_after_ms)
{
	int64_t first_ms = q->host->first_ms;

	if (retry_after_ms < 0)
		return ladder_ms(q);
	if (retry_after_ms < first_ms)
		return first_ms;
	return retry_after_ms < RETRY_AFTER_MAX_MS ? retry_after_ms :
	    RETRY_AFTER_MAX_MS;
}

static void
back_off(struct queue *q, int64_t retry_after_ms, const char *why)
{
	int64_t now = mono_ms(), ms;

	if (q->failures++ == 0)
		q->failing_ms = now;
	ms = pause_ms(q, retry_after_ms);
	err_set(&q->why, "%s", why);
	log_complain(&q->complaint, "receiver %s: %s; %zu waiting, the next "
	    "attempt is in %lld s", q->receiver.name, why, q->nitems,
	    (long long)(ms / 1000));
	q->rest_ms = now + ms;
	queue_drop_overtaken(q);
}

static enum outbox_reason
reason_of(const struct answer *a, int timed_out)
{
	static const struct { long least, most; enum outbox_reason reason; }
	rows[] = {
		{ 429, 429, REASON_RATE_LIMITED },
		{ 401, 401, REASON_AUTH_ERROR },
		{ 403, 403, REASON_AUTH_ERROR },
		{ 407, 407, REASON_AUTH_ERROR },
		{ 530, 535, REASON_AUTH_ERROR },	/* SMTP's */
		{ 400, 499, REASON_CLIENT_ERROR },
		{ 500, 599, REASON_SERVER_ERROR },
	};

	if (timed_out)
		return REASON_DEADLINE;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (a->status >= rows[i].least && a->status <= rows[i].most)
			return rows[i].reason;
	return REASON_OTHER;
}

/* It answers, so the next failure is the first again. */
static void
be_well(struct queue *q)
{
	q->failures = 0;
	q->failing_ms = 0;
}

static void
thrive(struct queue *q)
{
	be_well(q);
	log_relent(&q->complaint, "receiver %s: messages are delivered",
	    q->receiver.name);
}

/* The message was one for all of them, and so is the answer. */
static void
end_flown(struct queue *q, enum outbox_end end)
{
	struct item *it = TAILQ_FIRST(&q->items), *next;

	for (; it != NULL; it = next) {
		next = TAILQ_NEXT(it, link);
		if (!it->flying)
			continue;
		if (end == OUTBOX_REFUSED)
			queue_hand(q, it);
		queue_end(q, it, end);
	}
}

static void
on_refused(struct queue *q, const char *why)
{
	const struct item *it = TAILQ_FIRST(&q->items);

	be_well(q);
	for (; it != NULL; it = TAILQ_NEXT(it, link))
		if (it->flying)
			log_warn("receiver %s refused the message %s of alert "
			    "%s of %s: %s", q->receiver.name, it->n->id,
			    it->n->alert, it->n->db, why);
	end_flown(q, OUTBOX_REFUSED);
}

void
queue_refuse_all(struct queue *q)
{
	struct item *it = TAILQ_FIRST(&q->items);

	for (; it != NULL; it = TAILQ_NEXT(it, link))
		queue_hand(q, it);
	queue_end_all(q, OUTBOX_REFUSED);
}

static void
on_gone(struct queue *q, const char *why)
{
	log_warn("receiver %s: %s; %zu message%s dropped, and so is what "
	    "comes, until the configuration is read again", q->receiver.name,
	    why, q->nitems, q->nitems == 1 ? " is" : "s are");
	q->closed = true;
	err_set(&q->why, "%s", why);
	be_well(q);
	queue_drop_again(q);
	queue_refuse_all(q);
}

/* Nobody waits for it: the next comes in a minute. */
static void
on_refresh_failed(struct queue *q, int64_t retry_after_ms, const char *why)
{
	if (retry_after_ms >= 0)
		q->rest_ms = mono_ms() + pause_ms(q, retry_after_ms);
	log_complain(&q->complaint, "receiver %s: %s", q->receiver.name, why);
	queue_drop_again(q);
}

static void
drop_flown_again(struct queue *q)
{
	struct item *it = TAILQ_FIRST(&q->again), *next;

	for (; it != NULL; it = next) {
		next = TAILQ_NEXT(it, link);
		if (!it->flying)
			continue;
		TAILQ_REMOVE(&q->again, it, link);
		queue_item_free(it);
	}
}

static void
on_verdict(struct queue *q, enum verdict verdict, int64_t retry_after_ms,
    const char *why)
{
	bool refresh = q->flown == &q->again;

	switch (verdict) {
	case VERDICT_DELIVERED:
		thrive(q);
		if (refresh)
			drop_flown_again(q);
		else
			end_flown(q, OUTBOX_DELIVERED);
		break;
	case VERDICT_REFUSED:
		if (refresh)
			on_refresh_failed(q, retry_after_ms, why);
		else
			on_refused(q, why);
		break;
	case VERDICT_GONE:
		on_gone(q, why);
		break;
	case VERDICT_RETRY:
		if (refresh)
			on_refresh_failed(q, retry_after_ms, why);
		else
			back_off(q, retry_after_ms, why);
		break;
	}
}

/* They rest in the queue again, until it is known what becomes of them. */
static void
land(struct item_list *list)
{
	struct item *it = TAILQ_FIRST(list);

	for (; it != NULL; it = TAILQ_NEXT(it, link))
		it->flying = false;
}

void
queue_answered(void *arg, struct answer *a, const char *error, int timed_out)
{
	struct queue *q = arg;
	enum outbox_reason reason = reason_of(a, timed_out);
	enum verdict verdict = VERDICT_RETRY;
	struct err e = { "" };

	q->flying = NULL;
	if (error != NULL)
		err_set(&e, "%s", error);
	else
		verdict = q->flying_as->judge(a, &e);
	/* The old receiver's no is not the new one's. */
	if (q->replaced && verdict != VERDICT_DELIVERED)
		verdict = VERDICT_RETRY;
	if (verdict != VERDICT_DELIVERED)
		q->failed[reason]++;
	if (verdict == VERDICT_RETRY)
		land(q->flown);
	on_verdict(q, verdict, a->retry_after_ms, e.text);
	queue_go_on(q);
}

void
queue_cannot_write(struct queue *q, const char *why)
{
	q->failed[REASON_OTHER]++;
	on_verdict(q, VERDICT_RETRY, -1, why);
}
