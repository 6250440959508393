/*
 * Which SQLite and which Litestream some bytes carry, however they are cut, and
 * which lines of /proc/PID/maps are looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "collectors/mapped.h"
#include "collectors/stamp.h"

#define HASH	"df5c253c0b3dd24916e4ec7cf77d3db5" \
		"294cc9fd45ae7b9c5e82ad8197f38a24"
#define ID(date)	date " 14:03:47 " HASH
#define N	"\0"

struct row {
	const char	*story;
	const char	*bytes;
	size_t		 n;
	const char	*name, *litestream;
	bool		 reset, silent;
};

#define BYTES(text)	text, sizeof(text) - 1

static const struct row rows[] = {
	{ "nothing", BYTES("just a program"), "", "", false, false },
	{ "Debian 12's", BYTES(N "3.40.1" N "x" N ID("2022-12-28") N),
	  "3.40.1", "", true, false },
	{ "the version comes after", BYTES(ID("2022-12-28") N "3.40.1" N
	  "              "), "3.40.1", "", true, false },
	{ "mended", BYTES(N "3.51.3" N ID("2026-03-13") N), "3.51.3", "",
	  false, false },
	{ "the day before", BYTES(ID("2026-03-02") N), "2026-03-02", "", true,
	  false },
	{ "the day itself", BYTES(ID("2026-03-03") N), "2026-03-03", "", false,
	  false },
	{ "before there was a log", BYTES(ID("2010-03-26") N), "2010-03-26",
	  "", false, false },
	{ "a number that is more", BYTES(N "13.40.1" N "3.40.1.2" N
	  ID("2022-12-28") N), "2022-12-28", "", true, false },
	{ "no hash", BYTES("2022-12-28 14:03:47 and so on and so on and so on "
	  "and so on and so on and so on"), "", "", false, false },
	{ "Go's build information", BYTES("mod\tgithub.com/benbjohnson/"
	  "litestream\tv0.5.17\th1:abcdefghijkl"), "", "0.5.17", false, false },
	{ "by a flag of the linker", BYTES("-X 'main.Version=v0.3.13'  "
	  "              "), "", "0.3.13", false, false },
	{ "one that stops in silence", BYTES("mod\tgithub.com/benbjohnson/"
	  "litestream\tv0.5.7\th1:abcdefghijklmn"), "", "0.5.7", false, true },
	{ "the next one does not", BYTES("mod\tgithub.com/benbjohnson/"
	  "litestream\tv0.5.9\th1:abcdefghijklmn"), "", "0.5.9", false, false },
	{ "nobody knows", BYTES("mod\tgithub.com/benbjohnson/litestream\t"
	  "(devel)\t                      "), "", "", false, false },
};

static void
assert_row(const struct row *r, const struct stamp *s)
{
	print_message("# %s\n", r->story);
	assert_string_equal(stamp_name(s), r->name);
	assert_string_equal(s->litestream, r->litestream);
	assert_int_equal(stamp_has_wal_reset(s), r->reset);
	assert_int_equal(stamp_stops_silently(s), r->silent);
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct stamp s = { 0 };

		stamp_feed(&s, (const unsigned char *)rows[i].bytes,
		    rows[i].n, 0);
		assert_row(&rows[i], &s);
	}
}

/* In spans that share STAMP_OVERLAP bytes, wherever they are cut. */
static void
test_cuts(void **state)
{
	static const struct row want = { "cut", NULL, 0, "3.40.1", "0.5.17",
		true, false };
	size_t size = 4096;
	unsigned char *b = mem_new(1, size);

	(void)state;
	memcpy(b + 1000, "3.40.1", 6);
	memcpy(b + 1500, ID("2022-12-28"), strlen(ID("2022-12-28")));
	memcpy(b + 2500, "mod\tgithub.com/benbjohnson/litestream\tv0.5.17\th1",
	    48);
	for (size_t span = STAMP_OVERLAP + 1; span < 1200; span += 37) {
		struct stamp s = { 0 };

		for (size_t at = 0; at < size; at += span - STAMP_OVERLAP)
			stamp_feed(&s, b + at, size - at < span ? size - at :
			    span, at);
		assert_row(&want, &s);
	}
	free(b);
}

/* The version of something else, far away, is not SQLite's. */
static void
test_far(void **state)
{
	size_t size = 200000;
	unsigned char *b = mem_new(1, size);
	struct stamp s = { 0 };

	(void)state;
	memcpy(b + 100, "3.0.19", 6);
	memcpy(b + 150000, ID("2026-04-09"), strlen(ID("2026-04-09")));
	stamp_feed(&s, b, size, 0);
	assert_string_equal(stamp_name(&s), "2026-04-09");
	free(b);
}

#define MODERNC	"dep\tmodernc.org/sqlite\tv1.49.1\th1:x" N

/* SQLite made Go has its version far from its id, among the strings of C. */
static void
test_modernc(void **state)
{
	static const struct {
		const char	*story, *bytes;
		size_t		 n;
		const char	*name;
	} tails[] = {
		{ "Litestream 0.5.17's", BYTES(MODERNC "-x0" N N "X0" N N
		  "3.53.0" N N), "3.53.0" },
		{ "who says that it is modernc's", BYTES(N "3.53.0" N),
		  "2026-04-09" },
		{ "twice the same", BYTES(MODERNC N "3.53.0" N N "3.53.0" N),
		  "3.53.0" },
		{ "one of them, but which", BYTES(MODERNC N "3.53.0" N
		  "3.41.2" N), "2026-04-09" },
		{ "no string of its own", BYTES(MODERNC "go 3.53.0, and "
		  "3.53.0" N), "2026-04-09" },
		{ "too old to be one", BYTES(MODERNC N "3.0.19" N "3.4.1" N),
		  "2026-04-09" },
	};
	size_t size = 200000, half = 150000;
	unsigned char *b = mem_new(1, size);

	(void)state;
	memcpy(b + 100, ID("2026-04-09"), strlen(ID("2026-04-09")));
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		struct stamp s = { 0 };

		memset(b + half, 0, size - half);
		memcpy(b + half, tails[i].bytes, tails[i].n);
		for (size_t at = 0; at < size; at += 7777 - STAMP_OVERLAP)
			stamp_feed(&s, b + at, size - at < 7777 ? size - at :
			    7777, at);
		print_message("# %s\n", tails[i].story);
		assert_string_equal(stamp_name(&s), tails[i].name);
		assert_false(stamp_has_wal_reset(&s));
	}
	free(b);
}

static void
test_maps(void **state)
{
	static const struct {
		const char	*line, *path;
	} lines[] = {
		{ "7f48a058e000-7f48a06b0000 r-xp 00001000 fe:00 99 "
		  "/usr/lib/libsqlite3.so.0.8.6\n",
		  "/usr/lib/libsqlite3.so.0.8.6" },
		{ "7f48a058e000-7f48a06b0000 r-xp 00001000 fe:00 99 "
		  "/srv/a b/better_sqlite3.node (deleted)\n",
		  "/srv/a b/better_sqlite3.node (deleted)" },
		{ "7f48a058e000-7f48a06b0000 r-xp 00001000 fe:00 99 "
		  "/usr/lib/libc.so.6\n", NULL },
		{ "7f48a058e000-7f48a06b0000 r-xp 00001000 fe:00 99 "
		  "/var/lib/sqlite/app\n", NULL },
		{ "7ffd5c3e0000-7ffd5c401000 rw-p 00000000 00:00 0 [stack]\n",
		  NULL },
		{ "/sqlite", NULL }, { "", NULL },
	};
	char range[40];

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		char *line = mem_strdup(lines[i].line);
		const char *path = mapped_parse(line, range);

		if (lines[i].path == NULL) {
			assert_null(path);
		} else {
			assert_string_equal(path, lines[i].path);
			assert_string_equal(range, "7f48a058e000-7f48a06b0000");
		}
		free(line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows), cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_far), cmocka_unit_test(test_modernc),
		cmocka_unit_test(test_maps),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
