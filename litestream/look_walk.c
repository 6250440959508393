/*
 * look_walk - all the names of a replica in a bucket, for its chain.
 *
 * Once an hour.  0.5 keeps some thousand names, which are listed whole: the
 * listing has level 0 first and a restore reads it last, so they are kept for
 * the while.  0.3 may have 86,400 a day, so its walk goes on where the last one
 * ended, and begins anew with each new snapshot.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "litestream/look.h"
#include "litestream/remote.h"

#define NAMES_MAX	(REMOTE_MAX_PAGES * S3_MAX_KEYS)
#define SNAPSHOTS	9u		/* the level of 0.5's */

struct name {
	unsigned	 level;
	uint64_t	 min, max;
	int64_t		 modified_ms;
};

struct look_names {
	struct name	*list;		/* owned */
	size_t		 n, cap;
};

void
look_names_free(struct look_names *names)
{
	if (names != NULL)
		free(names->list);
	free(names);
}

/* A walk that does not come to its end says nothing; the look itself did. */
static void
give_up(struct look *l)
{
	l->walked = false;
	look_done(l);
}

static void
finish(struct look *l, struct chain *c, uint64_t upto)
{
	(void)chain_end(c, upto);
	l->chain = *c;
	l->walked = true;
	look_done(l);
}

/* "path/0009/1-2.ltx": the level stands before the last slash. */
static bool
parse_name(struct name *n, const char *key)
{
	const char *base = look_base(key);
	char *end;

	if (base - key < 5 || !chain_parse_ltx(base, &n->min, &n->max))
		return false;
	n->level = (unsigned)strtoul(base - 5, &end, 16);
	return end == base - 1 && n->level <= SNAPSHOTS;
}

static void
keep_page(struct look *l, const struct s3_answer *a)
{
	struct look_names *names = l->names;

	for (size_t i = 0; i < a->nobjects; i++) {
		struct name n;

		if (names->n == NAMES_MAX || !parse_name(&n,
		    a->objects[i].key))
			continue;
		n.modified_ms = a->objects[i].modified_ms - a->skew_ms;
		MEM_ROOM(names->list, names->n, names->cap);
		names->list[names->n++] = n;
	}
}

static void
feed_level(struct chain *c, const struct look_names *names, unsigned level)
{
	for (size_t i = 0; i < names->n; i++) {
		const struct name *n = &names->list[i];

		if (n->level != level)
			continue;
		if (level == SNAPSHOTS)
			chain_snapshot(c, n->max, n->modified_ms);
		else
			chain_ltx(c, n->min, n->max);
	}
}

static void
on_names(struct look *l, const struct s3_answer *a)
{
	struct chain c;

	keep_page(l, a);
	if (look_more(l, a)) {
		look_list(l, on_names);
		return;
	}
	if (a->truncated) {
		give_up(l);
		return;
	}
	chain_begin(&c, LITESTREAM_05);
	for (unsigned level = SNAPSHOTS + 1; level-- > 0; )
		feed_level(&c, l->names, level);
	finish(l, &c, l->remote->end.index);
}

static void
walk05(struct look *l)
{
	NEW(l->names);
	look_set(&l->prefix, s3_key_05(l->remote->replica, ""));
	look_set(&l->after, NULL);
	l->pages = 0;
	look_list(l, on_names);
}

static char *
key_of(const struct look *l, const char *what, const char *name)
{
	char rest[128];

	(void)snprintf(rest, sizeof rest, "generations/%s/%s/%s",
	    l->generation, what, name);
	return s3_key_03(l->remote->replica, rest);
}

static void
feed_pieces(struct remote *r, const struct s3_answer *a)
{
	for (size_t i = 0; i < a->nobjects; i++) {
		uint64_t index;
		int64_t offset;

		if (!chain_parse_piece(look_base(a->objects[i].key), &index,
		    &offset))
			continue;
		chain_piece(&r->chain, index, offset, -1);
		look_set(&r->walked_key, mem_strdup(a->objects[i].key));
	}
}

static void
on_pieces(struct look *l, const struct s3_answer *a)
{
	struct remote *r = l->remote;
	struct chain c;

	feed_pieces(r, a);
	if (look_more(l, a)) {
		look_list(l, on_pieces);
		return;
	}
	if (a->truncated) {	/* the next walk goes on from here */
		give_up(l);
		return;
	}
	c = r->chain;		/* which goes on; this one has an end */
	finish(l, &c, r->end.index);
}

/* From the snapshot on, or from where the last walk ended. */
static void
begin_pieces(struct look *l, const struct chain *found)
{
	struct remote *r = l->remote;
	char name[32];

	if (r->walked_key == NULL || !r->chain.has_snapshot ||
	    r->chain.snapshot != found->snapshot ||
	    strcmp(r->walked_generation, l->generation) != 0) {
		r->chain = *found;
		(void)snprintf(name, sizeof name, "%08llx",
		    (unsigned long long)found->snapshot);
		look_set(&r->walked_key, key_of(l, "wal", name));
		memcpy(r->walked_generation, l->generation,
		    sizeof r->walked_generation);
	}
	look_set(&l->prefix, key_of(l, "wal", ""));
	look_set(&l->after, mem_strdup(r->walked_key));
	l->pages = 0;
	look_list(l, on_pieces);
}

static void
on_snapshots(struct look *l, const struct s3_answer *a)
{
	for (size_t i = 0; i < a->nobjects; i++) {
		const struct s3_object *o = &a->objects[i];
		uint64_t index;

		if (chain_parse_snapshot(look_base(o->key), &index))
			chain_snapshot(&l->chain, index,
			    o->modified_ms - a->skew_ms);
	}
	if (look_more(l, a))
		look_list(l, on_snapshots);
	else if (!l->chain.has_snapshot)
		finish(l, &l->chain, 0);
	else {
		const struct chain found = l->chain;

		begin_pieces(l, &found);
	}
}

static void
walk03(struct look *l)
{
	chain_begin(&l->chain, LITESTREAM_03);
	look_set(&l->prefix, key_of(l, "snapshots", ""));
	look_set(&l->after, NULL);
	l->pages = 0;
	look_list(l, on_snapshots);
}

void
look_walk(struct look *l)
{
	if (l->version == LITESTREAM_03)
		walk03(l);
	else
		walk05(l);
}
