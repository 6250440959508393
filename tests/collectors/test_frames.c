/*
 * Reading the log itself: commits that SQLite made are counted, padding is not,
 * and the newest page 1 says what PRAGMA freelist_count says.
 */
#include "tests/collectors/app.h"

#include <sys/mman.h>

#include "collectors/format.h"
#include "collectors/frames.h"

struct world {
	struct place	*p;
	struct app	 app;
	int		 wal, shm;
	struct shm_header h;
};

static int
begin(void **state)
{
	struct world *x;

	NEW(x);
	setup((void **)&x->p);
	x->wal = x->shm = -1;
	*state = x;
	return 0;
}

static int
end(void **state)
{
	struct world *x = *state;

	if (x->app.pid != 0)
		app_kill(&x->app);
	if (x->wal != -1)
		close(x->wal);
	if (x->shm != -1)
		close(x->shm);
	teardown((void **)&x->p);
	free(x);
	return 0;
}

static void
read_index(struct world *x)
{
	unsigned char b[SHM_HEADER_SIZE];

	if (x->wal == -1) {
		x->wal = open(x->p->wal, O_RDONLY | O_CLOEXEC);
		x->shm = open(x->p->shm, O_RDONLY | O_CLOEXEC);
	}
	assert_int_equal(pread(x->shm, b, sizeof b, 0), sizeof b);
	assert_true(shm_header_parse(&x->h, b, sizeof b));
}

/* An app with pages of this size; options: of the URI. */
static void
begin_app(struct world *x, unsigned size, const char *options,
    const char *synchronous)
{
	char *uri = mem_printf("file:%s?%s", x->p->db, options);
	char *sql = mem_printf("PRAGMA page_size = %u", size);
	char *sync = mem_printf("PRAGMA synchronous = %s", synchronous);

	app_open(&x->app, uri);
	app_sql(&x->app, sql);
	app_sql(&x->app, "PRAGMA journal_mode = WAL");
	app_sql(&x->app, sync);
	app_sql(&x->app, "PRAGMA wal_autocheckpoint = 0");
	app_sql(&x->app, "CREATE TABLE t (n INTEGER PRIMARY KEY, v)");
	free(uri);
	free(sql);
	free(sync);
}

static uint64_t
commits(const struct world *x, uint32_t after, uint32_t upto)
{
	return frames_count_commits(x->wal, x->h.salt, x->h.page_size, after,
	    upto);
}

static void
test_commits(void **state)
{
	struct world *x = *state;
	unsigned char other[8] = { 0 };
	uint32_t middle;

	begin_app(x, 4096, "", "OFF");
	app_write(&x->app, 20, 10000);
	read_index(x);
	assert_int_equal(commits(x, 0, x->h.max_frame), 21);
	middle = x->h.max_frame;
	app_sql(&x->app, "BEGIN");
	app_write(&x->app, 10, 10000);
	app_sql(&x->app, "COMMIT");
	app_write(&x->app, 5, 100);
	read_index(x);
	assert_int_equal(commits(x, 0, x->h.max_frame), 27);
	assert_int_equal(commits(x, middle, x->h.max_frame), 6);
	assert_int_equal(commits(x, 0, middle), 21);
	assert_int_equal(commits(x, 0, middle - 1), 20);
	assert_int_equal(commits(x, x->h.max_frame, x->h.max_frame), 0);
	assert_int_equal(commits(x, UINT32_MAX, UINT32_MAX), 0);
	assert_int_equal(commits(x, 0, UINT32_MAX), 0);	/* too long a walk */
	assert_int_equal(commits(x, 0, FRAMES_MAX_WALK), 27);
	assert_int_equal(frames_count_commits(x->wal, other, 4096, 0, middle),
	    0);
	assert_int_equal(frames_count_commits(-1, x->h.salt, 4096, 0, middle),
	    0);
}

/* What was spilled and not committed lies beyond the end, without a mark. */
static void
test_uncommitted(void **state)
{
	struct world *x = *state;
	struct stat st;

	begin_app(x, 4096, "", "OFF");
	app_write(&x->app, 3, 100);
	app_sql(&x->app, "PRAGMA cache_size = 5");
	app_sql(&x->app, "BEGIN");
	app_write(&x->app, 100, 3000);
	read_index(x);
	assert_int_equal(fstat(x->wal, &st), 0);
	assert_true(st.st_size > (off_t)wal_frame_offset(x->h.max_frame + 20,
	    4096));
	assert_int_equal(commits(x, 0, x->h.max_frame + 20), 4);
	app_sql(&x->app, "ROLLBACK");
	app_write(&x->app, 2, 100);
	read_index(x);
	assert_int_equal(commits(x, 0, x->h.max_frame), 6);
}

/* Frames with a commit mark, as many as there are. */
static unsigned
count_marks(const struct world *x)
{
	unsigned char b[WAL_FRAME_SIZE];
	struct wal_frame f;
	unsigned n = 0;

	for (uint32_t i = 1; i <= x->h.max_frame; i++) {
		assert_int_equal(pread(x->wal, b, sizeof b,
		    (off_t)wal_frame_offset(i, x->h.page_size)), sizeof b);
		wal_frame_parse(&f, b);
		n += f.commit != 0;
	}
	return n;
}

static void
check_padding(void **state, unsigned size)
{
	struct world *x = *state;

	begin_app(x, size, "psow=0", "FULL");
	app_write(&x->app, 50, 10);
	read_index(x);
	assert_true(count_marks(x) > 60);	/* or nothing was padded */
	assert_int_equal(commits(x, 0, x->h.max_frame), 51);
}

static void
test_padding_512(void **state)
{
	check_padding(state, 512);
}

static void
test_padding_1024(void **state)
{
	check_padding(state, 1024);
}

static void
test_padding_4096(void **state)
{
	check_padding(state, 4096);
}

static void
test_last_of(void **state)
{
	struct world *x = *state;
	struct shm_header old;

	begin_app(x, 1024, "", "OFF");
	app_write(&x->app, 100, 500);
	read_index(x);
	old = x->h;
	assert_int_equal(frames_last_of(x->wal, old.salt, 1024, 1),
	    old.max_frame);
	assert_int_equal(frames_last_of(x->wal, old.salt, 1024,
	    old.max_frame + 1), old.max_frame);
	app_sql(&x->app, "PRAGMA wal_checkpoint(RESTART)");
	app_write(&x->app, 7, 500);
	read_index(x);
	assert_memory_not_equal(x->h.salt, old.salt, 8);
	for (uint32_t from = x->h.max_frame + 1; from <= old.max_frame; from++)
		assert_int_equal(frames_last_of(x->wal, old.salt, 1024, from),
		    old.max_frame);
	assert_int_equal(frames_last_of(x->wal, x->h.salt, 1024, 1),
	    x->h.max_frame);
	/* None: the file ends before, or others lie there. */
	assert_int_equal(frames_last_of(x->wal, x->h.salt, 1024, 50), 49);
	assert_int_equal(frames_last_of(x->wal, old.salt, 1024, 5000), 4999);
	assert_int_equal(frames_last_of(-1, old.salt, 1024, 9), 8);
}

/* The newest frame of page 1, from the log: frame after frame. */
static uint32_t
page1_by_hand(const struct world *x)
{
	unsigned char b[WAL_FRAME_SIZE];
	struct wal_frame f;

	for (uint32_t i = x->h.max_frame; i > 0; i--) {
		assert_int_equal(pread(x->wal, b, sizeof b,
		    (off_t)wal_frame_offset(i, x->h.page_size)), sizeof b);
		wal_frame_parse(&f, b);
		if (f.page == 1)
			return i;
	}
	return 0;
}

static int64_t
check_page1(struct world *x)
{
	int64_t want = app_sql(&x->app, "PRAGMA freelist_count");
	uint32_t found;

	read_index(x);
	found = frames_find_page1(x->shm, &x->h, 0);
	assert_int_equal(found, page1_by_hand(x));
	assert_true(found > 0);
	assert_int_equal(frames_find_page1(x->shm, &x->h, found - 1), found);
	assert_int_equal(frames_find_page1(x->shm, &x->h, found), 0);
	assert_int_equal(frames_free_pages(x->wal, &x->h, found), want);
	return want;
}

static void
check_free_pages(struct world *x, unsigned size, unsigned rows, uint32_t want)
{
	char *grow = mem_printf("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL "
	    "SELECT n + 1 FROM c WHERE n < %u) INSERT INTO t (v) "
	    "SELECT zeroblob(%u) FROM c", rows, size - 100);

	begin_app(x, size, "", "OFF");
	assert_int_equal(check_page1(x), 0);
	app_sql(&x->app, grow);
	assert_int_equal(check_page1(x), 0);
	app_sql(&x->app, "DELETE FROM t WHERE n % 3 = 0");
	assert_true(check_page1(x) > 0);
	/* In place: page 1 is not written, and lies further and further off. */
	while (x->h.max_frame <= want) {
		app_sql(&x->app, "UPDATE t SET v = zeroblob(length(v))"
		    " WHERE n <= 300");
		app_sql(&x->app, "UPDATE t SET v = randomblob(length(v))");
		check_page1(x);
	}
	app_sql(&x->app, "DELETE FROM t WHERE n % 2 = 0");
	assert_true(check_page1(x) > 0);
	app_sql(&x->app, "VACUUM");
	assert_int_equal(check_page1(x), 0);
	free(grow);
}

static void
test_small_pages(void **state)
{
	check_free_pages(*state, 1024, 700, 4062);
}

static void
test_usual_pages(void **state)
{
	check_free_pages(*state, 4096, 1500, 8158);
}

static void
test_large_pages(void **state)
{
	check_free_pages(*state, 65536, 30, 100);
}

/* Page 1 in any one place, and none other, around the ends of blocks. */
static void
test_places_of_page1(void **state)
{
	static const uint32_t places[] = { 1, 2, 4061, 4062, 4063, 4064, 8157,
	    8158, 8159, 8160, 12254, 12255 };
	const size_t n = sizeof places / sizeof *places;
	const uint32_t one = 1, none = 0;
	struct shm_header h = { .page_size = 4096 };
	int fd = memfd_create("index", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(ftruncate(fd, 4 * 32768), 0);
	for (size_t i = 0; i < n; i++) {
		off_t at = (off_t)shm_frame_offset(places[i]);

		assert_int_equal(pwrite(fd, &one, 4, at), 4);
		for (size_t j = 0; j < n; j++) {
			h.max_frame = places[j];
			assert_int_equal(frames_find_page1(fd, &h, 0),
			    places[i] <= places[j] ? places[i] : 0);
			assert_int_equal(frames_find_page1(fd, &h, places[i]),
			    0);
		}
		assert_int_equal(pwrite(fd, &none, 4, at), 4);
	}
	h.max_frame = UINT32_MAX;	/* said to be longer than it is */
	assert_int_equal(frames_find_page1(fd, &h, 0), 0);
	assert_int_equal(frames_find_page1(-1, &h, 0), 0);
	close(fd);
}

static void
test_not_page1(void **state)
{
	struct world *x = *state;
	uint32_t found;

	begin_app(x, 4096, "", "OFF");
	app_write(&x->app, 1, 100);
	read_index(x);
	found = frames_find_page1(x->shm, &x->h, 0);
	assert_int_equal(frames_free_pages(x->wal, &x->h, found), 0);
	assert_int_equal(frames_free_pages(x->wal, &x->h, x->h.max_frame), -1);
	assert_int_equal(frames_free_pages(x->wal, &x->h, UINT32_MAX), -1);
	assert_int_equal(frames_free_pages(x->wal, &x->h, 0), -1);
	x->h.salt[7] ^= 1;
	assert_int_equal(frames_free_pages(x->wal, &x->h, found), -1);
}

#define LOG(fn)	cmocka_unit_test_setup_teardown(fn, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOG(test_commits), LOG(test_uncommitted),
		LOG(test_padding_512), LOG(test_padding_1024),
		LOG(test_padding_4096), LOG(test_last_of),
		LOG(test_small_pages), LOG(test_usual_pages),
		LOG(test_large_pages), LOG(test_places_of_page1),
		LOG(test_not_page1),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
