/*
 * How far a Litestream directory has come: 0.3 and 0.5, local and replica,
 * listed once and then followed by name; what is not of Litestream is no end.
 */
#include "tests/litestream/copies.h"

#include "litestream/files.h"

#define V3	LITESTREAM_03
#define V5	LITESTREAM_05
#define OTHER	"fedcba9876543210"

static int
replica(struct place *p, struct litestream_end *end, const char *generation)
{
	return litestream_replica_end(end, litestream_version_of(p->dir),
	    p->dir, generation, &p->e);
}

#define PIECE(name)	"generations/" GENERATION "/wal/" name ".wal.lz4"

#define ASSERT_END(end, i, o)	do {					\
	assert_int_equal((end).index, (i));				\
	assert_int_equal((end).offset, (o));				\
} while (0)

static const unsigned char header[LTX_HEADER_SIZE] =
	"LTX1" "\0\0\0\2" "\0\1\0\0" "\0\0\0\5"
	"\0\0\0\0\0\0\0\10" "\0\0\0\0\0\0\0\11"
	"\0\0\1\xa2\4\xf3\x61\xfe" "\0\0\0\0\0\0\0\0"
	"\0\0\0\0\0\0\0\40" "\0\0\0\0\0\1\0\30" "saltSALT";

static void
test_version(void **state)
{
	struct place *p = *state;
	struct litestream_end end = { 0 };
	char *old = mem_printf("%s/generations", p->dir);
	const struct timespec now[2] = { { 2000000000, 0 }, { 2000000000, 0 } };

	assert_int_equal(litestream_version_of(p->dir), LITESTREAM_NONE);
	assert_int_equal(litestream_version_of("/nonexistent"),
	    LITESTREAM_NONE);
	assert_int_equal(litestream_local_end(&end, LITESTREAM_NONE, p->dir,
	    &p->e), -1);
	put_piece(p->dir, GENERATION, 0, 0, 32);
	assert_int_equal(litestream_version_of(p->dir), V3);
	/* Upgraded: both are there, and the newer one was touched last. */
	put_ltx(p->dir, 1, 4096, "saltSALT", 32, 4120);
	assert_int_equal(litestream_version_of(p->dir), V5);
	assert_int_equal(utimensat(AT_FDCWD, old, now, 0), 0);
	assert_int_equal(litestream_version_of(p->dir), V3);
	assert_string_equal(litestream_version_name(V3), "0.3");
	assert_string_equal(litestream_version_name(V5), "0.5");
	free(old);
}

static void
test_shadow(void **state)
{
	struct place *p = *state;
	static unsigned char log[32 + 10 * 4120];
	struct litestream_end end = { 0 };

	wal_bytes(log, 4096, "saltSALT");
	put_generation(p->dir, GENERATION);
	put_shadow(p->dir, GENERATION, 0x0f, log, sizeof log);
	put_shadow(p->dir, GENERATION, 0x10, log, 32 + 3 * 4120);
	put_shadow(p->dir, OTHER, 0x20, log, sizeof log);
	assert_int_equal(litestream_local_end(&end, V3, p->dir, &p->e), 0);
	ASSERT_END(end, 0x10, 32 + 3 * 4120);
	assert_string_equal(end.generation, GENERATION);
	assert_true(end.salted);
	assert_memory_equal(end.salt, "saltSALT", 8);
	assert_int_equal(end.page_size, 4096);
	put_generation(p->dir, OTHER);
	assert_int_equal(litestream_local_end(&end, V3, p->dir, &p->e), 0);
	ASSERT_END(end, 0x20, sizeof log);
}

static void
test_bad_shadow(void **state)
{
	struct place *p = *state;
	static const char *const lines[] = {
		"", "0123", "0123456789ABCDEF\n", "../../../../etc/passwd\n",
		"0123456789abcdeg",
	};
	struct litestream_end end = { .index = 7, .offset = 9 };
	unsigned char log[32];

	assert_int_equal(litestream_local_end(&end, V3, p->dir, &p->e), -1);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		put_file(p->dir, "generation", lines[i], strlen(lines[i]));
		assert_int_equal(litestream_local_end(&end, V3, p->dir, &p->e),
		    -1);
		assert_non_null(strstr(p->e.text, "generation"));
	}
	put_generation(p->dir, GENERATION);
	assert_int_equal(litestream_local_end(&end, V3, p->dir, &p->e), -1);
	put_file(p->dir, "generations/" GENERATION "/wal/junk", "", 0);
	assert_int_equal(litestream_local_end(&end, V3, p->dir, &p->e), -1);
	assert_non_null(strstr(p->e.text, "no files of Litestream"));
	wal_bytes(log, 4096, "saltSALT");
	put_shadow(p->dir, GENERATION, 1, log, 31);
	assert_int_equal(litestream_local_end(&end, V3, p->dir, &p->e), -1);
	log[0] = 0;
	put_shadow(p->dir, GENERATION, 1, log, 32);
	assert_int_equal(litestream_local_end(&end, V3, p->dir, &p->e), -1);
	assert_non_null(strstr(p->e.text, "00000001.wal: not a log"));
	ASSERT_END(end, 7, 9);
}

static void
test_pieces(void **state)
{
	struct place *p = *state;
	struct litestream_end end = { 0 };

	put_piece(p->dir, GENERATION, 2, 0, 32 + 4120);
	put_piece(p->dir, GENERATION, 2, 4152, 8240);
	put_piece(p->dir, GENERATION, 1, 0, 1000000);
	assert_int_equal(replica(p, &end, GENERATION), 0);
	ASSERT_END(end, 2, 4152 + 8240);
	assert_string_equal(end.generation, GENERATION);
	assert_int_equal(replica(p, &end, GENERATION), 0);
	ASSERT_END(end, 2, 12392);
	/* Chased: more of this log, then the next two. */
	put_piece(p->dir, GENERATION, 2, 12392, 4120);
	put_piece(p->dir, GENERATION, 2, 16512, 4120);
	assert_int_equal(replica(p, &end, GENERATION), 0);
	ASSERT_END(end, 2, 20632);
	put_piece(p->dir, GENERATION, 3, 0, 4152);
	put_piece(p->dir, GENERATION, 4, 0, 4152);
	put_piece(p->dir, GENERATION, 4, 4152, 4120);
	put_piece(p->dir, GENERATION, 5, 100, 4120);	/* not the first */
	assert_int_equal(replica(p, &end, GENERATION), 0);
	ASSERT_END(end, 4, 8272);
	assert_int_equal(end.start, 4152);
	/* By name: that the old ones were removed does not matter. */
	remove_file(p->dir, PIECE("00000004_00000000"));
	assert_int_equal(replica(p, &end, GENERATION), 0);
	ASSERT_END(end, 4, 8272);
}

/* What was on the replica and is gone is not on it. */
static void
test_pieces_vanish(void **state)
{
	struct place *p = *state;
	const struct timespec then[2] = { { 7, 0 }, { 7, 89000000 } };
	char *path = mem_printf("%s/" PIECE("00000003_00000000"), p->dir);
	struct litestream_end end = { 0 };

	put_piece(p->dir, GENERATION, 3, 0, 4152);
	assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
	put_piece(p->dir, GENERATION, 3, 4152, 4120);
	put_piece(p->dir, GENERATION, 4, 0, 4152);
	assert_int_equal(replica(p, &end, GENERATION), 0);
	ASSERT_END(end, 4, 4152);
	assert_true(end.modified_ms > 1000000000000);
	/* Another file elsewhere does not make up for it. */
	remove_file(p->dir, PIECE("00000003_00000000"));
	assert_int_equal(replica(p, &end, GENERATION), 0);
	ASSERT_END(end, 4, 4152);
	put_piece(p->dir, GENERATION, 3, 0, 4152);
	assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
	remove_file(p->dir, PIECE("00000004_00000000"));
	remove_file(p->dir, PIECE("00000003_00001038"));
	assert_int_equal(replica(p, &end, GENERATION), 0);
	ASSERT_END(end, 3, 4152);
	assert_int_equal(end.start, 0);
	assert_int_equal(end.modified_ms, 7089);
	remove_file(p->dir, PIECE("00000003_00000000"));
	assert_int_equal(replica(p, &end, GENERATION), -1);
	ASSERT_END(end, 3, 4152);
	put_piece(p->dir, GENERATION, 0, 0, 32);
	assert_int_equal(replica(p, &end, GENERATION), 0);
	ASSERT_END(end, 0, 32);
	free(path);
}

static void
test_generation(void **state)
{
	struct place *p = *state;
	struct litestream_end end = { 0 };

	put_piece(p->dir, GENERATION, 9, 0, 4152);
	assert_int_equal(replica(p, &end, GENERATION), 0);
	ASSERT_END(end, 9, 4152);
	assert_int_equal(replica(p, &end, OTHER), -1);	/* not there yet */
	ASSERT_END(end, 9, 4152);
	put_piece(p->dir, OTHER, 0, 0, 32);
	assert_int_equal(replica(p, &end, OTHER), 0);
	ASSERT_END(end, 0, 32);
	assert_string_equal(end.generation, OTHER);
}

static void
test_bad_pieces(void **state)
{
	struct place *p = *state;
	static const char *const names[] = {
		"00000009_00000000.wal", "0000000g_00000000.wal.lz4",
		"00000009-00000000.wal.lz4", "0000009_00000000.wal.lz4",
		"00000009_000000000.wal.lz4", "00000009_00000000.wal.lz4.tmp",
		"0000000A_00000000.wal.lz4",
	};
	struct litestream_end end = { 0 };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *name = mem_printf("generations/" GENERATION "/wal/%s",
		    names[i]);

		put_file(p->dir, name, "x", 1);
		free(name);
	}
	assert_int_equal(replica(p, &end, GENERATION), -1);
	assert_non_null(strstr(p->e.text, "no files of Litestream"));
	put_file(p->dir, "generations/" GENERATION
	    "/wal/00000001_00000000.wal.lz4", "age-encryption", 14);
	assert_int_equal(replica(p, &end, GENERATION), -1);
	assert_non_null(strstr(p->e.text, "encrypted"));
	assert_string_equal(end.generation, "");
	put_piece(p->dir, GENERATION, 1, 0, 100);
	assert_int_equal(replica(p, &end, GENERATION), 0);
	ASSERT_END(end, 1, 100);
	/* Still being written: as far as before. */
	put_file(p->dir, "generations/" GENERATION
	    "/wal/00000001_00000064.wal.lz4", "\x04\x22\x4d\x18\x64\x70", 6);
	assert_int_equal(replica(p, &end, GENERATION), 0);
	ASSERT_END(end, 1, 100);
}

static void
test_ltx_files(void **state)
{
	struct place *p = *state;
	struct litestream_end end = { 0 };

	for (uint64_t i = 1; i <= 20; i++)
		put_ltx(p->dir, i, 4096, "saltSALT", 32 + (i - 1) * 4120, 4120);
	put_file(p->dir, "ltx/0/0000000000000099-0000000000000099.ltx.tmp",
	    "", 0);
	put_file(p->dir, "ltx/0/0000000000000099.ltx", "", 0);
	assert_int_equal(replica(p, &end, ""), 0);
	ASSERT_END(end, 20, 32 + 20 * 4120);
	assert_true(end.salted);
	assert_memory_equal(end.salt, "saltSALT", 8);
	put_ltx(p->dir, 21, 4096, "saltSALT", 82432, 4120);
	put_ltx(p->dir, 22, 4096, "SALTsalt", 32, 8240);	/* a new log */
	put_ltx(p->dir, 24, 4096, "SALTsalt", 32, 99);	/* 23 is to come */
	assert_int_equal(litestream_local_end(&end, V5, p->dir, &p->e), 0);
	ASSERT_END(end, 22, 8272);
	assert_memory_equal(end.salt, "SALTsalt", 8);
	/* Removed by retention: what is there is listed. */
	remove_file(p->dir, "ltx/0/0000000000000016-0000000000000016.ltx");
	assert_int_equal(litestream_local_end(&end, V5, p->dir, &p->e), 0);
	ASSERT_END(end, 24, 32 + 99);
	/* Began anew, with smaller numbers. */
	remove_file(p->dir, "ltx/0/0000000000000018-0000000000000018.ltx");
	assert_int_equal(replica(p, &end, ""), 0);
	ASSERT_END(end, 21, 82432 + 4120);
}

static void
test_no_ltx(void **state)
{
	struct place *p = *state;
	struct litestream_end end = { .index = 7, .offset = 9 };
	char *level0 = mem_printf("%s/ltx/0", p->dir);

	assert_int_equal(litestream_local_end(&end, V5, p->dir, &p->e), -1);
	make_dirs(level0);
	assert_int_equal(mkdir(level0, 0700), 0);
	assert_int_equal(litestream_local_end(&end, V5, p->dir, &p->e), -1);
	put_file(p->dir, "ltx/0/0000000000000001-0000000000000001.ltx", "L", 1);
	assert_int_equal(litestream_local_end(&end, V5, p->dir, &p->e), -1);
	assert_non_null(strstr(p->e.text, "not an LTX file"));
	ASSERT_END(end, 7, 9);
	free(level0);
}

static void
test_ltx_read(void **state)
{
	struct place *p = *state;
	struct ltx_header h = { .commit = 77 };
	struct litestream_end end = { 0 };

	put_ltx(p->dir, 1, 4096, "saltSALT", 32, 8240);
	put_ltx(p->dir, 2, 4096, "saltSALT", 8272, 4120);
	assert_int_equal(ltx_read_local(&h, p->dir, 3, &p->e), -1);
	assert_non_null(strstr(p->e.text, "0000000000000003.ltx: No such"));
	assert_int_equal(h.commit, 77);
	assert_int_equal(ltx_read_local(&h, p->dir, 2, &p->e), 0);
	assert_int_equal(h.commit, 5);
	assert_int_equal(h.offset, 8272);
	assert_int_equal(h.size, 4120);
	assert_int_equal(h.min, 2);
	assert_int_equal(h.max, 2);
	assert_int_equal(replica(p, &end, ""), 0);
	ASSERT_END(end, 2, 12392);
	assert_int_equal(end.start, 8272);
	assert_true(end.modified_ms > 1000000000000);
	/* One that is not the pass of its name would lead astray. */
	put_file(p->dir, "ltx/0/0000000000000003-0000000000000003.ltx",
	    header, sizeof header);
	assert_int_equal(ltx_read_local(&h, p->dir, 3, &p->e), -1);
	assert_non_null(strstr(p->e.text, "holds another TXID, 9"));
	assert_int_equal(replica(p, &end, ""), 0);
	ASSERT_END(end, 2, 12392);
}

static void
test_ltx_header(void **state)
{
	static const struct {
		const char	*why;
		unsigned	 at, bytes;
		uint64_t	 value;
		int		 want;
	} rows[] = {
		{ "as it is",		  0, 1, 'L', 0 },
		{ "other magic",	  3, 1, '2', -1 },
		{ "too small a page",	  8, 4, 511, -1 },
		{ "the smallest page",	  8, 4, 512, 0 },
		{ "the largest page",	  8, 4, 65536, 0 },
		{ "too large a page",	  8, 4, 65537, -1 },
		{ "ends before it begins", 16, 8, 10, -1 },
		{ "no such time",	 32, 8, UINT64_MAX, 0 },
		{ "no such offset",	 48, 8, UINT64_MAX, -1 },
		{ "no such size",	 56, 8, UINT64_MAX, -1 },
		{ "the sum overflows",	 56, 8, INT64_MAX, -1 },
	};
	unsigned char b[LTX_HEADER_SIZE];
	struct ltx_header h;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		memcpy(b, header, sizeof b);
		store_be(b + rows[i].at, rows[i].value, rows[i].bytes);
		h.commit = 77;
		if (ltx_header_parse(&h, b, sizeof b, &e) != rows[i].want)
			fail_msg("%s", rows[i].why);
		assert_int_equal(h.commit, rows[i].want == 0 ? 5 : 77);
	}
	for (size_t n = 0; n < sizeof header; n++)
		assert_int_equal(ltx_header_parse(&h, header, n, &e), -1);
}

static void
test_ltx_fields(void **state)
{
	unsigned char b[LTX_HEADER_SIZE];
	struct litestream_end end;
	struct ltx_header h;
	struct err e;

	(void)state;
	assert_int_equal(ltx_header_parse(&h, header, sizeof header, &e), 0);
	assert_int_equal(h.page_size, 65536);
	assert_int_equal(h.min, 8);
	assert_int_equal(h.max, 9);
	assert_int_equal(h.timestamp_ms, 0x01a204f361fe);
	litestream_end_of(&end, &h);
	ASSERT_END(end, 9, 32 + 65560);
	assert_int_equal(end.start, 32);
	assert_true(end.salted);
	assert_memory_equal(end.salt, "saltSALT", 8);
	memcpy(b, header, sizeof b);
	store_be(b + 32, UINT64_MAX, 8);
	memset(b + 48, 0, 16);		/* compacted: no place */
	assert_int_equal(ltx_header_parse(&h, b, sizeof b, &e), 0);
	assert_int_equal(h.timestamp_ms, 0);
	litestream_end_of(&end, &h);
	assert_false(end.salted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_version), STORY(test_shadow),
		STORY(test_bad_shadow), STORY(test_pieces),
		STORY(test_pieces_vanish), STORY(test_generation),
		STORY(test_bad_pieces), STORY(test_ltx_files),
		STORY(test_no_ltx), STORY(test_ltx_read),
		STORY(test_ltx_header), STORY(test_ltx_fields),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
