/*
 * SQLite's bytes: what SQLite writes is read right, in every page size, and
 * what it would not write is refused.
 */
#include "tests/collectors/app.h"

#include "collectors/format.h"

#define NPAGE_ONE	4062	/* walFramePage(): entries in block 0 ... */
#define NPAGE		4096	/* ... and in the others */

static size_t
read_start(const char *path, unsigned char *b, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	assert_true(fd >= 0);
	got = pread(fd, b, n, 0);
	close(fd);
	assert_true(got >= 0);
	return (size_t)got;
}

static struct db_header
db_header_of(struct place *p)
{
	unsigned char b[DB_HEADER_SIZE];
	struct db_header h;

	assert_int_equal(read_start(p->db, b, sizeof b), sizeof b);
	if (db_header_parse(&h, b, sizeof b, &p->e) == -1)
		fail_msg("%s", p->e.text);
	return h;
}

static void
open_sized(struct app *a, const struct place *p, unsigned size)
{
	char sql[40];

	(void)snprintf(sql, sizeof sql, "PRAGMA page_size = %u", size);
	app_open(a, p->db);
	app_sql(a, "PRAGMA synchronous = OFF");
	app_sql(a, sql);
}

static void
test_rollback_file(void **state)
{
	struct place *p = *state;

	for (unsigned size = 512; size <= 65536; size *= 2) {
		struct app a = { 0 };
		struct db_header h;
		uint32_t before;

		open_sized(&a, p, size);
		app_sql(&a, "CREATE TABLE t (n INTEGER PRIMARY KEY, v)");
		h = db_header_of(p);
		assert_int_equal(h.page_size, size);
		assert_false(h.wal);
		before = h.change_counter;
		app_write(&a, 7, 40000);
		assert_int_equal(db_header_of(p).change_counter, before + 7);
		app_sql(&a, "DELETE FROM t WHERE n > 2");
		h = db_header_of(p);
		assert_int_equal(h.pages, app_sql(&a, "PRAGMA page_count"));
		assert_int_equal(h.free_pages,
		    app_sql(&a, "PRAGMA freelist_count"));
		assert_true(size == 65536 || h.free_pages > 0);
		app_quit(&a);
		assert_int_equal(unlink(p->db), 0);
	}
}

static void
check_log(struct place *p, struct app *a, unsigned size)
{
	unsigned char b[SHM_HEADER_SIZE];
	struct shm_header before, h;
	struct wal_header w;

	read_start(p->shm, b, sizeof b);
	assert_true(shm_header_parse(&before, b, sizeof b));
	app_write(a, 7, 40000);
	read_start(p->shm, b, sizeof b);
	assert_true(shm_header_parse(&h, b, sizeof b));
	assert_int_equal(h.change, before.change + 7);
	assert_int_equal(h.page_size, size);
	assert_int_equal(h.pages, app_sql(a, "PRAGMA page_count"));
	assert_int_equal(h.backfill, 0);
	assert_int_equal(read_start(p->wal, b, WAL_HEADER_SIZE),
	    WAL_HEADER_SIZE);
	assert_true(wal_header_parse(&w, b, WAL_HEADER_SIZE));
	assert_int_equal(w.page_size, size);
	assert_memory_equal(w.salt, h.salt, sizeof w.salt);
	app_sql(a, "PRAGMA wal_checkpoint(PASSIVE)");
	read_start(p->shm, b, sizeof b);
	assert_true(shm_header_parse(&before, b, sizeof b));
	assert_int_equal(before.backfill, h.max_frame);
	assert_int_equal(before.max_frame, h.max_frame);
}

static void
test_wal_file(void **state)
{
	struct place *p = *state;

	for (unsigned size = 512; size <= 65536; size *= 2) {
		struct app a = { 0 };
		struct db_header h;
		struct stat st;

		open_sized(&a, p, size);
		app_sql(&a, "PRAGMA journal_mode = WAL");
		app_sql(&a, "PRAGMA wal_autocheckpoint = 0");
		h = db_header_of(p);
		assert_true(h.wal);
		assert_int_equal(h.page_size, size);
		app_sql(&a, "CREATE TABLE t (n INTEGER PRIMARY KEY, v)");
		check_log(p, &a, size);
		assert_int_equal(db_header_of(p).pages,
		    app_sql(&a, "PRAGMA page_count"));
		assert_int_equal(stat(p->wal, &st), 0);
		assert_int_equal((st.st_size - WAL_HEADER_SIZE) %
		    (WAL_FRAME_SIZE + size), 0);
		app_quit(&a);
		assert_int_equal(unlink(p->db), 0);
	}
}

static void
test_hostile_file(void **state)
{
	struct place *p = *state;
	static const struct {
		const char	*why;
		unsigned	 at, n;
		const char	*bytes;
	} rows[] = {
		{ "another name", 0, 1, "s" },
		{ "no end to the name", 15, 1, "!" },
		{ "page size 0", 16, 2, "\0\0" },
		{ "page size 2", 16, 2, "\0\2" },
		{ "page size 256", 16, 2, "\1\0" },
		{ "page size 513", 16, 2, "\2\1" },
		{ "page size 4097", 16, 2, "\x10\1" },
		{ "page size 65535", 16, 2, "\xff\xff" },
		{ "write version 0", 18, 1, "\0" },
		{ "write version 3", 18, 1, "\3" },
		{ "read version 0", 19, 1, "\0" },
		{ "read version 255", 19, 1, "\xff" },
	};
	unsigned char good[DB_HEADER_SIZE], b[DB_HEADER_SIZE];
	struct db_header h, untouched;
	struct app a = { 0 };

	open_sized(&a, p, 4096);
	app_sql(&a, "CREATE TABLE t (n)");
	app_quit(&a);
	read_start(p->db, good, sizeof good);
	memset(&h, 0x55, sizeof h);
	untouched = h;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		memcpy(b, good, sizeof b);
		memcpy(b + rows[i].at, rows[i].bytes, rows[i].n);
		if (db_header_parse(&h, b, sizeof b, &p->e) != -1)
			fail_msg("%s", rows[i].why);
		assert_true(p->e.text[0] != '\0');
	}
	for (size_t n = 0; n < sizeof good; n++)
		assert_int_equal(db_header_parse(&h, good, n, &p->e), -1);
	assert_memory_equal(&h, &untouched, sizeof h);
	/* Read version 1 and write version 2: nobody writes that log. */
	good[18] = 2;
	assert_int_equal(db_header_parse(&h, good, sizeof good, &p->e), 0);
	assert_false(h.wal);
}

/* Two headers of one log, the second one commit later. */
static void
two_headers(struct place *p, unsigned char *old, unsigned char *new)
{
	struct app a = { 0 };

	app_begin(&a, p->db);
	app_write(&a, 3, 100);
	read_start(p->shm, old, SHM_HEADER_SIZE);
	app_write(&a, 1, 100);
	read_start(p->shm, new, SHM_HEADER_SIZE);
	app_quit(&a);
}

static void
test_torn_index(void **state)
{
	unsigned char old[SHM_HEADER_SIZE], new[SHM_HEADER_SIZE];
	unsigned char b[SHM_HEADER_SIZE];
	struct shm_header h;

	two_headers(*state, old, new);
	/* The second copy is written first. */
	memcpy(b, old, sizeof b);
	memcpy(b + 48, new + 48, 48);
	assert_true(shm_header_parse(&h, b, sizeof b));
	assert_int_equal(h.change, 5);
	for (unsigned bit = 0; bit < 48 * 8; bit++) {
		unsigned char flip = (unsigned char)(1u << bit % 8);

		memcpy(b, new, sizeof b);
		b[bit / 8] ^= flip;
		assert_true(shm_header_parse(&h, b, sizeof b));
		assert_int_equal(h.change, 5);
		memcpy(b, old, sizeof b);
		b[48 + bit / 8] ^= flip;
		assert_true(shm_header_parse(&h, b, sizeof b));
		assert_int_equal(h.change, 4);
		b[bit / 8] ^= flip;
		if (shm_header_parse(&h, b, sizeof b))
			fail_msg("bit %u", bit);
	}
	for (size_t n = 0; n < sizeof new; n++)
		assert_false(shm_header_parse(&h, new, n));
	memset(b, 0, sizeof b);		/* its checksum is right: not init */
	assert_false(shm_header_parse(&h, b, sizeof b));
}

/* What stands behind the copies has no checksum: it is bounded. */
static void
test_backfill(void **state)
{
	unsigned char old[SHM_HEADER_SIZE], b[SHM_HEADER_SIZE];
	struct shm_header h;
	uint32_t marks[5] = { 0, 3, 2, 0xffffffff, 0xffffffff };
	uint32_t backfill = 2;

	two_headers(*state, old, b);
	memcpy(b + 96, &backfill, 4);
	memcpy(b + 100, marks, sizeof marks);
	assert_true(shm_header_parse(&h, b, sizeof b));
	assert_int_equal(h.backfill, 2);
	assert_memory_equal(h.marks, marks, sizeof marks);
	backfill = 0xfffffff0;
	memcpy(b + 96, &backfill, 4);
	assert_true(shm_header_parse(&h, b, sizeof b));
	assert_int_equal(h.backfill, h.max_frame);
}

/* An index over no log at all: valid, with page size 0. */
static void
test_blank_index(void **state)
{
	struct place *p = *state;
	unsigned char b[SHM_HEADER_SIZE];
	struct app a = { 0 };
	struct shm_header h;

	app_begin(&a, p->db);
	app_close(&a);
	app_open(&a, p->db);
	app_sql(&a, "SELECT count(*) FROM t");
	read_start(p->shm, b, sizeof b);
	assert_true(shm_header_parse(&h, b, sizeof b));
	assert_int_equal(h.page_size, 0);
	assert_int_equal(h.max_frame, 0);
	assert_int_equal(h.change, 0);
	app_quit(&a);
}

/* Fill the index as SQLite does: block after block, entry after entry. */
static void
test_frame_offset(void **state)
{
	uint64_t block = 0;
	uint32_t entry = 0;

	(void)state;
	for (uint32_t frame = 1; frame <= 200000; frame++) {
		uint64_t want = block * 32768 + 4ull * entry +
		    (block == 0 ? 136 : 0);

		assert_int_equal(shm_frame_offset(frame), want);
		if (++entry == (block == 0 ? NPAGE_ONE : NPAGE)) {
			block++;
			entry = 0;
		}
	}
	/* 1 + (2^32 - 2 - 4062) / 4096 blocks in front, 32 bits are few. */
	assert_int_equal(shm_frame_offset(UINT32_MAX),
	    (1 + (UINT32_MAX - 1ull - NPAGE_ONE) / NPAGE) * 32768 +
	    4 * ((UINT32_MAX - 1ull - NPAGE_ONE) % NPAGE));
}

static void
test_log_bytes(void **state)
{
	static const unsigned char good[WAL_HEADER_SIZE + 1] =
	    "\x37\x7f\x06\x82\x00\x2d\xe2\x18\x00\x01\x00\x00\x00\x00\x00\x00"
	    "SaltSALT";
	static const unsigned char frame[WAL_FRAME_SIZE + 1] =
	    "\x01\x02\x03\x04\x80\x00\x00\x05SaltSALT";
	static const uint32_t bad[] = { 0, 1, 256, 513, 65537, 131072 };
	unsigned char b[WAL_HEADER_SIZE];
	struct wal_header h;
	struct wal_frame f;

	(void)state;
	assert_int_equal(be32(frame), 0x01020304);
	assert_true(be64(frame) == 0x0102030480000005);
	memcpy(b, good, sizeof b);
	for (unsigned i = 0; i < 2; i++) {	/* either checksum order */
		b[3] = (unsigned char)(0x82 + i);
		assert_true(wal_header_parse(&h, b, sizeof b));
		assert_int_equal(h.page_size, 65536);
		assert_memory_equal(h.salt, "SaltSALT", 8);
	}
	b[3] = 0x84;
	assert_false(wal_header_parse(&h, b, sizeof b));
	memcpy(b, good, sizeof b);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		b[8] = (unsigned char)(bad[i] >> 24);
		b[9] = (unsigned char)(bad[i] >> 16);
		b[10] = (unsigned char)(bad[i] >> 8);
		b[11] = (unsigned char)bad[i];
		assert_false(wal_header_parse(&h, b, sizeof b));
	}
	for (size_t n = 0; n < WAL_HEADER_SIZE; n++)
		assert_false(wal_header_parse(&h, good, n));
	wal_frame_parse(&f, frame);
	assert_int_equal(f.page, 0x01020304);
	assert_int_equal(f.commit, 0x80000005);
	assert_memory_equal(f.salt, "SaltSALT", 8);
	assert_int_equal(wal_frame_offset(1, 512), 32);
	assert_int_equal(wal_frame_offset(3, 4096), 32 + 2 * 4120);
	assert_true(wal_frame_offset(UINT32_MAX, 65536) ==
	    32 + 4294967294ull * 65560);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_rollback_file), STORY(test_wal_file),
		STORY(test_hostile_file), STORY(test_torn_index),
		STORY(test_backfill), STORY(test_blank_index),
		STORY(test_frame_offset), STORY(test_log_bytes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
