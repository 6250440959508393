/*
 * The chain of a directory: names in any order, lengths measured once, what
 * cannot be read, and what is none of Litestream's.
 */
#include "tests/litestream/copies.h"

#include "litestream/chain.h"

#define V3	LITESTREAM_03
#define V5	LITESTREAM_05
#define SUB	"generations/" GENERATION "/"

static void
put_snapshot(struct place *p, unsigned index)
{
	char *name = mem_printf(SUB "snapshots/%08x.snapshot.lz4", index);

	put_file(p->dir, name, "x", 1);
	free(name);
}

/* A name is all that is looked at. */
static void
put_level(struct place *p, int level, uint64_t min, uint64_t max)
{
	char *name = mem_printf("ltx/%d/%016llx-%016llx.ltx", level,
	    (unsigned long long)min, (unsigned long long)max);

	put_file(p->dir, name, "x", 1);
	free(name);
}

static void
set_time(struct place *p, const char *name, time_t s)
{
	const struct timespec t[2] = { { s, 0 }, { s, 250000000 } };
	char *path = mem_printf("%s/%s", p->dir, name);

	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
	free(path);
}

static void
walk(struct place *p, struct chain *c, const struct chain *known)
{
	assert_int_equal(chain_of_directory(c, known,
	    litestream_version_of(p->dir), p->dir, GENERATION, &p->e), 0);
}

#define ASSERT_WHOLE(c, i, o, n)	do {				\
	assert_string_equal((c).why, "");				\
	assert_false((c).broken);					\
	assert_int_equal((c).at, (i));					\
	assert_int_equal((c).offset, (o));				\
	assert_int_equal((c).files, (n));				\
} while (0)

static void
put_logs(struct place *p)
{
	put_piece(p->dir, GENERATION, 2, 8272, 4120);
	put_piece(p->dir, GENERATION, 3, 0, 4152);
	put_piece(p->dir, GENERATION, 2, 0, 4152);
	put_piece(p->dir, GENERATION, 2, 4152, 4120);
	put_piece(p->dir, GENERATION, 1, 0, 32);
	put_snapshot(p, 2);
	put_snapshot(p, 0);
	set_time(p, SUB "snapshots/00000002.snapshot.lz4", 9);
}

static void
test_pieces(void **state)
{
	struct place *p = *state;
	struct chain c;

	put_logs(p);
	put_file(p->dir, SUB "wal/00000003_00000007.wal.lz4.tmp", "", 0);
	put_file(p->dir, SUB "snapshots/00000009.snapshot.lz4.tmp", "", 0);
	walk(p, &c, NULL);
	ASSERT_WHOLE(c, 3, 4152, 4);
	assert_true(c.measured && c.has_snapshot);
	assert_int_equal(c.snapshot, 2);
	assert_int_equal(c.snapshot_ms, 9250);
	assert_string_equal(c.generation, GENERATION);
	remove_file(p->dir, SUB "wal/00000002_00001038.wal.lz4");
	walk(p, &c, NULL);
	assert_string_equal(c.why,
	    "the pieces from 00000002:4152 on are missing");
	remove_file(p->dir, SUB "snapshots/00000002.snapshot.lz4");
	remove_file(p->dir, SUB "snapshots/00000000.snapshot.lz4");
	walk(p, &c, NULL);
	assert_string_equal(c.why, "there is no snapshot");
}

/* A known piece is not opened again: nobody notices that it is damaged. */
static void
test_known(void **state)
{
	struct place *p = *state;
	struct chain was, c;

	put_logs(p);
	walk(p, &was, NULL);
	put_file(p->dir, SUB "wal/00000002_00001038.wal.lz4", "", 0);
	put_piece(p->dir, GENERATION, 3, 4152, 100);
	walk(p, &c, &was);
	ASSERT_WHOLE(c, 3, 4252, 5);
	walk(p, &c, NULL);
	assert_string_equal(c.why,
	    "the piece 00000002:4152 is truncated or damaged");
	/* From a hole on, once it is filled. */
	put_piece(p->dir, GENERATION, 2, 4152, 4120);
	walk(p, &was, &c);
	ASSERT_WHOLE(was, 3, 4252, 5);
	/* One of them is gone: all are measured. */
	remove_file(p->dir, SUB "wal/00000002_00001038.wal.lz4");
	walk(p, &c, &was);
	assert_string_equal(c.why,
	    "the pieces from 00000002:4152 on are missing");
	/* A newer snapshot makes up for it. */
	put_snapshot(p, 3);
	walk(p, &c, &was);
	ASSERT_WHOLE(c, 3, 4252, 2);
	/* The newest are gone: a replica that lags. */
	remove_file(p->dir, SUB "wal/00000003_00001038.wal.lz4");
	walk(p, &was, &c);
	ASSERT_WHOLE(was, 3, 4152, 1);
	/* Of another generation nothing is known. */
	(void)snprintf(was.generation, sizeof was.generation, "%s",
	    "fedcba9876543210");
	put_file(p->dir, SUB "wal/00000003_00000000.wal.lz4", "", 0);
	walk(p, &c, &was);
	assert_true(c.broken);
}

/* Encrypted pieces have no length; that is no damage. */
static void
test_unmeasured(void **state)
{
	struct place *p = *state;
	struct chain c;

	put_snapshot(p, 0);
	put_piece(p->dir, GENERATION, 0, 0, 4152);
	put_file(p->dir, SUB "wal/00000000_00001038.wal.lz4", "age-encr", 8);
	put_file(p->dir, SUB "wal/00000000_0000aaaa.wal.lz4", "age-encr", 8);
	put_file(p->dir, SUB "wal/00000001_00000000.wal.lz4", "age-encr", 8);
	walk(p, &c, NULL);
	ASSERT_WHOLE(c, 1, -1, 4);
	assert_false(c.measured);
	walk(p, &c, &c);
	ASSERT_WHOLE(c, 1, -1, 4);
	put_file(p->dir, SUB "wal/00000003_00000000.wal.lz4", "age-encr", 8);
	walk(p, &c, NULL);
	assert_string_equal(c.why, "the logs from 00000002 on are missing");
	put_file(p->dir, SUB "wal/00000000_00001038.wal.lz4",
	    "\x04\x22\x4d\x18\x64\x70\xb9\1\0\0", 10);
	walk(p, &c, NULL);
	assert_string_equal(c.why,
	    "the piece 00000000:4152 is truncated or damaged");
}

static void
test_ltx(void **state)
{
	struct place *p = *state;
	struct chain c;

	put_level(p, 0, 1, 1);
	put_level(p, 0, 2, 2);
	walk(p, &c, NULL);
	ASSERT_WHOLE(c, 2, 0, 2);
	assert_false(c.has_snapshot);
	put_level(p, 9, 1, 20);
	put_level(p, 9, 1, 9);
	put_level(p, 9, 5, 90);		/* it does not begin at the beginning */
	put_level(p, 2, 1, 30);
	put_level(p, 1, 31, 34);
	put_level(p, 1, 39, 41);
	for (uint64_t i = 35; i <= 45; i++)
		put_level(p, 0, i, i);
	set_time(p, "ltx/9/0000000000000001-0000000000000014.ltx", 7);
	walk(p, &c, NULL);
	ASSERT_WHOLE(c, 45, 0, 14);
	assert_int_equal(c.snapshot, 20);
	assert_int_equal(c.snapshot_ms, 7250);
	remove_file(p->dir, "ltx/0/000000000000002a-000000000000002a.ltx");
	remove_file(p->dir, "ltx/0/0000000000000027-0000000000000027.ltx");
	walk(p, &c, NULL);
	assert_string_equal(c.why, "TXID 42 is missing");
	assert_int_equal(c.at, 41);
}

static void
test_not_there(void **state)
{
	struct place *p = *state;
	static const char *const generations[] = {
		"", "..", "0123456789ABCDEF", GENERATION "0", GENERATION "/..",
	};
	struct chain c = { .at = 77 };

	assert_int_equal(chain_of_directory(&c, NULL, LITESTREAM_NONE, p->dir,
	    GENERATION, &p->e), -1);
	assert_int_equal(chain_of_directory(&c, NULL, V3, p->dir, GENERATION,
	    &p->e), -1);
	assert_non_null(strstr(p->e.text, GENERATION ": No such file"));
	assert_int_equal(chain_of_directory(&c, NULL, V5, p->dir, "", &p->e),
	    -1);
	assert_non_null(strstr(p->e.text, "/ltx: No such file"));
	put_logs(p);
	for (size_t i = 0; i < sizeof generations / sizeof *generations; i++) {
		assert_int_equal(chain_of_directory(&c, NULL, V3, p->dir,
		    generations[i], &p->e), -1);
		assert_non_null(strstr(p->e.text, "is not known"));
	}
	put_file(p->dir, "ltx/1", "", 0);
	assert_int_equal(chain_of_directory(&c, NULL, V5, p->dir, "", &p->e),
	    -1);
	assert_non_null(strstr(p->e.text, "/ltx/1: Not a directory"));
	assert_int_equal(c.at, 77);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_pieces), STORY(test_known),
		STORY(test_unmeasured), STORY(test_ltx),
		STORY(test_not_there),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
