/*
 * cmd_test_notify - does a message really arrive?
 *
 * The same post and the same receiver files as in `run`, one attempt each and
 * no outbox: the answer is wanted now, with the reason when it is no.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/clock.h"
#include "agent/commands.h"
#include "agent/config.h"
#include "agent/configure.h"
#include "agent/err.h"
#include "agent/mem.h"
#include "agent/wire.h"
#include "alerts/post.h"

struct trial {
	struct loop	*loop;		/* not owned */
	struct receiver	 receiver;
	unsigned	 sent, failed, waiting;
};

static void
on_answer(void *arg, struct answer *answer, const char *error,
    int timed_out)
{
	struct trial *t = arg;
	enum verdict v;
	struct err e;

	(void)timed_out;
	v = error != NULL ? VERDICT_RETRY :
	    t->receiver.type->judge(answer, &e);
	if (v == VERDICT_DELIVERED) {
		printf("%s: delivered\n", t->receiver.name);
		t->sent++;
	} else {
		printf("%s: failed: %s\n", t->receiver.name,
		    error != NULL ? error : e.text);
		t->failed++;
	}
	if (--t->waiting == 0)
		loop_stop(t->loop);
}

static int
post_one(struct trial *t, struct post *post, enum notification_type type,
    struct err *e)
{
	struct request r = { 0 };
	const struct notification *items[1];
	const struct message m = { items, 1, wall_ms() / 1000 };
	struct notification *n;
	char host[256] = "";
	int rc;

	(void)gethostname(host, sizeof host - 1);
	n = notification_test(type, host, "http://127.0.0.1:10925", wall_ms());
	items[0] = n;
	rc = t->receiver.type->write(&t->receiver, &m, &r, e);
	notification_free(n);
	if (rc == -1) {
		request_done(&r);
		return -1;
	}
	t->waiting++;
	(void)post_send(post, &r, on_answer, t);
	return 0;
}

static int
try_receiver(const struct section *s)
{
	struct trial t = { 0 };
	struct wire *wire = NULL;
	struct post *post = NULL;
	struct err e;
	int rc = -1;

	if (configure_receiver(&t.receiver, s, &e) == 0 &&
	    (t.loop = loop_new(&e)) != NULL &&
	    (wire = wire_new(t.loop)) != NULL &&
	    (post = post_new(wire)) != NULL &&
	    post_one(&t, post, NOTIFY_FIRING, &e) == 0 &&
	    post_one(&t, post, NOTIFY_RESOLVED, &e) == 0)
		rc = loop_run(t.loop, &e);
	if (rc == -1)
		printf("%s: failed: %s\n", s->name, e.text);
	post_free(post);
	wire_free(wire);
	loop_free(t.loop);
	receiver_done(&t.receiver);
	return rc == 0 && t.failed == 0 ? 0 : -1;
}

int
cmd_test_notify(const struct agent_flags *f, int argc, char **argv)
{
	const struct section *s = NULL;
	unsigned tried = 0, failed = 0;
	struct config c;
	int status = EXIT_USAGE;

	if (configure(&c, f) == -1) {
		fputs(config_errors(&c), stderr);
		goto out;
	}
	while ((s = config_next(&c, "receiver", s)) != NULL) {
		if (argc > 0 && strcmp(argv[0], s->name) != 0)
			continue;
		tried++;
		failed += try_receiver(s) == -1;
	}
	if (tried > 0)
		status = failed == 0 ? EXIT_FINE : EXIT_TROUBLE;
	else
		fprintf(stderr, "litegauge: there is no receiver%s%s in the "
		    "configuration\n", argc > 0 ? " " : "",
		    argc > 0 ? argv[0] : "");
out:
	config_free(&c);
	return status;
}
