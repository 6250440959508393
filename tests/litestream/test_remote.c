/*
 * Looks at a bucket: what is found, and with how many requests.
 */
#include "tests/litestream/scene.h"

static char *
pass_key(unsigned level, uint64_t min, uint64_t max)
{
	return mem_printf("shop/%04x/%016llx-%016llx.ltx", level,
	    (unsigned long long)min, (unsigned long long)max);
}

static const unsigned char pass[200] = "LTX1";

static void
put_pass(unsigned level, uint64_t min, uint64_t max)
{
	char *key = pass_key(level, min, max);

	put(key, pass, sizeof pass, 1000000 + (int64_t)max);
	free(key);
}

static void
drop_pass(uint64_t txid)
{
	char *key = pass_key(0, txid, txid);

	drop(key);
	free(key);
}

static void
put_passes(uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i <= to; i++)
		put_pass(0, i, i);
}

#define ASSERT_ASKED(heads, gets, lists)	do {			\
	assert_int_equal(asked(S3_HEAD), heads);			\
	assert_int_equal(asked(S3_GET), gets);				\
	assert_int_equal(asked(S3_LIST), lists);			\
} while (0)

static void
test_05_level(void **state)
{
	struct scene *s = *state;
	const struct finding *f;

	put_passes(1, 7);
	bucket.skew_ms = 500;
	f = look05(s, 7);
	assert_null(f->why);
	assert_true(f->known);
	assert_int_equal(f->end.index, 7);
	assert_int_equal(f->newest_ms, 1000007 - 500);
	assert_int_equal(f->skew_ms, 500);
	ASSERT_ASKED(1, 0, 0);
	put_passes(8, 8);
	assert_int_equal(look05(s, 8)->end.index, 8);
	ASSERT_ASKED(1, 0, 0);
	assert_int_equal(s->f->requests[S3_HEAD], 2);
	assert_true(s->f->cost == 2);
}

static void
test_05_behind(void **state)
{
	struct scene *s = *state;

	put_passes(1, 7);
	assert_int_equal(look05(s, 9)->end.index, 7);
	ASSERT_ASKED(1, 0, 1);
	/* Known to be behind: the listing comes first. */
	assert_int_equal(look05(s, 30)->end.index, 7);
	ASSERT_ASKED(0, 0, 1);
	put_passes(8, 31);
	assert_int_equal(look05(s, 31)->end.index, 31);
	ASSERT_ASKED(0, 0, 3);		/* pages of ten */
	assert_int_equal(look05(s, 31)->end.index, 31);
	ASSERT_ASKED(1, 0, 0);
}

/* Found at first contact, far behind; the listing begins where it must. */
static void
test_05_first(void **state)
{
	struct scene *s = *state;

	put_passes(1, 5);
	assert_int_equal(look05(s, 100000)->end.index, 5);
	ASSERT_ASKED(1, 0, 2);		/* not there: nor near there: all */
}

static void
test_05_deleted(void **state)
{
	struct scene *s = *state;
	struct wish *w;

	put_passes(1, 7);
	assert_int_equal(look05(s, 7)->end.index, 7);
	drop_pass(7);
	drop_pass(6);
	w = wish_for(s, LITESTREAM_05, 7, 0);
	w->audit = true;
	assert_int_equal(look_for(s, w)->end.index, 5);
}

static void
test_05_empty(void **state)
{
	struct scene *s = *state;
	const struct finding *f = look05(s, 3);

	assert_non_null(f->why);
	assert_non_null(strstr(f->why, "s3://backups/shop: there is nothing"));
	assert_false(f->known);
}

/* Without a local copy the format is found out, and the file says where. */
static void
test_05_alone(void **state)
{
	struct scene *s = *state;
	unsigned char b[200] = "LTX1";
	const struct finding *f;
	char *key = pass_key(0, 9, 9);

	b[10] = 0x10;			/* page size 4096 */
	b[23] = b[31] = 9;
	b[55] = 32;			/* the log's bytes 32 to 32 + 4120 */
	b[62] = 0x10;
	b[63] = 0x18;
	memcpy(b + 64, "saltsalt", 8);
	put(key, b, sizeof b, 5);
	free(key);
	f = look_for(s, wish_for(s, LITESTREAM_NONE, 0, 0));
	assert_null(f->why);
	assert_int_equal(f->end.index, 9);
	assert_true(f->end.salted);
	assert_int_equal(f->end.offset, 32 + 4120);
	assert_memory_equal(f->end.salt, "saltsalt", 8);
	ASSERT_ASKED(0, 1, 2);
}

/* A piece of so many bytes, as one stored block. */
static void
put_piece(unsigned index, unsigned offset, size_t n)
{
	char *key = mem_printf("shop/generations/" GENERATION
	    "/wal/%08x_%08x.wal.lz4", index, offset);
	unsigned char *b = mem_new(1, n + 15);

	memcpy(b, "\x04\x22\x4d\x18\x64\x70\xb9", 7);
	for (unsigned i = 0; i < 4; i++)
		b[7 + i] = (unsigned char)((n | 0x80000000u) >> 8 * i);
	put(key, b, n + 15, 1000 + (int64_t)index);
	free(key);
	free(b);
}

static void
assert_end03(const struct finding *f, uint64_t index, int64_t offset)
{
	if (f->why != NULL)
		fail_msg("%s", f->why);
	assert_string_equal(f->end.generation, GENERATION);
	assert_int_equal(f->end.index, index);
	assert_int_equal(f->end.offset, offset);
}

static void
test_03(void **state)
{
	struct scene *s = *state;

	put_piece(0, 0, 100);
	put_piece(1, 0, 50);
	put_piece(1, 50, 70);
	assert_end03(look03(s, 1, 120), 1, 120);
	ASSERT_ASKED(0, 1, 1);
	/* The same piece is not read twice. */
	assert_end03(look03(s, 1, 200), 1, 120);
	ASSERT_ASKED(0, 0, 1);
	put_piece(1, 120, 80);
	put_piece(2, 0, 33);
	assert_end03(look03(s, 2, 33), 2, 33);
	ASSERT_ASKED(0, 1, 1);
}

/* The replica is many logs behind: ever further back, to the beginning. */
static void
test_03_far_behind(void **state)
{
	struct scene *s = *state;

	put_piece(3, 0, 100);
	assert_end03(look03(s, 900, 1), 3, 100);
	assert_true(asked(S3_LIST) <= 11);
	assert_end03(look03(s, 950, 1), 3, 100);
	assert_int_equal(asked(S3_LIST), 1);
}

static void
test_03_deleted(void **state)
{
	struct scene *s = *state;

	put_piece(0, 0, 100);
	put_piece(0, 100, 50);
	assert_end03(look03(s, 0, 150), 0, 150);
	drop("shop/generations/" GENERATION "/wal/00000000_00000064.wal.lz4");
	assert_end03(look03(s, 0, 160), 0, 100);
}

static void
test_03_damaged(void **state)
{
	struct scene *s = *state;
	const struct finding *f;

	put("shop/generations/" GENERATION "/wal/00000000_00000000.wal.lz4",
	    "\x04\x22\x4d\x18\x64\x70\xb9\x09", 8, 0);
	f = look03(s, 0, 160);
	assert_non_null(strstr(f->why, "truncated or damaged"));
	assert_false(f->known);
}

static void
test_03_alone(void **state)
{
	struct scene *s = *state;

	put_piece(2, 0, 100);
	assert_end03(look_for(s, wish_for(s, LITESTREAM_NONE, 0, 0)),
	    2, 100);
	put("shop/generations/fedcba9876543210/wal/00000000_00000000.wal.lz4",
	    "", 0, 0);
	remotes_forget(s->remotes, "app");
	assert_non_null(strstr(look_for(s, wish_for(s, LITESTREAM_NONE, 0, 0))->why, "several generations"));
}

static void
test_chain(void **state)
{
	struct scene *s = *state;
	struct wish *w;

	put_pass(9, 1, 4);
	put_passes(5, 12);
	w = wish_for(s, LITESTREAM_05, 12, 0);
	w->chain = true;
	assert_true(look_for(s, w)->walked);
	assert_false(s->f->chain.broken);
	assert_int_equal(s->f->chain.snapshot, 4);
	assert_int_equal(s->f->chain.snapshot_ms, 1000004);
	drop_pass(8);
	w = wish_for(s, LITESTREAM_05, 12, 0);
	w->chain = true;
	assert_true(look_for(s, w)->chain.broken);
	assert_null(s->f->why);
}

static void
test_chain_03(void **state)
{
	struct scene *s = *state;
	struct wish *w;
	unsigned lists;

	put("shop/generations/" GENERATION "/snapshots/00000001.snapshot.lz4",
	    "x", 1, 777);
	put_piece(0, 0, 10);		/* before it: does not matter */
	for (unsigned i = 0; i < 25; i++)
		put_piece(1, i * 10, 10);
	w = wish_for(s, LITESTREAM_03, 1, 250);
	w->chain = true;
	assert_true(look_for(s, w)->walked);
	assert_false(s->f->chain.broken);
	assert_int_equal(s->f->chain.snapshot_ms, 777);
	lists = asked(S3_LIST);
	/* The next walk goes on where this one ended. */
	put_piece(2, 0, 10);
	w = wish_for(s, LITESTREAM_03, 2, 10);
	w->chain = true;
	assert_false(look_for(s, w)->chain.broken);
	assert_true(asked(S3_LIST) <= 3 && lists >= 6);
	put_piece(4, 0, 10);		/* and 3 is nowhere */
	w = wish_for(s, LITESTREAM_03, 4, 10);
	w->chain = true;
	assert_true(look_for(s, w)->chain.broken);
}

static void
test_failure(void **state)
{
	struct scene *s = *state;

	put_passes(1, 7);
	assert_int_equal(look05(s, 7)->end.index, 7);
	bucket.fault = S3_FORBIDDEN;
	assert_string_equal(look05(s, 8)->why, "the bucket is in a bad mood");
	assert_int_equal(s->f->end.index, 7);	/* what was known stands */
	(void)asked(S3_HEAD);
	/* Not at once again. */
	assert_false(is_found(s, wish_for(s, LITESTREAM_05, 8, 0), 300));
	ASSERT_ASKED(0, 0, 0);
}

static void
test_budget(void **state)
{
	struct scene *s = *state;

	put_passes(1, 7);
	for (int i = 0; i < 200; i++)
		assert_null(look05(s, 7)->why);
	assert_non_null(strstr(look05(s, 7)->why, "budget"));
	assert_int_equal(s->f->refused, 1);
	assert_int_equal(s->f->requests[S3_HEAD], 200);
}

static void
test_endless(void **state)
{
	struct scene *s = *state;

	put_passes(1, 7);
	bucket.endless = true;
	assert_non_null(look05(s, 9));
	assert_true(asked(S3_LIST) <= REMOTE_MAX_PAGES);
}

/* Let go of while a question is out, and never answered. */
static void
test_forget(void **state)
{
	struct scene *s = *state;

	bucket.silent = true;
	assert_false(is_found(s, wish_for(s, LITESTREAM_05, 8, 0), 50));
	/* A second wish while the first is out changes nothing. */
	assert_false(is_found(s, wish_for(s, LITESTREAM_05, 9, 0), 50));
	ASSERT_ASKED(1, 0, 0);
	remotes_forget(s->remotes, "app");
	bucket.silent = false;
	put_passes(1, 7);
	assert_int_equal(look05(s, 7)->end.index, 7);
}

#define SCENE(fn)	cmocka_unit_test_setup_teardown(fn, begin, finish)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_05_level), SCENE(test_05_behind),
		SCENE(test_05_first), SCENE(test_05_deleted),
		SCENE(test_05_empty), SCENE(test_05_alone), SCENE(test_03),
		SCENE(test_03_far_behind), SCENE(test_03_deleted),
		SCENE(test_03_damaged), SCENE(test_03_alone),
		SCENE(test_chain), SCENE(test_chain_03), SCENE(test_failure),
		SCENE(test_budget), SCENE(test_endless), SCENE(test_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
