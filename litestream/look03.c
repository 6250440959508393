/*
 * look03 - how far a 0.3 replica in a bucket has come.
 *
 * A name tells where a piece of the log starts; where it ends is its length
 * uncompressed, for which the newest piece is read, once.  A day has 86,400
 * pieces, so nothing is ever listed from the beginning when it can be helped:
 * the first time from the log before the local copy's, and further back in
 * growing steps while there is nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "litestream/look.h"
#include "litestream/names.h"

/* Below the logs of the generation; "" gives the prefix of them all. */
static char *
key_of(const struct look *l, const char *name)
{
	char rest[128];

	(void)snprintf(rest, sizeof rest, "generations/%s/wal/%s",
	    l->generation, name);
	return s3_key_03(l->remote->replica, rest);
}

static char *
key_of_piece(const struct look *l, uint64_t index, int64_t offset,
    const char *suffix)
{
	char name[64];

	(void)snprintf(name, sizeof name, "%08llx_%08llx%s",
	    (unsigned long long)index, (unsigned long long)offset, suffix);
	return key_of(l, name);
}

/* Just before the first piece of a log. */
static char *
key_of_log(const struct look *l, uint64_t index)
{
	char name[32];

	(void)snprintf(name, sizeof name, "%08llx", (unsigned long long)index);
	return key_of(l, name);
}

static void
found(struct look *l, int64_t length)
{
	struct litestream_end end = { .index = l->index,
		.offset = l->offset + length };
	struct remote *r = l->remote;

	memcpy(end.generation, l->generation, sizeof end.generation);
	r->piece_index = l->index;
	r->piece_offset = l->offset;
	r->piece_size = l->size;
	r->newest_ms = l->modified_ms;
	look_found(l, &end);
}

static bool
measure(void *arg, const unsigned char *bytes, size_t n)
{
	struct look *l = arg;

	l->damaged = l->damaged ||
	    lz4_meter_feed(&l->meter, bytes, n) == -1;
	return !l->damaged;
}

static void
on_piece(struct look *l, const struct s3_answer *a)
{
	int64_t length = l->damaged ? -1 : lz4_meter_end(&l->meter);

	if (a->fault == S3_MISSING)
		look_fail(l, "%s: its newest piece went away while it was read",
		    l->remote->replica->place);
	else if (length == -1)
		look_fail(l, "%s: its newest piece is truncated or damaged: a "
		    "restore would fail", l->remote->replica->place);
	else
		found(l, length);
}

static bool
is_known_piece(const struct look *l)
{
	const struct remote *r = l->remote;

	return r->known && strcmp(r->end.generation, l->generation) == 0 &&
	    r->piece_index == l->index && r->piece_offset == l->offset &&
	    r->piece_size == l->size;
}

static void
read_piece(struct look *l)
{
	struct s3_question q = { .method = S3_GET, .body = measure };
	char *key;

	if (is_known_piece(l)) {
		found(l, l->remote->end.offset - l->offset);
		return;
	}
	/* Encrypted: it goes on from here at least. */
	if (l->remote->replica->encrypted || l->size > S3_MAX_OBJECT) {
		found(l, 0);
		return;
	}
	key = key_of_piece(l, l->index, l->offset, ".wal.lz4");
	q.key = key;
	lz4_meter_init(&l->meter);
	l->damaged = false;
	look_ask(l, &q, on_piece);
	free(key);
}

static void
take_page(struct look *l, const struct s3_answer *a)
{
	for (size_t i = 0; i < a->nobjects; i++) {
		const struct s3_object *o = &a->objects[i];
		uint64_t index;
		int64_t offset;

		if (!chain_parse_piece(look_base(o->key), &index, &offset) ||
		    (l->found && (index < l->index ||
		    (index == l->index && offset < l->offset))))
			continue;
		l->found = true;
		l->index = index;
		l->offset = offset;
		l->size = o->size;
		l->modified_ms = o->modified_ms - a->skew_ms;
	}
}

static void	list_back(struct look *);

static void
on_page(struct look *l, const struct s3_answer *a)
{
	take_page(l, a);
	if (look_more(l, a)) {
		look_list(l, on_page);
		return;
	}
	if (l->found)
		read_piece(l);
	else if (!l->whole)
		list_back(l);
	else
		look_fail(l, "%s: there is nothing of generation %s: nothing "
		    "has arrived yet, or it is the wrong place",
		    l->remote->replica->place, l->generation);
}

static void
list_after(struct look *l, char *after)
{
	look_set(&l->after, after);
	look_set(&l->prefix, key_of(l, ""));
	l->pages = 0;
	if (l->prefix == NULL)
		look_fail(l, "%s: the path is too long",
		    l->remote->replica->place);
	else
		look_list(l, on_page);
}

/* Twice as many logs before the newest as the last time. */
static void
list_back(struct look *l)
{
	uint64_t index = l->wish->local.index;

	l->back = l->back == 0 ? 1 : l->back * 2;
	l->whole = l->back >= index;
	list_after(l, l->whole ? NULL : key_of_log(l, index - l->back));
}

static void
list_pieces(struct look *l)
{
	const struct remote *r = l->remote;

	/* ".wal.lz" is just before ".wal.lz4": that one is listed too. */
	if (r->known && strcmp(r->end.generation, l->generation) == 0)
		list_after(l, key_of_piece(l, r->piece_index, r->piece_offset,
		    ".wal.lz"));
	else
		list_back(l);
}

static void
take_generation(struct look *l, const char *name)
{
	if (!name_is_generation(name)) {
		look_fail(l, "%s: there is nothing of Litestream 0.3 in it",
		    l->remote->replica->place);
		return;
	}
	memcpy(l->generation, name, sizeof l->generation);
	list_pieces(l);
}

/* Without a local copy: whichever generation has the greatest name is not the
 * newest, for names are random; so there must be only one. */
static void
on_generations(struct look *l, const struct s3_answer *a)
{
	const char *place = l->remote->replica->place;
	char *name = a->nprefixes == 1 ? mem_strdup(a->prefixes[0]) : NULL;

	if (a->nprefixes == 0)
		look_fail(l, "%s: there is nothing of Litestream 0.3: nothing "
		    "has arrived yet, or it is the wrong place", place);
	else if (name == NULL)
		look_fail(l, "%s: there are several generations and no local "
		    "copy that says which is the present one", place);
	else {
		name[strlen(name) - 1] = '\0';	/* the slash */
		take_generation(l, look_base(name));
	}
	free(name);
}

void
look03_begin(struct look *l)
{
	char *key;
	struct s3_question q = { .method = S3_LIST, .delimiter = '/' };

	memcpy(l->generation, l->wish->local.generation,
	    sizeof l->generation);
	if (l->generation[0] != '\0') {
		list_pieces(l);
		return;
	}
	key = s3_key_03(l->remote->replica, "generations/");
	q.key = key;
	look_ask(l, &q, on_generations);
	free(key);
}
