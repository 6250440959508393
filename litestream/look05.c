/*
 * look05 - how far a 0.5 replica in a bucket has come.
 *
 * The local copy's newest pass is known, so mostly one HEAD answers.  When that
 * pass is not there one listing tells how far it is; and from then on, until it
 * has caught up, the listing comes first.  The last pass known is listed again
 * with what is new: when it is gone, somebody has deleted the newest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "litestream/look.h"

/* More than Litestream keeps at level 0 (5 minutes of a pass a second). */
#define RECENT	900u

static char *
key_of(const struct look *l, uint64_t txid)
{
	char rest[64];

	(void)snprintf(rest, sizeof rest, "0000/%016llx-%016llx.ltx",
	    (unsigned long long)txid, (unsigned long long)txid);
	return s3_key_05(l->remote->replica, rest);
}

static void
found(struct look *l, uint64_t txid)
{
	struct litestream_end end = { .index = txid };

	l->remote->behind = txid < l->wish->local.index;
	look_found(l, &end);
}

static bool
keep_head(void *arg, const unsigned char *bytes, size_t n)
{
	struct look *l = arg;
	size_t room = sizeof l->head - l->nhead;

	n = n < room ? n : room;
	memcpy(l->head + l->nhead, bytes, n);
	l->nhead += n;
	return l->nhead < sizeof l->head;
}

static void
on_head_bytes(struct look *l, const struct s3_answer *a)
{
	struct litestream_end end = { 0 };
	struct ltx_header h;
	struct err e;

	if (a->fault == S3_MISSING)
		look_fail(l, "%s: its newest file went away while it was read",
		    l->remote->replica->place);
	else if (ltx_header_parse(&h, l->head, l->nhead, &e) == -1)
		look_fail(l, "%s: its newest file is damaged: %s",
		    l->remote->replica->place, e.text);
	else {
		litestream_end_of(&end, &h);
		look_found(l, &end);
	}
}

/* There is no local copy to look into: the pass itself says where it ends. */
static void
ask_header(struct look *l)
{
	char *key = key_of(l, l->index);
	const struct s3_question q = { .method = S3_GET, .key = key,
		.max_bytes = LTX_HEADER_SIZE, .body = keep_head };

	l->nhead = 0;
	look_ask(l, &q, on_head_bytes);
	free(key);
}

static void
take_page(struct look *l, const struct s3_answer *a)
{
	for (size_t i = 0; i < a->nobjects; i++) {
		const struct s3_object *o = &a->objects[i];
		uint64_t min, max;

		if (!chain_parse_ltx(look_base(o->key), &min, &max) ||
		    (l->found && max < l->index))
			continue;
		l->found = true;
		l->index = max;
		l->modified_ms = o->modified_ms - a->skew_ms;
	}
}

static void	list_from(struct look *, uint64_t txid, bool known);

static void
on_page(struct look *l, const struct s3_answer *a)
{
	take_page(l, a);
	if (look_more(l, a))
		look_list(l, on_page);
	else if (!l->found && !l->whole)
		list_from(l, 0, false);
	else if (!l->found)
		look_fail(l, "%s: there is nothing of Litestream 0.5: nothing "
		    "has arrived yet, or it is the wrong place",
		    l->remote->replica->place);
	else {
		l->remote->newest_ms = l->modified_ms;
		if (l->wish->local.index == 0)
			ask_header(l);
		else
			found(l, l->index);
	}
}

/* Behind this pass; known: it is listed too, so that its loss is seen. */
static void
list_from(struct look *l, uint64_t txid, bool known)
{
	char *key = key_of(l, txid);

	look_set(&l->prefix, s3_key_05(l->remote->replica, "0000/"));
	if (key == NULL || l->prefix == NULL) {
		free(key);
		look_fail(l, "%s: the path is too long",
		    l->remote->replica->place);
		return;
	}
	if (known)
		key[strlen(key) - 1] = '\0';	/* just before it */
	l->whole = txid == 0;
	if (l->whole)
		look_set(&key, NULL);
	look_set(&l->after, key);
	l->pages = 0;
	look_list(l, on_page);
}

static void
list(struct look *l)
{
	const struct remote *r = l->remote;
	uint64_t here = l->wish->local.index;

	if (r->known && !l->wish->audit)
		list_from(l, r->end.index, true);
	else
		list_from(l, here > RECENT ? here - RECENT : 0, false);
}

static void
on_head(struct look *l, const struct s3_answer *a)
{
	if (a->fault == S3_MISSING) {
		list(l);
		return;
	}
	/* A proxy may say yes to everything. */
	if (a->modified_ms == 0 || a->size < LTX_HEADER_SIZE) {
		look_fail(l, "%s answers, but not as a bucket does",
		    l->remote->replica->place);
		return;
	}
	l->remote->newest_ms = a->modified_ms - a->skew_ms;
	found(l, l->wish->local.index);
}

void
look05_begin(struct look *l)
{
	struct s3_question q = { .method = S3_HEAD };
	char *key;

	if (l->wish->local.index == 0 || l->remote->behind) {
		list(l);
		return;
	}
	key = key_of(l, l->wish->local.index);
	if (key == NULL) {
		list(l);	/* which says what is wrong */
		return;
	}
	q.key = key;
	look_ask(l, &q, on_head);
	free(key);
}
