/*
 * scene - the looks of remote.c at the bucket of fake_bucket.h, one at a time.
 */
#ifndef TESTS_LITESTREAM_SCENE_H
#define TESTS_LITESTREAM_SCENE_H

#include "tests/litestream/fake_bucket.h"

#include "litestream/remote.h"

#define GENERATION	"0123456789abcdef"
#define LIMIT_MS	5000

/* Nobody asks a bucket here but through the one in memory. */
char *
s3_key_03(const struct replica *r, const char *rest)
{
	return mem_printf("%s%s%s", r->path, r->path[0] ? "/" : "", rest);
}

char *
s3_key_05(const struct replica *r, const char *rest)
{
	return mem_printf("%s/%s", r->path, rest);
}

const char *
s3_method_name(enum s3_method m)
{
	static const char *const names[] = { "head", "get", "list" };

	return names[m];
}

double
s3_method_cost(enum s3_method m)
{
	return m == S3_LIST ? 10 : 1;
}

struct scene {
	struct loop	*loop;
	struct loop_timer limit;
	struct remotes	*remotes;
	struct setup	*setup;
	struct finding	*f;		/* the last one */
	unsigned	 nfound;
};

static inline void
on_found(void *arg, const char *db, struct finding *f)
{
	struct scene *s = arg;

	assert_string_equal(db, "app");
	assert_string_equal(f->replica, "s3");
	finding_free(s->f);
	s->f = f;
	s->nfound++;
	loop_stop(s->loop);
}

static inline void
on_limit(void *arg)
{
	struct scene *s = arg;

	loop_stop(s->loop);
}

static inline int
begin(void **state)
{
	const struct remote_settings settings = { .budget = 200,
		.pause_ms = 3000 };
	struct replica *r;
	struct scene *s;
	struct err e;

	NEW(s);
	bucket_empty();
	s->loop = bucket.loop = loop_new(&e);
	s->remotes = remotes_new(s->loop, NULL, &settings, on_found, s);
	s->limit = (struct loop_timer){ .fn = on_limit, .arg = s };
	s->setup = setup_new();
	r = setup_add(s->setup);
	r->type = REPLICA_S3;
	r->name = mem_strdup("s3");
	r->path = mem_strdup("shop");
	r->place = mem_strdup("s3://backups/shop");
	r->bucket = mem_strdup("backups");
	*state = s;
	return 0;
}

static inline int
finish(void **state)
{
	struct scene *s = *state;

	remotes_free(s->remotes);
	setup_unref(s->setup);
	finding_free(s->f);
	loop_timer_clear(s->loop, &s->limit);
	loop_free(s->loop);
	bucket_empty();
	free(s);
	return 0;
}

static inline struct wish *
wish_for(struct scene *s, enum litestream_version v, uint64_t index,
    int64_t offset)
{
	static int64_t moment;
	struct wish *w;

	NEW(w);
	w->setup = setup_ref(s->setup);
	w->version = v;
	w->local.index = index;
	w->local.offset = offset;
	if (v == LITESTREAM_03)
		memcpy(w->local.generation, GENERATION, 17);
	w->mono_ms = ++moment;
	return w;
}

/* Wish, and wait so long.  True: something was found; it is in s->f. */
static inline bool
is_found(struct scene *s, struct wish *w, int64_t limit_ms)
{
	unsigned before = s->nfound;
	struct err e;

	remotes_wish(s->remotes, "app", w);
	assert_int_equal(s->nfound, before);	/* never at once */
	loop_timer_set(s->loop, &s->limit, mono_ms() + limit_ms);
	assert_int_equal(loop_run(s->loop, &e), 0);
	loop_timer_clear(s->loop, &s->limit);
	return s->nfound > before;
}

static inline const struct finding *
look_for(struct scene *s, struct wish *w)
{
	static const struct finding nothing;

	if (is_found(s, w, LIMIT_MS) && s->f != NULL)
		return s->f;
	fail_msg("nothing was found");
	return &nothing;
}

static inline const struct finding *
look05(struct scene *s, uint64_t local)
{
	return look_for(s, wish_for(s, LITESTREAM_05, local, 0));
}

static inline const struct finding *
look03(struct scene *s, uint64_t index, int64_t offset)
{
	return look_for(s, wish_for(s, LITESTREAM_03, index, offset));
}

#endif
