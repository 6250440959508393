/*
 * cmd_test_notify - does a message really arrive?
 *
 * The same post and the same receiver files as in `run`, one attempt each and
 * no outbox: the answer is wanted now, with the reason when it is no.  Each
 * kind of message is tried, for a receiver may take one and refuse another.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/commands/commands.h"
#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "alerts/post.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/wire.h"

#define KIND_MAX	3	/* alerts in a message */

/* What is sent, in the order of an alert's life: what is begun is ended. */
static const struct kind {
	const char	*name;
	struct {
		enum notification_type type;
		enum severity severity;
		bool reminder;
	} items[KIND_MAX];
	size_t		 n;
} kinds[] = {
	{ "firing", { { NOTIFY_FIRING, SEVERITY_WARNING, false } }, 1 },
	{ "worse", { { NOTIFY_FIRING, SEVERITY_CRITICAL, false } }, 1 },
	{ "reminder", { { NOTIFY_FIRING, SEVERITY_CRITICAL, true } }, 1 },
	{ "no data", { { NOTIFY_NO_DATA, SEVERITY_CRITICAL, false } }, 1 },
	{ "flapping", { { NOTIFY_FLAPPING, SEVERITY_WARNING, false } }, 1 },
	{ "resolved", { { NOTIFY_RESOLVED, SEVERITY_WARNING, false } }, 1 },
	{ "three at once", { { NOTIFY_FIRING, SEVERITY_CRITICAL, false },
	    { NOTIFY_FLAPPING, SEVERITY_WARNING, false },
	    { NOTIFY_RESOLVED, SEVERITY_WARNING, false } }, 3 },
	{ "digest", { { NOTIFY_DIGEST, SEVERITY_INFO, false } }, 1 },
};

#define NKINDS	(sizeof kinds / sizeof *kinds)

struct trial {
	struct loop	*loop;		/* owned */
	struct wire	*wire;		/* owned */
	struct post	*post;		/* owned */
	struct receiver	 receiver;	/* owned */
	char		*base_url;	/* owned */
	char		 host[256];
	int64_t		 wall_ms;	/* of all of it: it is one alert */
	size_t		 at;		/* in kinds */
	unsigned	 failed;
	struct loop_timer next;
};

static void
say(const struct trial *t, const char *what, const char *why)
{
	printf("%s: %s: %s%s\n", t->receiver.name, kinds[t->at].name, what,
	    why);
	(void)fflush(stdout);	/* the next may take a while */
}

/* The next, no sooner than the receiver likes. */
static void
go_on(struct trial *t)
{
	t->at++;
	if (t->at == NKINDS)
		loop_stop(t->loop);
	else
		loop_timer_set(t->loop, &t->next, mono_ms() +
		    t->receiver.type->gap_ms);
}

static void
on_answer(void *arg, struct answer *answer, const char *error,
    int timed_out)
{
	struct trial *t = arg;
	enum verdict v = VERDICT_RETRY;
	struct err e = { "" };

	(void)timed_out;
	if (error != NULL)
		err_set(&e, "%s", error);
	else
		v = t->receiver.type->judge(answer, &e);
	if (v == VERDICT_DELIVERED)
		say(t, "delivered", "");
	else
		say(t, "failed: ", e.text);
	t->failed += v != VERDICT_DELIVERED;
	go_on(t);
}

static struct notification *
make(const struct trial *t, const struct kind *k, size_t i)
{
	struct notification *n = notification_test(k->items[i].type, t->host,
	    t->base_url, t->wall_ms);

	free(n->severity);
	n->severity = mem_strdup(severity_name(k->items[i].severity));
	n->reminder = k->items[i].reminder;
	return n;
}

static int
write_kind(const struct trial *t, const struct kind *k,
    struct request *ret, struct err *e)
{
	const struct receiver_type *type = t->receiver.type;
	const struct notification *items[KIND_MAX];
	struct notification *owned[KIND_MAX];
	const struct message m = { items, k->n, wall_ms() / 1000 };
	int rc;

	for (size_t i = 0; i < k->n; i++)
		items[i] = owned[i] = make(t, k, i);
	rc = type->write(&t->receiver, &m, ret, e);
	for (size_t i = 0; i < k->n; i++)
		notification_free(owned[i]);
	return rc;
}

/* Why such a message is never sent there; NULL: it is. */
static const char *
reason_to_skip(const struct receiver *r, const struct kind *k)
{
	if (k->n > 1 && !r->type->groups)
		return "one alert a message";
	if (receiver_skips(r->type, k->items[0].type))
		return "this type has no use for it";
	if (r->no_resolved && k->items[0].type == NOTIFY_RESOLVED)
		return "it wants no good news";
	return NULL;
}

static void
on_next(void *arg)
{
	struct trial *t = arg;
	const struct kind *k = &kinds[t->at];
	const char *skip = reason_to_skip(&t->receiver, k);
	struct request q = { 0 };
	struct err e;

	if (skip != NULL) {
		say(t, "not sent: ", skip);
		go_on(t);
	} else if (write_kind(t, k, &q, &e) == -1) {
		say(t, "failed: ", e.text);
		t->failed++;
		go_on(t);
	} else {
		(void)post_send(t->post, &q, on_answer, t);
	}
}

/* As the agent has it, but for a port that it would be given. */
static char *
base_url(const struct config *c)
{
	const char *url = section_text(config_agent(c), "url");

	return url != NULL ? mem_strdup(url) : mem_printf("http://%s",
	    section_text(config_agent(c), "listen"));
}

static int
try_receiver(const struct config *c, const struct section *s)
{
	struct trial t = { .wall_ms = wall_ms() };
	struct err e;
	int rc = -1;

	t.next = (struct loop_timer){ .fn = on_next, .arg = &t };
	t.base_url = base_url(c);
	(void)gethostname(t.host, sizeof t.host - 1);
	if (configure_receiver(&t.receiver, s, &e) == 0 &&
	    (t.loop = loop_new(&e)) != NULL) {
		t.wire = wire_new(t.loop);
		t.post = post_new(t.wire);
		loop_timer_set(t.loop, &t.next, mono_ms());
		rc = loop_run(t.loop, &e);
	}
	if (rc == -1)
		printf("%s: failed: %s\n", s->name, e.text);
	post_free(t.post);
	wire_free(t.wire);
	loop_free(t.loop);
	receiver_done(&t.receiver);
	free(t.base_url);
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
	/* A mail server, or a program, may hang up before it has read all. */
	(void)signal(SIGPIPE, SIG_IGN);
	while ((s = config_next(&c, "receiver", s)) != NULL) {
		if (argc > 0 && strcmp(argv[0], s->name) != 0)
			continue;
		tried++;
		failed += try_receiver(&c, s) == -1;
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
