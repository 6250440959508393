/*
 * Chains of names: what is whole, and what is said about a hole.  A row is a
 * listing, a word per file:
 *
 *	S3		a snapshot: an index, or the TXID it goes up to
 *	3:4152+100	0.3: a piece of log 3 from 4152 on, 100 bytes long
 *	3:4152		the same, of unknown length; 3:4152! is damaged
 *	4-7		0.5: a file with these TXIDs
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "litestream/chain.h"

#define V3	LITESTREAM_03
#define V5	LITESTREAM_05

static const char *
take(struct chain *c, const char *p)
{
	char *end;
	uint64_t a, b;
	int64_t length = -1;

	if (*p == 'S') {
		a = strtoull(p + 1, &end, 10);
		chain_snapshot(c, a, (int64_t)a * 1000);
		return end;
	}
	a = strtoull(p, &end, 10);
	if (*end == '-') {
		b = strtoull(end + 1, &end, 10);
		chain_ltx(c, a, b);
		return end;
	}
	assert_int_equal(*end, ':');
	b = strtoull(end + 1, &end, 10);
	if (*end == '!') {
		chain_damaged(c, a, (int64_t)b);
		return end + 1;
	}
	if (*end == '+')
		length = strtoll(end + 1, &end, 10);
	chain_piece(c, a, (int64_t)b, length);
	return end;
}

static bool
walk(struct chain *c, enum litestream_version v, const char *files,
    uint64_t end)
{
	chain_begin(c, v);
	for (const char *p = files; *p != '\0'; p += *p == ' ')
		p = take(c, p);
	return chain_end(c, end);
}

struct row {
	const char	*name, *files;
	uint64_t	 end;		/* what chain_end is told */
	const char	*why;		/* "": whole */
	uint64_t	 at;
	int64_t		 offset;
};

static void
check(enum litestream_version v, const struct row *rows, size_t n)
{
	struct chain c;

	for (size_t i = 0; i < n; i++) {
		bool whole = walk(&c, v, rows[i].files, rows[i].end);

		if (strcmp(c.why, rows[i].why) != 0 || whole == c.broken ||
		    whole != (*rows[i].why == '\0'))
			fail_msg("%s: \"%s\"", rows[i].name, c.why);
		if (c.at != rows[i].at || c.offset != rows[i].offset)
			fail_msg("%s: at %llu:%lld", rows[i].name,
			    (unsigned long long)c.at, (long long)c.offset);
	}
}

static void
test_pieces(void **state)
{
	static const struct row rows[] = {
		{ "nothing at all", "", 0, "there is no snapshot", 0, 0 },
		{ "no snapshot", "0:0+100 0:100+50", 0,
		  "there is no snapshot", 0, 0 },
		{ "only a snapshot", "S3", 0, "", 3, 0 },
		{ "one log", "S0 0:0+100 0:100+50 0:150+7", 0, "", 0, 157 },
		{ "three logs", "S0 0:0+100 0:100+50 1:0+32 2:0+9", 2, "", 2,
		  9 },
		{ "the newest snapshot counts", "S0 S2 0:0+1 2:0+9 2:9+1", 2,
		  "", 2, 10 },
		{ "snapshots in any order", "S2 S0 2:0+9", 2, "", 2, 9 },
		{ "a hole before the snapshot is none",
		  "S2 0:0+5 0:9+5 2:0+9 2:9+1", 2, "", 2, 10 },
		{ "a hole in a log", "S3 3:0+4152 3:8272+100 4:0+9", 4,
		  "the pieces from 00000003:4152 on are missing", 3, 4152 },
		{ "the beginning is missing", "S3 3:4152+100", 3,
		  "the pieces from 00000003:0 on are missing", 3, 0 },
		{ "the snapshot's log is missing", "S3 4:0+100", 4,
		  "the pieces from 00000003:0 on are missing", 3, 0 },
		{ "the next log begins late", "S3 3:0+10 4:10+10", 4,
		  "the pieces from 00000003:10 on are missing", 3, 10 },
		{ "a log is missing", "S3 3:0+10 5:0+10", 5,
		  "the pieces from 00000003:10 on are missing", 3, 10 },
		{ "the first hole is told", "S3 3:0+10 5:0+10 9:7+3", 9,
		  "the pieces from 00000003:10 on are missing", 3, 10 },
		{ "the newest log is missing", "S3 3:0+10", 4,
		  "the pieces from 00000003:10 on are missing", 3, 10 },
		{ "one is there twice", "S3 3:0+10 3:5+10", 3,
		  "the piece 00000003:5 begins before the one in front of it "
		  "ends", 3, 10 },
		{ "no lengths", "S3 3:0 3:99 4:0 4:7", 4, "", 4, -1 },
		{ "no lengths, a log is missing", "S3 3:0 3:99 5:0", 5,
		  "the logs from 00000004 on are missing", 3, -1 },
		{ "no lengths, a beginning is missing", "S3 3:0 4:7", 4,
		  "the logs from 00000004 on are missing", 3, -1 },
		{ "one damaged", "S3 3:0+10 3:10! 3:20+1", 3,
		  "the piece 00000003:10 is truncated or damaged", 3, 10 },
		{ "damaged and behind a hole", "S3 3:0+10 3:20!", 3,
		  "the pieces from 00000003:10 on are missing", 3, 10 },
		{ "damaged before the snapshot", "S3 2:0! 3:0+1", 3, "", 3, 1 },
	};
	struct chain c;

	(void)state;
	check(V3, rows, sizeof rows / sizeof *rows);
	assert_true(walk(&c, V3, "S2 S0 1:0+5 2:0+9 2:9+4", 0));
	assert_true(c.measured);
	assert_int_equal(c.files, 2);
	assert_int_equal(c.snapshot, 2);
	assert_int_equal(c.snapshot_ms, 2000);
	assert_true(walk(&c, V3, "S2 2:0+9 2:9", 0));
	assert_false(c.measured);
}

static void
test_ltx(void **state)
{
	static const struct row rows[] = {
		{ "nothing at all", "", 0, "there is no snapshot", 0, 0 },
		{ "only a snapshot", "S7", 0, "", 7, 0 },
		{ "as it should be", "S7 1-4 5-9 10-14 9-9 14-14 15-15", 15,
		  "", 15, 0 },
		{ "old and new on every level",
		  "S7 1-3 4-7 1-9 10-12 8-12 13-13", 13, "", 13, 0 },
		{ "young: TXID 1 has everything", "1-1 2-2 3-3", 3, "", 3, 0 },
		{ "young: compacted", "1-3 3-3 4-4", 4, "", 4, 0 },
		{ "no snapshot, and 1 is gone", "2-2 3-3", 3,
		  "there is no snapshot", 0, 0 },
		{ "one is missing", "S7 8-8 10-10", 10, "TXID 9 is missing", 8,
		  0 },
		{ "some are missing", "S7 8-17 25-30", 30,
		  "TXIDs 18 to 24 are missing", 17, 0 },
		{ "the snapshot's next is missing", "S7 9-9", 9,
		  "TXID 8 is missing", 7, 0 },
		{ "a lower level has it", "S7 8-9 20-30 10-10 11-19", 30, "",
		  30, 0 },
		{ "two levels, each with what the other lacks",
		  "S7 8-9 20-29 40-49 10-19 30-39 50-50", 50, "", 50, 0 },
		{ "by halves", "S7 12-13 10-11 8-9", 13, "", 13, 0 },
		{ "the first hole is told", "S7 20-20 30-30 12-12 8-9", 30,
		  "TXIDs 10 to 11 are missing", 9, 0 },
		{ "overlapping", "S7 5-12 10-20 15-18 21-21", 21, "", 21, 0 },
		{ "the newest of level 0 is not reached", "S7 8-9", 12,
		  "TXIDs 10 to 12 are missing", 9, 0 },
		{ "a file that ends before it begins", "S7 9-8 12-3 8-8", 8, "",
		  8, 0 },
		{ "the largest number", "S7 8-18446744073709551615", 9, "",
		  UINT64_MAX, 0 },
		{ "the largest number, beyond a hole",
		  "S7 18446744073709551615-18446744073709551615", 9,
		  "TXIDs 8 to 18446744073709551614 are missing", 7, 0 },
		{ "more holes than are kept",
		  "S1 3-3 5-5 7-7 9-9 11-11 13-13 15-15 17-17 19-19 21-21 "
		  "23-23 25-25 27-27 29-29 31-31 33-33 35-35 37-37 2-2 4-4",
		  37, "TXID 6 is missing", 5, 0 },
	};
	struct chain c;

	(void)state;
	check(V5, rows, sizeof rows / sizeof *rows);
	assert_true(walk(&c, V5, "S7 1-7 8-9 9-9 10-10", 0));
	assert_int_equal(c.files, 3);
	assert_int_equal(c.snapshot, 7);
	assert_int_equal(c.snapshot_ms, 7000);
	assert_false(c.measured);
	assert_true(walk(&c, V5, "1-7", 0));
	assert_false(c.has_snapshot);
}

static void
test_names(void **state)
{
	static const struct {
		const char	*name;
		char		 kind;		/* 'p', 'l', 's'; or 0 */
		uint64_t	 a, b;
	} rows[] = {
		{ "0000000a_00001038.wal.lz4", 'p', 10, 4152 },
		{ "ffffffff_ffffffff.wal.lz4", 'p', UINT32_MAX, UINT32_MAX },
		{ "0000000000000001-00000000000000ff.ltx", 'l', 1, 255 },
		{ "ffffffffffffffff-ffffffffffffffff.ltx", 'l', UINT64_MAX,
		  UINT64_MAX },
		{ "0000000f.snapshot.lz4", 's', 15, 0 },
		{ "", 0, 0, 0 }, { ".", 0, 0, 0 }, { "0000000a", 0, 0, 0 },
		{ "0000000a.wal", 0, 0, 0 }, { "0000000a_", 0, 0, 0 },
		{ "0000000A_00001038.wal.lz4", 0, 0, 0 },
		{ "0000000a_00001038.wal.lz4.tmp", 0, 0, 0 },
		{ "0000000a_000001038.wal.lz4", 0, 0, 0 },
		{ "0000000000000001-00000000000000ff.ltx.tmp", 0, 0, 0 },
		{ "0000000000000001_00000000000000ff.ltx", 0, 0, 0 },
		{ "0000000000000001-", 0, 0, 0 },
		{ "0000000f.snapshot.lz4.tmp", 0, 0, 0 },
		{ "000000f.snapshot.lz4", 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *name = rows[i].name;
		uint64_t a = 0, b = 0;
		int64_t offset = 0;
		char kind = 0;

		if (chain_parse_piece(name, &a, &offset)) {
			kind = 'p';
			b = (uint64_t)offset;
		} else if (chain_parse_ltx(name, &a, &b))
			kind = 'l';
		else if (chain_parse_snapshot(name, &a))
			kind = 's';
		assert_int_equal(kind, rows[i].kind);
		if (kind != 0)
			assert_true(a == rows[i].a &&
			    b * (kind != 's') == rows[i].b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces), cmocka_unit_test(test_ltx),
		cmocka_unit_test(test_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
