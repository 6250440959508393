/*
 * fake_bucket - a bucket in memory, in the place of litestream/s3.c.
 *
 * It answers from the loop, as the real one does, and keeps count of what it
 * was asked, since what a look costs is half of what is tested.
 */
#ifndef TESTS_LITESTREAM_FAKE_BUCKET_H
#define TESTS_LITESTREAM_FAKE_BUCKET_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "litestream/s3.h"

#define BUCKET_MAX	3000
#define PAGE		10	/* keys in a listing: small, to see several */

struct object {
	char		*key;
	unsigned char	*bytes;
	size_t		 n;
	int64_t		 modified_ms;
};

/* One, for the whole program: s3_new() knows of no other. */
static struct {
	struct loop	*loop;
	struct object	 objects[BUCKET_MAX];	/* in order of their keys */
	size_t		 n;
	enum s3_fault	 fault;		/* every answer is that */
	bool		 endless;	/* listings never end */
	bool		 silent;	/* never answers */
	unsigned	 asked[S3_METHOD_COUNT];
	int64_t		 skew_ms;
} bucket;

struct s3 {
	int unused;
};

struct s3_call {
	struct loop_timer timer;
	struct s3_question q;
	char		*key, *after;
	s3_done_fn	*done;
	void		*arg;
	struct s3_answer a;
	struct s3_object objects[PAGE];
	char		 prefixes[PAGE][S3_MAX_KEY + 1];
};

static inline int
by_key(const void *a, const void *b)
{
	const struct object *x = a, *y = b;

	return strcmp(x->key, y->key);
}

static inline void
put(const char *key, const void *bytes, size_t n, int64_t modified_ms)
{
	struct object *o = &bucket.objects[bucket.n++];

	assert_true(bucket.n <= BUCKET_MAX);
	o->key = mem_strdup(key);
	o->bytes = mem_new(1, n + 1);
	memcpy(o->bytes, bytes, n);
	o->n = n;
	o->modified_ms = modified_ms;
	qsort(bucket.objects, bucket.n, sizeof *o, by_key);
}

static inline struct object *
get(const char *key)
{
	for (size_t i = 0; i < bucket.n; i++)
		if (strcmp(bucket.objects[i].key, key) == 0)
			return &bucket.objects[i];
	return NULL;
}

static inline void
drop(const char *key)
{
	struct object *o = get(key);

	if (o == NULL) {
		fail_msg("%s is not there", key);
		return;
	}
	free(o->key);
	free(o->bytes);
	*o = bucket.objects[--bucket.n];
	qsort(bucket.objects, bucket.n, sizeof *o, by_key);
}

static inline void
bucket_empty(void)
{
	for (size_t i = 0; i < bucket.n; i++) {
		free(bucket.objects[i].key);
		free(bucket.objects[i].bytes);
	}
	memset(&bucket, 0, sizeof bucket);
}

/* All requests since the last call. */
static inline unsigned
asked(enum s3_method m)
{
	unsigned n = bucket.asked[m];

	bucket.asked[m] = 0;
	return n;
}

struct s3 *
s3_new(struct wire *wire, const struct replica *r)
{
	struct s3 *s;

	(void)wire;
	(void)r;
	NEW(s);
	return s;
}

void
s3_free(struct s3 *s)
{
	free(s);
}

static inline bool
add_prefix(struct s3_call *c, const char *key)
{
	const char *slash = strchr(key + strlen(c->key), '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - key) + 1;

	if (c->q.delimiter == 0 || n == 0)
		return false;
	if (c->a.nprefixes > 0 && strncmp(c->prefixes[c->a.nprefixes - 1],
	    key, n) == 0)
		return true;
	assert_true(c->a.nprefixes < PAGE);
	memcpy(c->prefixes[c->a.nprefixes], key, n);
	c->prefixes[c->a.nprefixes++][n] = '\0';
	return true;
}

static inline void
list(struct s3_call *c)
{
	size_t prefix = strlen(c->key);

	for (size_t i = 0; i < bucket.n; i++) {
		const struct object *o = &bucket.objects[i];

		if (strncmp(o->key, c->key, prefix) != 0 ||
		    (c->after != NULL && strcmp(o->key, c->after) <= 0) ||
		    add_prefix(c, o->key))
			continue;
		if (c->a.nobjects == PAGE) {
			c->a.truncated = true;
			break;
		}
		memcpy(c->objects[c->a.nobjects].key, o->key,
		    strlen(o->key) + 1);
		c->objects[c->a.nobjects].size = (int64_t)o->n;
		c->objects[c->a.nobjects++].modified_ms = o->modified_ms;
	}
	c->a.objects = c->objects;
	c->a.prefixes = (const char (*)[S3_MAX_KEY + 1])c->prefixes;
	if (bucket.endless && c->a.nobjects > 0)
		c->a.truncated = true;
}

static inline void
look_up(struct s3_call *c)
{
	const struct object *o = get(c->key);
	size_t n;

	if (o == NULL) {
		c->a.fault = S3_MISSING;
		c->a.why = "there is none";
		return;
	}
	c->a.size = (int64_t)o->n;
	c->a.modified_ms = o->modified_ms;
	n = c->q.max_bytes > 0 && (size_t)c->q.max_bytes < o->n ?
	    (size_t)c->q.max_bytes : o->n;
	for (size_t i = 0; c->q.method == S3_GET && i < n; i += 3)
		if (!c->q.body(c->arg, o->bytes + i, n - i < 3 ? n - i : 3))
			break;
}

static inline void
free_call(struct s3_call *c)
{
	free(c->key);
	free(c->after);
	free(c);
}

static inline void
on_bucket(void *arg)
{
	struct s3_call *c = arg;

	c->a = (struct s3_answer){ .status = 200, .size = -1,
		.skew_ms = bucket.skew_ms, .fault = bucket.fault };
	if (bucket.fault != S3_FINE)
		c->a.why = "the bucket is in a bad mood";
	else if (c->q.method == S3_LIST)
		list(c);
	else
		look_up(c);
	c->done(c->arg, &c->a);
	free_call(c);
}

struct s3_call *
s3_ask(struct s3 *s, const struct s3_question *q, s3_done_fn *done, void *arg)
{
	struct s3_call *c;

	(void)s;
	NEW(c);
	c->q = *q;
	c->key = mem_strdup(q->key);
	c->after = q->start_after ? mem_strdup(q->start_after) : NULL;
	c->done = done;
	c->arg = arg;
	c->timer = (struct loop_timer){ .fn = on_bucket, .arg = c };
	bucket.asked[q->method]++;
	if (!bucket.silent)
		loop_timer_set(bucket.loop, &c->timer, mono_ms());
	return c;
}

void
s3_cancel(struct s3_call *c)
{
	loop_timer_clear(bucket.loop, &c->timer);
	free_call(c);
}

#endif
