/*
 * /proc/locks: what fs/locks.c prints is read, who waits is left out, and
 * merged ranges overlap what they were merged from.
 */
#include "tests/collectors/app.h"

#include <sys/sysmacros.h>

#include "base/buf.h"
#include "collectors/format.h"
#include "collectors/locktable.h"

static void
test_lines(void **state)
{
	static const struct {
		const char	*line;
		struct lock	 want;
	} rows[] = {
		{ "1: POSIX  ADVISORY  WRITE 1234 fe:00:5678 120 120\n",
		    { 5678, 0xfe, 0, 1234, 120, 120, true } },
		{ "17: POSIX  ADVISORY  READ  7 08:1f:99 127 128",
		    { 99, 8, 0x1f, 7, 127, 128, false } },
		{ "3: POSIX  ADVISORY  WRITE 12 00:2d:1 0 EOF\n",
		    { 1, 0, 0x2d, 12, 0, INT64_MAX, true } },
		{ "4: OFDLCK ADVISORY  READ -1 103:02:18446744073709551615 "
		    "1073741826 1073742335\n",
		    { UINT64_MAX, 0x103, 2, -1, 1073741826, 1073742335,
		    false } },
		{ "5: POSIX  MANDATORY READ  8 fd:01:2 9 9\n",
		    { 2, 0xfd, 1, 8, 9, 9, false } },
	};
	struct lock l;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!locktable_parse_line(&l, rows[i].line))
			fail_msg("%s", rows[i].line);
		assert_true(l.ino == rows[i].want.ino);
		assert_int_equal(l.dev_major, rows[i].want.dev_major);
		assert_int_equal(l.dev_minor, rows[i].want.dev_minor);
		assert_int_equal(l.pid, rows[i].want.pid);
		assert_int_equal(l.start, rows[i].want.start);
		assert_true(l.end == rows[i].want.end);
		assert_int_equal(l.write, rows[i].want.write);
	}
}

static void
test_not_held(void **state)
{
	static const char *const lines[] = {
		"1: -> POSIX  ADVISORY  WRITE 1234 fe:00:5678 120 120\n",
		"1:  -> OFDLCK ADVISORY  READ  -1 fe:00:5678 120 120\n",
		"2: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF\n",
		"2: LEASE  ACTIVE    READ  1234 fe:00:5678 0 EOF\n",
		"2: DELEG  BREAKING  READ  1234 fe:00:5678 0 EOF\n",
		"2: POSIX  ADVISORY  WRITE 1234 <none>:0 0 EOF\n",
		"2: POSIX  ADVISORY  WRITE 1234 fe:00:5678 0\n",
		"2: POSIX  ADVISORY  WRITE x fe:00:5678 0 1\n",
		"2: POSIX  ADVISORY  WRITE 1 fe:00:5678 0 1x\n",
		"2: POSIX  ADVISORY  WRITE 1 fe:00:5678 0 E\n",
		"2: POSIX  ADVISORY  WRITE 1 fe:00:5678 9 8\n",
		"POSIX  ADVISORY  WRITE 1 fe:00:5678 0 1\n",
		"", "\n", ":::::", "1: POSIX", "%s%n",
	};
	struct lock l;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (locktable_parse_line(&l, lines[i]))
			fail_msg("%s", lines[i]);
}

static struct locktable *
table_of(struct place *p, const char *text)
{
	char *path = mem_printf("%s/locks", p->dir);
	struct locktable *t;
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
	t = locktable_read(path, &p->e);
	assert_non_null(t);
	free(path);
	return t;
}

static void
test_holders(void **state)
{
	static const char text[] =
	    "1: POSIX  ADVISORY  READ  11 08:02:500 127 128\n"
	    "2: POSIX  ADVISORY  READ  12 08:02:500 128 128\n"
	    "2: -> POSIX  ADVISORY  WRITE 19 08:02:500 128 128\n"
	    "3: POSIX  ADVISORY  WRITE 12 08:02:500 120 120\n"
	    "4: OFDLCK ADVISORY  READ  -1 08:02:500 128 128\n"
	    "5: POSIX  ADVISORY  READ  13 08:03:500 128 128\n"
	    "6: POSIX  ADVISORY  READ  14 08:02:501 128 128\n"
	    "7: POSIX  ADVISORY  READ  15 08:02:499 0 EOF\n"
	    "8: POSIX  ADVISORY  READ  16 00:1f:600 128 128\n";
	static const struct {
		unsigned	 minor, ino, start, end, want;
		int64_t		 first;
	} rows[] = {
		{ 2, 500, 128, 128, 3, 11 },
		{ 2, 500, 127, 127, 1, 11 },
		{ 2, 500, 120, 120, 1, 12 },
		{ 2, 500, 120, 128, 3, 11 },	/* each once */
		{ 2, 500, 121, 126, 0, 0 },
		{ 2, 500, 129, 200, 0, 0 },
		{ 3, 500, 128, 128, 1, 13 },
		{ 2, 501, 128, 128, 1, 14 },
		{ 2, 499, 1u << 30, 1u << 30, 1, 15 },
		{ 2, 502, 128, 128, 0, 0 },
		/* A device that stat(2) does not know: the inode must do. */
		{ 2, 600, 128, 128, 1, 16 },
	};
	struct locktable *t = table_of(*state, text);
	int64_t pids[4];

	assert_int_equal(t->n, 8);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t n = locktable_holders(t, makedev(8, rows[i].minor),
		    rows[i].ino, rows[i].start, rows[i].end, pids, 4);
		bool first = n == 0;

		assert_int_equal(n, rows[i].want);
		for (size_t j = 0; j < n; j++)
			first |= pids[j] == rows[i].first;
		assert_true(first);
	}
	assert_int_equal(locktable_holders(t, makedev(8, 2), 500, 128, 128,
	    pids, 2), 2);
	assert_int_equal(locktable_holders(t, makedev(8, 2), 500, 128, 128,
	    pids, 0), 0);
	locktable_free(t);
}

/* Who has other databases open than the one on inode 500? */
static void
test_elsewhere(void **state)
{
	struct locktable *t = table_of(*state,
	    "1: POSIX  ADVISORY  READ  11 08:02:500 128 128\n"
	    "2: POSIX  ADVISORY  READ  12 08:02:500 127 128\n"
	    "3: POSIX  ADVISORY  READ  12 08:02:501 127 128\n"
	    "4: POSIX  ADVISORY  READ  13 08:02:501 128 128\n"
	    "5: POSIX  ADVISORY  READ  11 08:02:502 0 EOF\n"
	    "6: POSIX  ADVISORY  READ  11 08:02:503 100 128\n"
	    "7: POSIX  ADVISORY  WRITE 11 08:02:504 128 128\n");
	const int64_t pids[] = { 11, 12, 14 };
	bool elsewhere[3] = { true, false, true };

	locktable_elsewhere(t, 500, 120, 128, pids, 3, elsewhere);
	assert_false(elsewhere[0] || elsewhere[2]);
	assert_true(elsewhere[1]);
	locktable_elsewhere(t, 500, 120, 128, pids, 0, elsewhere);
	locktable_free(t);
}

static void
test_many(void **state)
{
	struct locktable *t;
	int64_t pids[8];
	struct buf b;

	buf_init(&b, 4 << 20);
	for (unsigned i = 1; i <= 20000; i++)
		buf_addf(&b, "%u: POSIX  ADVISORY  READ  %u 08:02:%u 128 128\n",
		    i, i, 1 + i * 7919 % 20000);
	t = table_of(*state, b.data);
	assert_int_equal(t->n, 20000);
	for (unsigned i = 1; i <= 20000; i++) {
		assert_int_equal(locktable_holders(t, makedev(8, 2),
		    1 + i * 7919 % 20000, 120, 128, pids, 8), 1);
		assert_int_equal(pids[0], i);
	}
	locktable_free(t);
	buf_free(&b);
}

static void
test_odd_files(void **state)
{
	struct place *p = *state;
	struct locktable *t = table_of(p, "");
	int64_t pid;

	assert_int_equal(t->n, 0);
	assert_int_equal(locktable_holders(t, 0, 0, 0, INT64_MAX, &pid, 1), 0);
	locktable_free(t);
	locktable_free(NULL);
	assert_null(locktable_read("/nonexistent/locks", &p->e));
	assert_non_null(strstr(p->e.text, "/nonexistent/locks"));
}

/* The kernel's own: an app that reads is there. */
static void
test_real(void **state)
{
	struct place *p = *state;
	struct app a = { 0 };
	struct locktable *t;
	int64_t pids[4];
	struct stat st;

	app_begin(&a, p->db);
	app_sql(&a, "BEGIN; SELECT count(*) FROM t");
	assert_int_equal(stat(p->shm, &st), 0);
	t = locktable_read("/proc/locks", &p->e);
	assert_non_null(t);
	assert_int_equal(locktable_holders(t, st.st_dev, st.st_ino, SHM_DMS,
	    SHM_DMS, pids, 4), 1);
	assert_int_equal(pids[0], a.pid);
	assert_int_equal(locktable_holders(t, st.st_dev, st.st_ino, SHM_READ0,
	    SHM_READ0 + 4, pids, 4), 1);
	assert_int_equal(locktable_holders(t, st.st_dev, st.st_ino, SHM_WRITE,
	    SHM_WRITE, pids, 4), 0);
	locktable_free(t);
	app_quit(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_lines), STORY(test_not_held), STORY(test_holders),
		STORY(test_elsewhere), STORY(test_many), STORY(test_odd_files),
		STORY(test_real),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
