/*
 * drill_remote - how far a bucket is: the same looks as the agent's, on a loop
 * that runs only while one is on its way.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/drills/drill_mark.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/wire.h"
#include "litestream/finding.h"
#include "litestream/guard.h"
#include "litestream/remote.h"

#define LOOK_LIMIT_MS	30000	/* one look: a few requests */
#define TICK_MS		200	/* between two looks for a signal */
#define BUDGET		1000	/* requests in an hour */

struct drill_remote {
	struct loop	*loop;		/* owned, as all below */
	struct wire	*wire;
	struct remotes	*remotes;
	struct finding	*finding;	/* the newest */
	struct loop_timer tick;
	int64_t		 until_ms;	/* mono */
};

static void
on_found(void *arg, const char *db, struct finding *f)
{
	struct drill_remote *r = arg;

	(void)db;
	finding_free(r->finding);
	r->finding = f;
	loop_stop(r->loop);
}

static void
on_tick(void *arg)
{
	struct drill_remote *r = arg;
	int64_t now = mono_ms();

	if (now >= r->until_ms || guard_is_stopped())
		loop_stop(r->loop);
	else
		loop_timer_set(r->loop, &r->tick, now + TICK_MS);
}

struct drill_remote *
drill_remote_new(struct err *e)
{
	const struct remote_settings settings = { .budget = BUDGET };
	struct drill_remote *r;

	NEW(r);
	r->tick = (struct loop_timer){ .fn = on_tick, .arg = r };
	r->loop = loop_new(e);
	if (r->loop != NULL)
		r->wire = wire_new(r->loop);
	if (r->wire == NULL) {
		drill_remote_free(r);
		return NULL;
	}
	r->remotes = remotes_new(r->loop, r->wire, &settings, on_found, r);
	return r;
}

void
drill_remote_free(struct drill_remote *r)
{
	if (r == NULL)
		return;
	remotes_free(r->remotes);
	wire_free(r->wire);
	if (r->loop != NULL)
		loop_timer_clear(r->loop, &r->tick);
	loop_free(r->loop);
	finding_free(r->finding);
	free(r);
}

static struct wish *
wish_new(struct setup *setup, size_t replica, enum litestream_version version,
    const struct litestream_end *local)
{
	struct wish *w;

	NEW(w);
	w->setup = setup_ref(setup);
	w->replica = replica;
	w->version = version;
	w->local = *local;
	w->mono_ms = mono_ms();
	return w;
}

int
drill_remote_end(struct drill_remote *r, struct litestream_end *ret,
    const char *db, struct setup *setup, size_t replica,
    enum litestream_version version, const struct litestream_end *local,
    struct err *e)
{
	finding_free(r->finding);
	r->finding = NULL;
	remotes_wish(r->remotes, db, wish_new(setup, replica, version, local));
	r->until_ms = mono_ms() + LOOK_LIMIT_MS;
	loop_timer_set(r->loop, &r->tick, mono_ms() + TICK_MS);
	if (loop_run(r->loop, e) == -1)
		return -1;
	loop_timer_clear(r->loop, &r->tick);
	if (r->finding == NULL)
		return err_set(e, "the bucket has not answered in %d s",
		    LOOK_LIMIT_MS / 1000);
	if (r->finding->why != NULL)
		return err_set(e, "%s", r->finding->why);
	if (!r->finding->known)
		return err_set(e, "nothing of Litestream is in the bucket");
	*ret = r->finding->end;
	return 0;
}
