/*
 * errands - what the sampler finds out for all databases at once.
 *
 * Who holds locks, which files a pattern matches, which Litestream looks after
 * what: each may wait for a disk or for a lock of the kernel, so each is done
 * under the watchdog's eyes, as a sample is.
 */
#include <stdlib.h>

#include "agent/sampling/worker.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "collectors/database.h"
#include "collectors/locktable.h"
#include "litestream/discover.h"

#define DISCOVER_EVERY_MS 30000	/* how often Litestream is looked for */
#define LOCKS_COST	1000	/* rest so many times what /proc/locks took */

static bool
is_anybody_in(const struct sampler *s)
{
	for (size_t i = 0; i < s->roster.n; i++)
		if (!s->roster.entries[i]->stuck &&
		    s->roster.entries[i]->subject.db->wal.held)
			return true;
	return false;
}

/* A worker that hangs may come back to the table it had: keep it till then. */
static void
take_locks(struct sampler *s, struct locktable *t)
{
	if (atomic_load(&s->nhung) == 0) {
		locktable_free(s->old_locks);
		s->old_locks = NULL;
		locktable_free(s->locks);
	} else if (s->locks != NULL) {
		s->locks->next = s->old_locks;
		s->old_locks = s->locks;
	}
	s->locks = t;
}

/* One that was interrupted took longer than it cost: so the lesser of two. */
static int64_t
rest_ms(struct sampler *s, const struct locktable *t)
{
	int64_t us = t == NULL ? 0 : t->cost_us, before = s->locks_cost_us;
	int64_t ms = (us < before ? us : before) * LOCKS_COST / 1000;

	s->locks_cost_us = us;
	return ms < s->settings.locks_ms ? s->settings.locks_ms : ms;
}

bool
errand_locks(struct worker *w)
{
	struct sampler *s = w->sampler;
	struct locktable *t;
	struct err e;

	if (mono_ms() < s->locks_due_ms || !is_anybody_in(s))
		return true;
	worker_begin(w, NULL);
	t = locktable_read("/proc/locks", &e);	/* NULL: no names, then */
	if (!worker_end(w)) {
		locktable_free(t);
		return false;
	}
	s->locks_due_ms = mono_ms() + rest_ms(s, t);
	take_locks(s, t);
	return true;
}

/*
 * Which Litestream looks after what.  While a thread hangs it may hold on to
 * the last answer, so that one stays.
 */
bool
errand_discover(struct worker *w)
{
	struct sampler *s = w->sampler;
	struct discovery *d;

	if (s->settings.litestream == NULL || s->roster.n == 0 ||
	    mono_ms() < s->discovery_due_ms || atomic_load(&s->nhung) > 0)
		return true;
	worker_begin(w, NULL);
	d = discovery_new("/proc", s->settings.litestream);
	if (!worker_end(w)) {
		discovery_free(d);
		return false;
	}
	discovery_free(s->discovery);
	s->discovery = d;
	s->discovery_no++;
	s->discovery_due_ms = mono_ms() + DISCOVER_EVERY_MS;
	return true;
}

/* With copies of its own: while glob() hangs the pattern may be dropped. */
static bool
look_for(struct worker *w, struct pattern *p)
{
	char *name = mem_strdup(p->name), *path = mem_strdup(p->path);
	struct sampler *s = w->sampler;
	glob_t found;
	bool mine, answered;

	w->pattern = name;
	worker_begin(w, NULL);
	answered = roster_glob(path, &found);
	mine = worker_end(w);
	w->pattern = NULL;
	if (mine) {
		p->busy = false;
		s->due_ms = 0;		/* of what is new */
	}
	if (mine && answered)
		roster_take_matches(&s->roster, p, &found,
		    worker_entry_gone, s);
	globfree(&found);
	free(name);
	free(path);
	return mine;
}

bool
errand_matches(struct worker *w)
{
	struct roster *r = &w->sampler->roster;
	struct pattern *p;

	while ((p = roster_due_pattern(r, mono_ms())) != NULL)
		if (!look_for(w, p))
			return false;
	return true;
}
