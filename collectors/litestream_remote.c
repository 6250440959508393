/*
 * litestream_remote - replicas in buckets, as the sampler sees them.
 *
 * A request costs money and the network may be slow, so the loop makes it and
 * the answer comes later.  It is wished for only while the local copy has
 * something that the replica is not known to have; an idle database costs
 * nothing but an audit now and then, which finds a bucket that was emptied.
 */
#include <stdlib.h>
#include <string.h>

#include "base/batch.h"
#include "base/err.h"
#include "base/mem.h"
#include "collectors/database.h"
#include "collectors/litestream_state.h"

static const struct finding *
find_finding(const struct database *db, const char *replica)
{
	const struct finding *f = db->findings;

	while (f != NULL && strcmp(f->replica, replica) != 0)
		f = f->next;
	return f;
}

/*
 * 0.5 numbers passes, not bytes.  The local copy has the headers: where the
 * pass ended, or, when that one is gone already, where the next one began.
 */
static bool
place_pass(const struct litestream_state *s, const struct database *db,
    uint64_t txid, trail_pos *ret)
{
	struct ltx_header h;
	struct err none;

	if (s->local.known && txid == s->local.end.index) {
		*ret = s->local.pos;
		return s->local.placed;
	}
	if (ltx_read_local(&h, s->dir, txid, &none) == 0 && h.salted)
		return copy_place(db, h.salt, h.page_size,
		    h.offset + h.size, ret);
	return ltx_read_local(&h, s->dir, txid + 1, &none) == 0 && h.salted &&
	    copy_place(db, h.salt, h.page_size, h.offset, ret);
}

static bool
place(const struct litestream_state *s, const struct database *db,
    const struct litestream_end *end, trail_pos *ret)
{
	const struct litestream_end *local = &s->local.end;

	if (s->version == LITESTREAM_03)
		return local->salted && local->index >= end->index &&
		    strcmp(local->generation, end->generation) == 0 &&
		    copy_place_before(db, local->salt, local->page_size,
		    local->index - end->index, end->offset, ret);
	if (end->salted)
		return copy_place(db, end->salt, end->page_size, end->offset,
		    ret);
	return place_pass(s, db, end->index, ret);
}

static bool
is_beyond(const struct litestream_end *a, const struct litestream_end *b,
    enum litestream_version v)
{
	if (a->index != b->index)
		return a->index > b->index;
	return v == LITESTREAM_03 && a->offset > b->offset;
}

/* The same end is placed anew each time: the trail learns of logs. */
static void
lay_end(struct litestream_state *s, const struct database *db,
    struct replica_state *st)
{
	struct copy *c = &st->copy;

	c->placed = c->known && place(s, db, &c->end, &c->pos);
	if (!c->placed)
		c->pos = 0;
	st->ahead = c->known && s->local.known &&
	    strcmp(c->end.generation, s->local.end.generation) == 0 &&
	    is_beyond(&c->end, &s->local.end, s->version);
}

static void
take(struct replica_state *st, const struct database *db,
    const struct finding *f)
{
	st->asked = true;
	st->waiting = false;
	st->heard_ms = f->asked_ms;
	free(st->why);
	st->why = f->why != NULL ? mem_strdup(f->why) : NULL;
	if (f->why == NULL && f->known) {
		st->copy.end = f->end;
		st->copy.end.modified_ms = f->newest_ms;
		st->copy.known = true;
	}
	if (f->walked) {
		st->chain = f->chain;
		st->walked = true;
		st->chain_at_ms = db->wall_ms;
	}
	memcpy(st->requests, f->requests, sizeof st->requests);
	st->refused = f->refused;
	st->cost = f->cost;
	st->skew_ms = f->skew_ms;
}

/* Is there something that this replica is not known to have? */
static bool
is_news(const struct litestream_state *s, const struct replica_state *st)
{
	const struct litestream_end *here = &s->local.end;
	const struct litestream_end *there = &st->copy.end;

	if (!st->copy.known || st->why != NULL)
		return true;
	if (!s->local.known)
		return false;
	return here->index != there->index ||
	    strcmp(here->generation, there->generation) != 0 ||
	    (s->version == LITESTREAM_03 && here->offset != there->offset);
}

static void
wish(struct litestream_state *s, const struct database *db, size_t i,
    struct batch *out)
{
	struct replica_state *st = &s->replicas[i];
	int64_t now = db->mono_ms, since = now - st->wished_ms;
	bool first = st->wished_ms == 0, news = is_news(s, st);
	bool audit = !first && since >= AUDIT_EVERY_MS;
	bool chain = st->copy.known && litestream_chain_is_due(s, st, now);
	struct wish *w;

	if (st->waiting && since < WISH_PATIENCE_MS)
		return;
	if (!(first || audit || chain || (news && since >= db->remote_ms)))
		return;
	NEW(w);
	w->setup = setup_ref(s->setup);
	w->replica = i;
	w->version = s->version;
	if (s->local.known)
		w->local = s->local.end;
	w->mono_ms = st->wished_ms = now;
	w->audit = audit && !news;
	w->chain = chain;
	w->next = out->wishes;
	out->wishes = w;
	out->discard_wishes = wish_free;
	st->waiting = true;
	if (chain)
		st->chain_ms = now;
}

int
litestream_look_remote(struct litestream_state *s, struct database *db,
    size_t i, struct batch *out, struct err *e)
{
	const struct replica *r = &s->setup->replicas[i];
	struct replica_state *st = &s->replicas[i];
	const struct finding *f = find_finding(db, r->name);
	int64_t allowed = s->setup->monitor_ms + r->sync_ms + db->remote_ms;

	if (f != NULL && f->asked_ms != st->heard_ms)
		take(st, db, f);
	lay_end(s, db, st);
	wish(s, db, i, out);
	if (st->waiting || is_news(s, st))
		db->restless = true;
	if (st->asked)
		litestream_tell_copy(s, db, out, &st->copy, r->name,
		    st->why == NULL ? TOLD_UP : TOLD_DOWN, allowed,
		    r->sync_ms + db->remote_ms);
	litestream_tell_replica(s, i, out);
	return st->why == NULL ? 0 : err_set(e, "%s", st->why);
}
