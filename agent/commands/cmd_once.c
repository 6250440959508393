/*
 * cmd_once - look at every database once and print the exposition.
 *
 * The same sampler, store and writer as in `run`, without a thread, a port or a
 * state file.
 */
#include <stdio.h>
#include <stdlib.h>

#include "agent/commands/commands.h"
#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/pages/http.h"
#include "agent/pages/self.h"
#include "agent/sampling/sampler.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "base/batch.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/inbox.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/wire.h"
#include "litestream/finding.h"
#include "litestream/remote.h"

#define MAIL_MAX	200000
#define PATIENCE_MS	20000	/* for buckets that do not answer */

struct once {
	struct agent	*agent;		/* not owned */
	size_t		 wished;	/* looks that are out */
};

static void
forget_history(void *arg, const char *db, int measure, int64_t at_s,
    const struct point *p)
{
	(void)arg;
	(void)db;
	(void)measure;
	(void)at_s;
	(void)p;
}

/* Returns how many databases are down. */
static size_t
take_mail(struct once *o)
{
	struct agent *a = o->agent;
	struct mail *m = inbox_take(a->mail), *next;
	size_t down = 0;

	for (; m != NULL; m = next) {
		struct batch *b = (struct batch *)(void *)m;

		next = m->next;
		if (b->path != NULL)
			(void)store_watch(a->store, b->db, b->path,
			    b->interval_ms);
		(void)store_apply(a->store, b);
		for (const struct wish *w = b->wishes; w != NULL; w = w->next)
			o->wished++;
		remotes_wish(a->remotes, b->db, b->wishes);
		b->wishes = NULL;
		if (b->down != NULL) {
			fprintf(stderr, "%s: %s\n", b->db, b->down);
			down++;
		}
		m->discard(m);
	}
	return down;
}

static void
print_metrics(struct agent *a)
{
	struct buf out;

	buf_init(&out, HTTP_PAGE_MAX);
	self_page(&out, a, EXPO_TEXT);
	if (out.data != NULL)
		fputs(out.data, stdout);
	buf_free(&out);
}

static void
on_found(void *arg, const char *db, struct finding *f)
{
	struct once *o = arg;

	sampler_found(o->agent->sampler, db, f);
	if (--o->wished == 0)
		loop_stop(o->agent->loop);
}

static void
on_patience(void *arg)
{
	struct once *o = arg;

	loop_stop(o->agent->loop);
}

/* Replicas in buckets are asked now, and what they say is sampled. */
static size_t
ask_buckets(struct once *o, size_t down, struct err *e)
{
	struct loop_timer patience = { .fn = on_patience, .arg = o };
	int rc;

	if (o->wished == 0)
		return down;
	loop_timer_set(o->agent->loop, &patience, mono_ms() + PATIENCE_MS);
	rc = loop_run(o->agent->loop, e);
	loop_timer_clear(o->agent->loop, &patience);
	if (rc == -1)
		return down;
	sampler_once(o->agent->sampler);
	return take_mail(o);
}

static int
prepare(struct once *o, struct err *e)
{
	struct agent *a = o->agent;
	const struct section *agent = config_agent(a->config);
	const struct sampler_settings settings = { .locks_ms = 10000,
		.litestream = configure_litestream(a->config) };
	const struct remote_settings remote = {
		.budget = section_count(agent, "remote_budget") };

	if ((a->loop = loop_new(e)) == NULL ||
	    (a->wire = wire_new(a->loop)) == NULL ||
	    (a->mail = inbox_new(MAIL_MAX, e)) == NULL ||
	    (a->sampler = sampler_new(a->mail, &settings, e)) == NULL)
		return -1;
	a->remotes = remotes_new(a->loop, a->wire, &remote, on_found, o);
	a->histories = history_pool_new(forget_history, NULL);
	a->store = store_new(a->histories);
	agent_name_databases(a);
	return 0;
}

static int
look(struct agent *a, struct err *e)
{
	struct once o = { .agent = a };
	size_t down;

	if (prepare(&o, e) == -1)
		return EXIT_TROUBLE;
	sampler_once(a->sampler);
	down = ask_buckets(&o, take_mail(&o), e);
	print_metrics(a);
	return down == 0 ? EXIT_FINE : EXIT_TROUBLE;
}

int
cmd_once(const struct agent_flags *f, int argc, char **argv)
{
	struct agent a = { .flags = f, .sigfd = -1, .reload_ok = true };
	struct err e = { "" };
	int status = EXIT_USAGE;

	(void)argc;
	(void)argv;
	NEW(a.config);
	if (configure(a.config, f) == 0)
		status = look(&a, &e);
	else
		fputs(config_errors(a.config), stderr);
	if (e.text[0] != '\0')
		fprintf(stderr, "litegauge: %s\n", e.text);
	remotes_free(a.remotes);
	sampler_free(a.sampler);
	wire_free(a.wire);
	store_free(a.store);
	history_pool_free(a.histories);
	inbox_free(a.mail);
	loop_free(a.loop);
	config_free(a.config);
	free(a.config);
	return status;
}
