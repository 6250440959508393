/*
 * What each type makes of each kind of message, kept in snapshots/ to be looked
 * at: a change of a body is seen in review.
 *
 *	test_snapshots		compares, from the top of the tree
 *	test_snapshots -u	writes them anew
 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/receiver.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "tests/alerts/types.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define DIR		"tests/alerts/snapshots"
#define SNAPSHOT_MAX	(1 << 20)
#define AT_MS		1795449030079LL		/* 2026-11-23T15:50:30.079Z */

static int	renew;

static const struct kind {
	const char		*name;
	enum alert_change	 change;
	enum severity		 severity;
	const char		*rule;
	bool			 culprit;
} kinds[] = {
	{ "firing", ALERT_FIRED, SEVERITY_WARNING, "checkpoint-lag", true },
	{ "raised", ALERT_RAISED, SEVERITY_CRITICAL, "checkpoint-lag", false },
	{ "still firing", ALERT_REPEATED, SEVERITY_CRITICAL, "wal_size",
	    false },
	{ "resolved", ALERT_RESOLVED, SEVERITY_WARNING, "checkpoint-lag",
	    false },
	{ "no data", ALERT_LOST, SEVERITY_WARNING, "checkpoint-lag", false },
	{ "flapping", ALERT_FLAPS, SEVERITY_INFO, "checkpoint-lag", false },
};

#define KINDS	COUNT(kinds)

static const struct scene bare = {
	.db = "queue", .host = "web-1",
	.base_url = "http://127.0.0.1:10925", .wall_ms = AT_MS,
};

/* The same id each time. */
static struct notification *
numbered(struct notification *n, size_t i)
{
	(void)snprintf(n->id, sizeof n->id, "msg_%024zu", i);
	return n;
}

static struct notification *
make(size_t i)
{
	const struct kind *k = &kinds[i];
	bool raised = k->change == ALERT_RAISED;
	struct culprit culprits[HOLD_COUNT] = { 0 };
	char *name = mem_strdup(k->rule);
	const struct rule rule = {
		.name = name, .measure = MEASURE_CHECKPOINT_LAG,
		.limit = 10, .for_ms = 5000, .severity = raised ?
		    SEVERITY_WARNING : k->severity, .has_worse = raised,
		.worse = 15, .worse_severity = k->severity,
	};
	struct past past = { .fired = { 0, AT_MS - 720000 } };
	struct alert alert = {
		.rule = &rule, .value = k->change == ALERT_RESOLVED ? 2 :
		    15.999, .since = { 720000, AT_MS },
		.past = &past,
	};
	struct scene scene = bare;
	struct notification *n;

	culprits[HOLD_READER] = (struct culprit){ .pid = 22710,
		.since_ms = AT_MS - 12000, .command = "report <daily>" };
	if (k->culprit)
		scene.culprits = culprits;
	alert_told(&alert, false);
	alert.raised = raised;
	n = notification_new(k->change, &alert, &scene);
	free(name);
	return numbered(n, i);
}

/* JSON as people read it, anything else as it is. */
static void
add_body(struct buf *b, const char *body)
{
	json_t *root = json_loads(body, 0, NULL);
	char *text = root == NULL ? mem_strdup(body) :
	    json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));

	assert_non_null(text);
	buf_addf(b, "\n%s\n\n", text);
	free(text);
	json_decref(root);
}

static void
add_request(struct buf *b, const char *title, const struct receiver *r,
    const struct notification *const *items, size_t n)
{
	const struct message m = { items, n, AT_MS / 1000 + 1 };
	struct request q = { 0 };
	struct err e = { "" };

	if (receiver_skips(r->type, items[0]->type))
		return;
	if (r->type->write(r, &m, &q, &e) == -1)
		fail_msg("%s: %s", r->type->name, e.text);
	buf_addf(b, "== %s\n%s\n", title, q.url != NULL ? q.url : "");
	for (size_t i = 0; i < q.nheaders; i++)
		buf_addf(b, "%s\n", q.headers[i]);
	add_body(b, q.body);
	request_done(&q);
}

static void
add_test_and_digest(struct buf *b, const struct receiver *r)
{
	struct notification *n[] = {
		numbered(notification_test(NOTIFY_TEST, bare.host,
		    bare.base_url, AT_MS), KINDS),
		numbered(notification_digest("web-1: all is well: 3 databases, "
		    "no alert in 7 days.", "The nearest limit is the disk, in "
		    "about 14 months.", "Nothing has to be done.", &bare),
		    KINDS + 1),
	};
	const struct notification *items[] = { n[0], n[1] };

	add_request(b, "test", r, &items[0], 1);
	add_request(b, "digest", r, &items[1], 1);
	notification_free(n[0]);
	notification_free(n[1]);
}

static char *
make_snapshot(const struct receiver *r)
{
	struct notification *of[MESSAGE_MAX];
	const struct notification *items[MESSAGE_MAX];
	struct buf b;

	buf_init(&b, SNAPSHOT_MAX);
	for (size_t i = 0; i < MESSAGE_MAX; i++)
		items[i] = of[i] = numbered(make(i % KINDS), i);
	for (size_t i = 0; i < KINDS; i++)
		add_request(&b, kinds[i].name, r, &items[i], 1);
	add_test_and_digest(&b, r);
	if (r->type->groups) {
		add_request(&b, "3 together", r, items, 3);
		add_request(&b, "20 together", r, items, MESSAGE_MAX);
	}
	assert_true(buf_ok(&b));
	for (size_t i = 0; i < MESSAGE_MAX; i++)
		notification_free(of[i]);
	return buf_take(&b);
}

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = mem_new(1, SNAPSHOT_MAX + 1);

	if (f == NULL)
		fail_msg("%s: %s; run this with -u", path, strerror(errno));
	text[fread(text, 1, SNAPSHOT_MAX, f)] = '\0';
	assert_int_equal(fclose(f), 0);
	return text;
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Where they part, a few lines of both. */
static void
compare(const char *path, const char *is, const char *was)
{
	size_t n = 0, line = 1;

	while (is[n] != '\0' && is[n] == was[n])
		line += is[n++] == '\n';
	if (is[n] == was[n])
		return;
	while (n > 0 && is[n - 1] != '\n')
		n--;
	fail_msg("%s:%zu is no longer so; look at it, and run this with -u:\n"
	    "is  %.*s\nwas %.*s", path, line, (int)strcspn(is + n, "\n"),
	    is + n, (int)strcspn(was + n, "\n"), was + n);
}

static void
test_snapshots(void **state)
{
	(void)state;
	for (size_t i = 0; receiver_types[i] != NULL; i++) {
		struct receiver r = type_receiver(receiver_types[i]);
		char *path = mem_printf(DIR "/%s.txt", r.type->name);
		char *is = make_snapshot(&r), *was;

		if (renew)
			write_file(path, is);
		was = read_file(path);
		compare(path, is, was);
		free(was);
		free(is);
		free(path);
		receiver_done(&r);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_snapshots),
	};

	renew = argc > 1 && strcmp(argv[1], "-u") == 0;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
