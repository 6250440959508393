/*
 * batch - a made-up type of receiver, for what the queue does with types.
 *
 * A request is a line for each message in it, "firing DB ALERT ID"; an answer
 * of 429 has the wait in its body, in ms.  A test copies the type and changes
 * what it is about.
 */
#ifndef TESTS_ALERTS_BATCH_H
#define TESTS_ALERTS_BATCH_H

#include "base/buf.h"
#include "tests/alerts/world.h"

static inline int
batch_write(const struct receiver *r, const struct message *m,
    struct request *q, struct err *e)
{
	struct buf b;

	if (receiver_url(r, &q->url, e) == -1)
		return -1;
	buf_init(&b, 65536);
	for (size_t i = 0; i < m->n; i++) {
		const struct notification *n = m->items[i];

		buf_addf(&b, "%s %s %s %s\n",
		    strchr(notification_type_name(n->type), '.') + 1, n->db,
		    n->alert, n->id);
	}
	q->body = buf_take(&b);
	return 0;
}

static inline enum verdict
batch_judge(struct answer *a, struct err *e)
{
	static const struct { long status; enum verdict verdict; } rows[] = {
		{ 200, VERDICT_DELIVERED }, { 400, VERDICT_REFUSED },
		{ 410, VERDICT_GONE },
	};

	err_set(e, "it answered %ld", a->status);
	if (a->status == 429)
		a->retry_after_ms = strtol(a->body, NULL, 10);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].status == a->status)
			return rows[i].verdict;
	return VERDICT_RETRY;
}

static const struct receiver_type batch_type = {
	.name = "batch", .help = "", .needs = "url", .takes = "",
	.groups = true, .write = batch_write, .judge = batch_judge,
};

static inline struct receiver
batch_at(const char *name, int port, int64_t group_wait_ms)
{
	struct receiver r = receiver_at(name, port);

	r.type = &batch_type;
	r.group_wait_ms = group_wait_ms;
	return r;
}

/* The body of a request without the ids: "firing a lag, resolved a lag". */
static inline void
batch_said(char *ret, size_t size, const struct seen *seen)
{
	const char *line = strstr(seen->text, "\r\n\r\n");
	size_t n = 0;

	assert_non_null(line);
	*ret = '\0';
	for (line += 4; *line != '\0'; line += strcspn(line, "\n") + 1) {
		int len = (int)(strstr(line, " msg_") - line);

		n += (size_t)snprintf(ret + n, size - n, "%s%.*s",
		    n > 0 ? ", " : "", len, line);
	}
}

static inline void
assert_said(const struct server *s, size_t i, const char *want)
{
	char said[2048];

	assert_true(i < s->nseen);
	batch_said(said, sizeof said, &s->seen[i]);
	assert_string_equal(said, want);
}

#endif
