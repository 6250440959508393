/*
 * look - see look.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "litestream/look.h"
#include "litestream/remote.h"

void
look_set(char **text, char *value)
{
	free(*text);
	*text = value;
}

const char *
look_base(const char *key)
{
	const char *slash = strrchr(key, '/');

	return slash == NULL ? key : slash + 1;
}

static void
end(struct look *l, const char *why)
{
	struct remote *r = l->remote;
	struct finding *f;

	NEW(f);
	f->replica = mem_strdup(r->name);
	f->why = why != NULL ? mem_strdup(why) : NULL;
	f->known = r->known;
	f->end = r->end;
	f->asked_ms = l->wish->mono_ms;
	f->newest_ms = r->newest_ms;
	f->walked = l->walked;
	f->chain = l->chain;
	memcpy(f->requests, r->requests, sizeof f->requests);
	f->refused = r->refused;
	f->cost = r->cost;
	f->skew_ms = r->skew_ms;
	remote_finish(r, f);
}

void
look_done(struct look *l)
{
	end(l, NULL);
}

static void
on_end(void *arg)
{
	struct look *l = arg;
	char *why = l->why;

	l->why = NULL;
	end(l, why);
	free(why);
}

/* Told from the loop, so that nobody is called back by his own call. */
void
look_fail(struct look *l, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	look_set(&l->why, mem_strdup(text));
	loop_timer_set(remote_loop(l->remote), &l->end_timer, mono_ms());
}

static void
on_answer(void *arg, const struct s3_answer *a)
{
	struct look *l = arg;

	l->call = NULL;
	if (a->status != 0)
		l->remote->skew_ms = a->skew_ms;
	if (a->fault == S3_FINE || a->fault == S3_MISSING)
		l->go_on(l, a);
	else
		look_fail(l, "%s", a->why);
}

void
look_ask(struct look *l, const struct s3_question *q, look_step_fn *go_on)
{
	struct remote *r = l->remote;

	if (!remote_may_ask(r, q->method)) {
		look_fail(l, "%s is not asked before the next hour: its budget "
		    "of requests is used up (remote_budget)",
		    r->replica->place);
		return;
	}
	l->go_on = go_on;
	l->call = s3_ask(r->s3, q, on_answer, l);
}

void
look_list(struct look *l, look_step_fn *go_on)
{
	const struct s3_question q = { .method = S3_LIST, .key = l->prefix,
		.start_after = l->after };

	l->pages++;
	look_ask(l, &q, go_on);
}

bool
look_more(struct look *l, const struct s3_answer *a)
{
	if (!a->truncated || a->nobjects == 0 || l->pages >= REMOTE_MAX_PAGES)
		return false;
	look_set(&l->after, mem_strdup(a->objects[a->nobjects - 1].key));
	return true;
}

void
look_found(struct look *l, const struct litestream_end *at)
{
	l->remote->known = true;
	l->remote->end = *at;
	if (l->wish->chain)
		look_walk(l);
	else
		look_done(l);
}

/* No local copy says which format it is: the first names do. */
static void
on_top(struct look *l, const struct s3_answer *a)
{
	l->version = LITESTREAM_NONE;
	for (size_t i = 0; i < a->nprefixes; i++) {
		const char *p = a->prefixes[i];
		size_t n = strlen(p);

		if (n >= 12 && strcmp(p + n - 12, "generations/") == 0 &&
		    l->version == LITESTREAM_NONE)
			l->version = LITESTREAM_03;
		if (n >= 5 && strspn(p + n - 5, "0123456789/") == 5)
			l->version = LITESTREAM_05;
	}
	if (l->version == LITESTREAM_NONE)
		look_fail(l, "%s: there is nothing of Litestream: nothing has "
		    "arrived yet, or it is the wrong place",
		    l->remote->replica->place);
	else
		look_begin(l);
}

static void
ask_version(struct look *l)
{
	char *key = s3_key_05(l->remote->replica, "");
	const struct s3_question q = { .method = S3_LIST, .key = key,
		.delimiter = '/' };

	look_ask(l, &q, on_top);
	free(key);
}

void
look_begin(struct look *l)
{
	switch (l->version) {
	case LITESTREAM_03:
		look03_begin(l);
		break;
	case LITESTREAM_05:
		look05_begin(l);
		break;
	case LITESTREAM_NONE:
		ask_version(l);
		break;
	}
}

struct look *
look_new(struct remote *r, struct wish *w)
{
	struct look *l;

	NEW(l);
	l->remote = r;
	l->wish = w;
	l->end_timer = (struct loop_timer){ .fn = on_end, .arg = l };
	l->version = w->version;
	return l;
}

void
look_free(struct look *l)
{
	if (l == NULL)
		return;
	if (l->call != NULL)
		s3_cancel(l->call);
	loop_timer_clear(remote_loop(l->remote), &l->end_timer);
	wish_free(l->wish);
	look_names_free(l->names);
	free(l->prefix);
	free(l->after);
	free(l->why);
	free(l);
}
