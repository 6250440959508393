/*
 * How far the backup is behind: 0 when the copy is level with the log, and
 * growing, in seconds and in bytes, when it is not or cannot be seen.
 */
#include "tests/collectors/view.h"

#include "litestream/replica.h"
#include "tests/litestream/copies.h"

#define FRAME	4120

extern const struct collector collector_litestream;

static int
begin(void **state)
{
	return view_begin(state, &collector_litestream);
}

static char *
copy_dir(const struct view *v)
{
	return mem_printf("%s/.app.db-litestream", v->p->dir);
}

static char *
replica_dir(const struct view *v)
{
	return mem_printf("%s/replica", v->p->dir);
}

/* The configuration names a replica, "disk". */
static void
has_replica(struct view *v, const char *dir)
{
	struct setup *setup = setup_new();
	struct replica *r = setup_add(setup);

	r->type = REPLICA_FILE;
	r->name = mem_strdup("disk");
	r->path = mem_strdup(dir);
	r->place = mem_printf("file://%s", dir);
	setup->source = mem_strdup("test");
	database_set_setup(v->db, setup);
}

/* 0.3's local copy is as far as the log is now. */
static void
level_shadow(struct view *v, unsigned index)
{
	size_t n = WAL_HEADER_SIZE + (size_t)v->db->wal.h.max_frame * FRAME;
	char *dir = copy_dir(v);
	unsigned char *b = mem_new(1, n);
	int fd = open(v->p->wal, O_RDONLY | O_CLOEXEC);

	assert_int_equal(pread(fd, b, n, 0), n);
	close(fd);
	put_generation(dir, GENERATION);
	put_shadow(dir, GENERATION, index, b, n);
	free(b);
	free(dir);
}

static uint32_t
frames(const struct view *v)
{
	return v->db->wal.h.max_frame;
}

static void
assert_copy(const struct view *v, const char *name, bool up, double lag_s,
    double lag_bytes)
{
	char *label = mem_printf("replica=\"%s\"", name);
	double is_up = value_of(v, "sqlite_replica_up", label);
	double s = value_of(v, "sqlite_replica_lag_seconds", label);
	double bytes = value_of(v, "sqlite_replica_lag_bytes", label);

	if (!(is_up == up && fabs(s - lag_s) < 1e-6 && bytes == lag_bytes))
		fail_msg("%s: up %g, lag %g s, %g bytes (not %d, %g, %g)",
		    name, is_up, s, bytes, up, lag_s, lag_bytes);
	free(label);
}

static double
last_sync(const struct view *v, const char *label)
{
	return value_of(v, "sqlite_replica_last_sync_timestamp_seconds",
	    label);
}

static void
test_none(void **state)
{
	struct view *v = *state;

	app_begin(&v->app, v->p->db);
	sample(v);
	assert_int_equal(v->status, 0);
	assert_int_equal(v->b->nsamples, 0);
	level_shadow(v, 0);		/* Litestream is started */
	clock_ms += 10000;
	sample(v);
	assert_copy(v, "local", true, 0, 0);
}

static void
test_local_copy(void **state)
{
	struct view *v = *state;
	uint32_t before;
	double synced;

	app_begin(&v->app, v->p->db);
	sample(v);
	level_shadow(v, 0);
	clock_ms += 10000;
	sample(v);
	assert_copy(v, "local", true, 0, 0);
	synced = (double)(wall_ms() / 1000);
	assert_true(last_sync(v, "local") == synced);
	before = frames(v);
	app_write(&v->app, 3, 100);
	sample(v);
	assert_copy(v, "local", true, 0, FRAME * (frames(v) - before));
	clock_ms += 59000;
	sample(v);
	assert_copy(v, "local", true, 60, FRAME * (frames(v) - before));
	assert_true(last_sync(v, "local") == synced + 1);
	assert_true(v->db->restless);
	app_write(&v->app, 3, 100);	/* the oldest missing one counts */
	sample(v);
	assert_copy(v, "local", true, 61, FRAME * (frames(v) - before));
	level_shadow(v, 0);
	sample(v);
	assert_copy(v, "local", true, 0, 0);
	assert_true(last_sync(v, "local") == (double)(wall_ms() / 1000));
}

static void
test_pieces(void **state)
{
	struct view *v = *state;
	char *dir = replica_dir(v);
	unsigned first, all;

	has_replica(v, dir);
	app_begin(&v->app, v->p->db);
	sample(v);
	level_shadow(v, 0);
	first = WAL_HEADER_SIZE + frames(v) * FRAME;
	put_piece(dir, GENERATION, 0, 0, first);
	clock_ms += 10000;
	sample(v);
	assert_copy(v, "local", true, 0, 0);
	assert_copy(v, "disk", true, 0, 0);
	app_write(&v->app, 5, 100);
	sample(v);
	level_shadow(v, 0);
	all = WAL_HEADER_SIZE + frames(v) * FRAME;
	clock_ms += 29000;
	sample(v);
	assert_copy(v, "local", true, 0, 0);
	assert_copy(v, "disk", true, 30, all - first);
	put_piece(dir, GENERATION, 0, first, FRAME);	/* some of it */
	sample(v);
	assert_copy(v, "disk", true, 31, all - first - FRAME);
	put_piece(dir, GENERATION, 0, first + FRAME, all - first - FRAME);
	sample(v);
	assert_copy(v, "disk", true, 0, 0);
	/* Gone: the last known end stands, and the lag grows again. */
	free(dir);
	dir = mem_printf("%s/replica/generations", v->p->dir);
	remove_tree(dir);
	app_write(&v->app, 1, 100);
	sample(v);
	clock_ms += 9000;
	sample(v);
	assert_int_equal(v->status, -1);
	assert_true(v->b->keep);
	assert_non_null(strstr(v->p->e.text, "replica disk"));
	assert_copy(v, "disk", false, 10, WAL_HEADER_SIZE +
	    frames(v) * FRAME - all);
	free(dir);
}

/* A log later, what was missing of the old one is missing still. */
static void
test_next_log(void **state)
{
	struct view *v = *state;
	char *dir = replica_dir(v);
	uint32_t copied, old;

	has_replica(v, dir);
	app_begin(&v->app, v->p->db);
	sample(v);
	copied = frames(v);
	put_piece(dir, GENERATION, 0, 0, WAL_HEADER_SIZE + copied * FRAME);
	app_write(&v->app, 10, 100);
	sample(v);
	level_shadow(v, 0);
	old = frames(v);
	clock_ms += 9000;
	sample(v);
	assert_copy(v, "disk", true, 10, FRAME * (old - copied));
	app_sql(&v->app, "PRAGMA wal_checkpoint(RESTART)");
	app_write(&v->app, 2, 100);
	sample(v);
	assert_copy(v, "local", true, 0, FRAME * frames(v));
	assert_copy(v, "disk", true, 11, FRAME * (old - copied + frames(v)));
	level_shadow(v, 1);
	sample(v);
	assert_copy(v, "local", true, 0, 0);
	put_piece(dir, GENERATION, 0, WAL_HEADER_SIZE + copied * FRAME,
	    (old - copied) * FRAME);
	sample(v);
	assert_copy(v, "disk", true, 2, FRAME * frames(v));
	put_piece(dir, GENERATION, 1, 0, WAL_HEADER_SIZE + frames(v) * FRAME);
	sample(v);
	assert_copy(v, "disk", true, 0, 0);
	free(dir);
}

static void
put_pass(struct view *v, const char *dir, uint64_t txid, uint32_t from,
    uint32_t to)
{
	put_ltx(dir, txid, 4096, v->db->wal.h.salt,
	    WAL_HEADER_SIZE + (uint64_t)from * FRAME,
	    (uint64_t)(to - from) * FRAME);
}

static void
test_ltx(void **state)
{
	struct view *v = *state;
	char *local = copy_dir(v), *dir = replica_dir(v);
	uint32_t first, second;

	has_replica(v, dir);
	app_begin(&v->app, v->p->db);
	sample(v);
	first = frames(v);
	put_pass(v, local, 1, 0, first);
	put_pass(v, dir, 1, 0, first);
	clock_ms += 10000;
	sample(v);
	assert_copy(v, "local", true, 0, 0);
	assert_copy(v, "disk", true, 0, 0);
	assert_true(value_of(v, "sqlite_replica_info", "version=\"0.5\"") == 1);
	app_write(&v->app, 4, 100);
	sample(v);
	second = frames(v);
	put_pass(v, local, 2, first, second);
	clock_ms += 4000;
	sample(v);
	assert_copy(v, "local", true, 0, 0);
	assert_copy(v, "disk", true, 5, FRAME * (second - first));
	put_pass(v, dir, 2, first, second);
	sample(v);
	assert_copy(v, "disk", true, 0, 0);
	/* The next log begins at its beginning, with another salt. */
	app_sql(&v->app, "PRAGMA wal_checkpoint(RESTART)");
	app_write(&v->app, 2, 100);
	sample(v);
	assert_copy(v, "local", true, 0, FRAME * frames(v));
	assert_copy(v, "disk", true, 0, FRAME * frames(v));
	put_pass(v, local, 3, 0, frames(v));
	put_pass(v, dir, 3, 0, frames(v));
	sample(v);
	assert_copy(v, "local", true, 0, 0);
	assert_copy(v, "disk", true, 0, 0);
	/* Somebody else's: how far it is cannot be said; nothing is there. */
	put_ltx(dir, 4, 4096, "foreign!", 32, FRAME);
	clock_ms += 18000;
	sample(v);
	assert_copy(v, "local", true, 0, 0);
	assert_true(value_of(v, "sqlite_replica_lag_seconds",
	    "replica=\"disk\"") == 19);
	assert_true(value_of(v, "sqlite_replica_ahead",
	    "replica=\"disk\"") == 1);
	free(local);
	free(dir);
}

/* Configured and never there: down, and behind from the first commit. */
static void
test_never_there(void **state)
{
	struct view *v = *state;
	char *dir = replica_dir(v);

	has_replica(v, dir);
	app_begin(&v->app, v->p->db);
	sample(v);
	assert_int_equal(v->status, -1);
	assert_copy(v, "disk", false, 0, FRAME * frames(v));
	assert_copy(v, "local", false, 0, FRAME * frames(v));
	assert_true(last_sync(v, "disk") == 0);
	clock_ms += 99000;
	sample(v);
	assert_copy(v, "disk", false, 100, FRAME * frames(v));
	free(dir);
}

/* An hour of writing at a stuck replica is an hour, and ten minutes are ten. */
static void
test_long_lag(void **state)
{
	struct view *v = *state;
	char *dir = replica_dir(v);
	double lag;

	has_replica(v, dir);
	app_begin(&v->app, v->p->db);
	sample(v);
	for (int i = 0; i < 1800; i++) {
		if (i == 1500)
			put_pass(v, dir, 1, 0, frames(v));
		app_write(&v->app, 1, 10);
		sample(v);
	}
	lag = value_of(v, "sqlite_replica_lag_seconds", "replica=\"disk\"");
	assert_true(lag >= 299 && lag < 345);
	free(dir);
}

#define LOOK(fn)	cmocka_unit_test_setup_teardown(fn, begin, view_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOOK(test_none), LOOK(test_local_copy), LOOK(test_pieces),
		LOOK(test_next_log), LOOK(test_ltx), LOOK(test_never_there),
		LOOK(test_long_lag),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
