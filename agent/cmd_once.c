/*
 * cmd_once - look at every database once and print the exposition.
 *
 * The same sampler, store and writer as in `run`, without a thread, a port or a
 * state file.
 */
#include <stdio.h>
#include <stdlib.h>

#include "agent/batch.h"
#include "agent/buf.h"
#include "agent/commands.h"
#include "agent/config.h"
#include "agent/configure.h"
#include "agent/err.h"
#include "agent/history.h"
#include "agent/http.h"
#include "agent/inbox.h"
#include "agent/mem.h"
#include "agent/sampler.h"
#include "agent/self.h"
#include "agent/store.h"

#define MAIL_MAX	200000

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
take_mail(struct agent *a)
{
	struct mail *m = inbox_take(a->mail), *next;
	size_t down = 0;

	for (; m != NULL; m = next) {
		struct batch *b = (struct batch *)(void *)m;

		next = m->next;
		if (b->path != NULL)
			(void)store_watch(a->store, b->db, b->path,
			    b->interval_ms);
		(void)store_apply(a->store, b);
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

static int
look(struct agent *a, struct err *e)
{
	const struct sampler_settings settings = { .locks_ms = 10000,
		.litestream = configure_litestream(a->config) };
	size_t down;

	if ((a->mail = inbox_new(MAIL_MAX, e)) == NULL ||
	    (a->sampler = sampler_new(a->mail, &settings, e)) == NULL)
		return EXIT_TROUBLE;
	a->histories = history_pool_new(forget_history, NULL);
	a->store = store_new(a->histories);
	agent_name_databases(a);
	sampler_once(a->sampler);
	down = take_mail(a);
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
	sampler_free(a.sampler);
	store_free(a.store);
	history_pool_free(a.histories);
	inbox_free(a.mail);
	config_free(a.config);
	free(a.config);
	return status;
}
