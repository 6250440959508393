/*
 * remote - see remote.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/mem.h"
#include "litestream/look.h"
#include "litestream/remote.h"

#define HOUR_MS		3600000

struct remotes {
	struct loop	*loop;		/* not owned */
	struct wire	*wire;		/* not owned */
	struct remote_settings settings;
	remotes_found_fn *found;
	void		*arg;
	struct remote	*first;		/* owned */
};

struct remotes *
remotes_new(struct loop *loop, struct wire *wire,
    const struct remote_settings *settings, remotes_found_fn *found, void *arg)
{
	struct remotes *rs;

	NEW(rs);
	rs->loop = loop;
	rs->wire = wire;
	rs->settings = *settings;
	rs->found = found;
	rs->arg = arg;
	return rs;
}

static void
free_remote(struct remote *r)
{
	loop_timer_clear(r->owner->loop, &r->due);
	look_free(r->look);
	wish_free(r->pending);
	s3_free(r->s3);
	setup_unref(r->setup);
	free(r->walked_key);
	free(r->db);
	free(r->name);
	free(r);
}

void
remotes_free(struct remotes *rs)
{
	struct remote *r, *next;

	if (rs == NULL)
		return;
	for (r = rs->first; r != NULL; r = next) {
		next = r->next;
		free_remote(r);
	}
	free(rs);
}

void
remotes_forget(struct remotes *rs, const char *db)
{
	struct remote **link = &rs->first, *r;

	while ((r = *link) != NULL) {
		if (strcmp(r->db, db) != 0) {
			link = &r->next;
			continue;
		}
		*link = r->next;
		free_remote(r);
	}
}

struct loop *
remote_loop(const struct remote *r)
{
	return r->owner->loop;
}

bool
remote_may_ask(struct remote *r, enum s3_method m)
{
	int64_t now = mono_ms();

	if (r->hour_ms == 0 || now - r->hour_ms >= HOUR_MS) {
		r->hour_ms = now;
		r->hour_requests = 0;
	}
	if (r->hour_requests >= r->owner->settings.budget) {
		r->refused++;
		return false;
	}
	r->hour_requests++;
	r->requests[m]++;
	r->cost += s3_method_cost(m);
	return true;
}

void
remote_finish(struct remote *r, struct finding *f)
{
	struct remotes *rs = r->owner;

	look_free(r->look);
	r->look = NULL;
	if (f->why == NULL) {
		r->pause_ms = 0;
	} else {
		r->pause_ms = r->pause_ms == 0 ? rs->settings.pause_ms :
		    r->pause_ms * 2;
		if (r->pause_ms > REMOTE_PAUSE_MAX_MS)
			r->pause_ms = REMOTE_PAUSE_MAX_MS;
	}
	r->resume_ms = mono_ms() + r->pause_ms;
	rs->found(rs->arg, r->db, f);
}

/* Another place, or other keys: what was known of it is of another replica. */
static void
take_setup(struct remote *r, const struct wish *w)
{
	struct setup *old = r->setup;
	bool same = old != NULL && setup_is_same(old, w->setup);

	r->setup = setup_ref(w->setup);
	r->replica = &r->setup->replicas[w->replica];
	if (!same) {
		s3_free(r->s3);
		r->s3 = s3_new(r->owner->wire, r->replica);
		r->known = r->behind = false;
		look_set(&r->walked_key, NULL);
	}
	setup_unref(old);
}

static void
on_due(void *arg)
{
	struct remote *r = arg;
	struct wish *w = r->pending;

	r->pending = NULL;
	take_setup(r, w);
	r->look = look_new(r, w);
	look_begin(r->look);
}

static struct remote *
find(struct remotes *rs, const char *db, const char *name)
{
	struct remote *r = rs->first;

	while (r != NULL && (strcmp(r->db, db) != 0 ||
	    strcmp(r->name, name) != 0))
		r = r->next;
	if (r != NULL)
		return r;
	NEW(r);
	r->owner = rs;
	r->db = mem_strdup(db);
	r->name = mem_strdup(name);
	r->due = (struct loop_timer){ .fn = on_due, .arg = r };
	r->next = rs->first;
	rs->first = r;
	return r;
}

static void
take_wish(struct remotes *rs, const char *db, struct wish *w)
{
	struct remote *r = find(rs, db, w->setup->replicas[w->replica].name);

	if (r->look != NULL || r->pending != NULL) {
		wish_free(w);	/* one is on its way already */
		return;
	}
	r->pending = w;
	loop_timer_set(rs->loop, &r->due, r->resume_ms > mono_ms() ?
	    r->resume_ms : mono_ms());
}

void
remotes_wish(struct remotes *rs, const char *db, struct wish *w)
{
	struct wish *next;

	for (; w != NULL; w = next) {
		next = w->next;
		w->next = NULL;
		take_wish(rs, db, w);
	}
}
