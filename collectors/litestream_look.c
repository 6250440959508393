/*
 * litestream_look - the local copy and replicas that are files.
 */
#include <stdlib.h>
#include <string.h>

#include "base/batch.h"
#include "base/err.h"
#include "base/mem.h"
#include "collectors/database.h"
#include "collectors/litestream_state.h"

#define PASSES_LOOKED	8u	/* new ones in a sample; more is not usual */

static void
free_states(struct replica_state *states, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(states[i].why);
	free(states);
}

/* What is known of a replica stays with it when it is the same. */
static void
move_states(struct replica_state *to, const struct setup *new,
    struct replica_state *from, const struct setup *old)
{
	for (size_t i = 0; i < new->nreplicas; i++)
		for (size_t j = 0; old != NULL && j < old->nreplicas; j++) {
			const struct replica *a = &new->replicas[i];
			const struct replica *b = &old->replicas[j];

			if (strcmp(a->name, b->name) != 0 ||
			    strcmp(a->place, b->place) != 0)
				continue;
			to[i] = from[j];
			from[j].why = NULL;	/* owned over there now */
		}
}

void
litestream_take_setup(struct litestream_state *s, struct setup *new)
{
	struct replica_state *states = NULL;
	size_t n = s->setup != NULL ? s->setup->nreplicas : 0;

	if (new != NULL) {
		states = mem_new(new->nreplicas + 1, sizeof *states);
		move_states(states, new, s->replicas, s->setup);
	}
	free_states(s->replicas, n);
	s->replicas = states;
	setup_unref(s->setup);
	s->setup = new;
}

void
litestream_begin(struct litestream_state *s, struct database *db)
{
	if (s->began_ms != 0)
		return;
	s->began_ms = db->mono_ms;
	wal_follow_replicas(&db->wal, db->mono_ms);
}

/* A new pass that holds every page: the thread was lost (0.5). */
static bool
is_whole(const struct litestream_state *s, const struct litestream_end *end)
{
	uint64_t last = s->local.end.index;

	for (uint64_t i = 0; i < PASSES_LOOKED && last + i < end->index; i++)
		if (ltx_is_whole(s->dir, end->index - i))
			return true;
	return false;
}

static void
count_changes(struct litestream_state *s, const struct litestream_end *end)
{
	if (!s->local.known)
		return;
	if (s->version == LITESTREAM_03)
		s->changes += strcmp(s->local.end.generation,
		    end->generation) != 0;
	else
		s->changes += is_whole(s, end);
}

int
litestream_look_local(struct litestream_state *s, struct database *db,
    struct batch *out, struct err *e)
{
	struct litestream_end end = s->local.end;
	struct copy *c = &s->local;
	int64_t monitor = s->setup != NULL ? s->setup->monitor_ms :
	    REPLICA_MONITOR_MS;
	int rc = litestream_local_end(&end, s->version, s->dir, e);

	if (rc == 0) {
		count_changes(s, &end);
		c->end = end;
		c->known = true;
		c->placed = end.salted && copy_place(db, end.salt,
		    end.page_size, end.offset, &c->pos);
		if (!c->placed)
			c->pos = 0;
	}
	litestream_tell_copy(s, db, out, c, "local", rc == 0 ? TOLD_UP :
	    TOLD_DOWN, monitor, 0);
	batch_add(out, litestream_metric(LS_GENERATIONS), (double)s->changes);
	litestream_tell_info(s, out, "local", "local");
	return rc;
}

static int
walk(const struct litestream_state *s, const struct replica *r,
    struct replica_state *st, struct err *e)
{
	struct chain c;

	if (chain_of_directory(&c, st->walked ? &st->chain : NULL,
	    litestream_version_of(r->path), r->path, s->local.end.generation,
	    e) == -1)
		return -1;
	st->chain = c;
	st->walked = true;
	return 0;
}

/* Litestream may have been tidying up while we looked: look again, soon. */
bool
litestream_chain_is_due(const struct litestream_state *s,
    const struct replica_state *st, int64_t now)
{
	int64_t every = st->walked && st->chain.broken ? CHAIN_AGAIN_MS :
	    CHAIN_EVERY_MS;

	return now - s->began_ms >= CHAIN_FIRST_MS &&
	    (st->chain_ms == 0 || now - st->chain_ms >= every);
}

static void
walk_when_due(const struct litestream_state *s, const struct database *db,
    const struct replica *r, struct replica_state *st)
{
	int64_t now = db->mono_ms;
	struct err none;

	if (!litestream_chain_is_due(s, st, now))
		return;
	st->chain_ms = now;
	if (walk(s, r, st, &none) == 0)
		st->chain_at_ms = db->wall_ms;
}

static void
place_file(const struct litestream_state *s, const struct database *db,
    struct replica_state *st, enum litestream_version v)
{
	const struct litestream_end *local = &s->local.end;
	struct copy *c = &st->copy;

	if (v == LITESTREAM_03)
		c->placed = local->salted && local->index >= c->end.index &&
		    copy_place_before(db, local->salt, local->page_size,
		    local->index - c->end.index, c->end.offset, &c->pos);
	else
		c->placed = c->end.salted && copy_place(db, c->end.salt,
		    c->end.page_size, c->end.offset, &c->pos);
	if (!c->placed)
		c->pos = 0;
	/* The same pass of Litestream: as far as the local copy. */
	if (v == LITESTREAM_05 && c->end.index == local->index) {
		c->placed = s->local.placed;
		c->pos = s->local.pos;
	}
	st->ahead = s->local.known && (c->end.index > local->index ||
	    (c->end.index == local->index && v == LITESTREAM_03 &&
	    c->end.offset > local->offset));
}

static int
look_file(struct litestream_state *s, struct database *db, size_t i,
    struct batch *out, struct err *e)
{
	const struct replica *r = &s->setup->replicas[i];
	struct replica_state *st = &s->replicas[i];
	enum litestream_version v = litestream_version_of(r->path);
	int rc = litestream_replica_end(&st->copy.end, v, r->path,
	    s->local.end.generation, e);

	if (rc == 0) {
		st->copy.known = true;
		place_file(s, db, st, v);
		walk_when_due(s, db, r, st);
	}
	litestream_tell_copy(s, db, out, &st->copy, r->name, rc == 0 ?
	    TOLD_UP : TOLD_DOWN, s->setup->monitor_ms + r->sync_ms,
	    r->sync_ms);
	litestream_tell_replica(s, i, out);
	return rc;
}

/* Nobody can say: neither up nor down, and never fine. */
static int
tell_unchecked(struct litestream_state *s, struct database *db, size_t i,
    struct batch *out, struct err *e)
{
	(void)db;
	(void)e;
	litestream_tell_replica(s, i, out);
	return 0;
}

int
litestream_look_replica(struct litestream_state *s, struct database *db,
    size_t i, struct batch *out, struct err *e)
{
	static int (*const looks[REPLICA_TYPE_COUNT])(struct litestream_state *,
	    struct database *, size_t, struct batch *, struct err *) = {
		[REPLICA_FILE] = look_file,
		[REPLICA_S3]   = litestream_look_remote,
	};
	enum replica_type t = s->setup->replicas[i].type;

	return (looks[t] != NULL ? looks[t] : tell_unchecked)(s, db, i, out,
	    e);
}

void
litestream_forget_trail(const struct litestream_state *s, struct database *db)
{
	trail_pos least = s->local.placed ? s->local.pos : 0;

	for (size_t i = 0; s->setup != NULL && i < s->setup->nreplicas; i++) {
		const struct copy *c = &s->replicas[i].copy;

		if (!replica_is_checked(&s->setup->replicas[i]))
			continue;
		if (!c->placed || c->pos < least)
			least = c->placed ? c->pos : 0;
	}
	/* The step that it ends with stays: it says until when. */
	if (least > 0)
		trail_forget(db->wal.unreplicated, least - 1);
}
