/*
 * What is missing, counted; a backup that stopped before we began; replicas in
 * buckets, as far as the sampler goes; and those that nobody can look at.
 */
#include "tests/collectors/view.h"

#include "litestream/finding.h"
#include "litestream/replica.h"
#include "tests/litestream/copies.h"

#define FRAME	4120

extern const struct collector collector_litestream;

static int
begin(void **state)
{
	int rc = view_begin(state, &collector_litestream);
	struct view *v = *state;

	v->db->remote_ms = 10000;
	return rc;
}

static char *
copy_dir(const struct view *v)
{
	return mem_printf("%s/.app.db-litestream", v->p->dir);
}

static struct replica *
has_replica(struct view *v, enum replica_type type, const char *name)
{
	struct setup *setup = setup_new();
	struct replica *r = setup_add(setup);

	r->type = type;
	r->name = mem_strdup(name);
	r->path = mem_strdup("shop");
	r->place = mem_strdup("over there");
	setup->source = mem_strdup("test");
	database_set_setup(v->db, setup);
	return r;
}

static uint32_t
frames(const struct view *v)
{
	return v->db->wal.h.max_frame;
}

static void
put_pass(struct view *v, uint64_t txid, uint32_t from, uint32_t to)
{
	char *dir = copy_dir(v);

	put_ltx(dir, txid, 4096, v->db->wal.h.salt,
	    WAL_HEADER_SIZE + (uint64_t)from * FRAME,
	    (uint64_t)(to - from) * FRAME);
	free(dir);
}

#define ASSERT_OF(v, what, replica, want)	do {			\
	double is_ = value_of(v, "sqlite_replica_" what,		\
	    "replica=\"" replica "\"");				\
	if (!(is_ == (double)(want)))					\
		fail_msg("%s of %s: %g, not %g", what, replica, is_,	\
		    (double)(want));					\
} while (0)

#define ASSERT_NONE(v, what, replica) \
	assert_true(isnan(value_of(v, "sqlite_replica_" what, \
	    "replica=\"" replica "\"")))

/* Between two notes of ours lie many commits: the log itself is counted. */
static void
test_commits(void **state)
{
	struct view *v = *state;
	uint32_t at;

	app_begin(&v->app, v->p->db);
	sample(v);
	put_pass(v, 1, 0, frames(v));
	clock_ms += 10000;
	sample(v);
	ASSERT_OF(v, "lag_transactions", "local", 0);
	app_write(&v->app, 10, 100);
	sample(v);
	at = frames(v);
	app_write(&v->app, 20, 100);
	sample(v);
	ASSERT_OF(v, "lag_transactions", "local", 30);
	put_pass(v, 2, 0, at);
	sample(v);
	ASSERT_OF(v, "lag_transactions", "local", 20);
	/* Each commit is a frame or more: the copy ends between two looks. */
	app_write(&v->app, 1, 10);
	sample(v);
	at = frames(v);
	app_write(&v->app, 1, 10);
	app_write(&v->app, 1, 10);
	sample(v);
	put_pass(v, 3, 0, at);
	sample(v);
	ASSERT_OF(v, "lag_transactions", "local", 2);
	/* And over into the next log. */
	app_sql(&v->app, "PRAGMA wal_checkpoint(RESTART)");
	app_write(&v->app, 5, 100);
	sample(v);
	ASSERT_OF(v, "lag_transactions", "local", 7);
}

static void
set_times(const char *path, int64_t ms)
{
	const struct timespec t = { ms / 1000, 0 };
	const struct timespec both[2] = { t, t };

	assert_int_equal(utimensat(AT_FDCWD, path, both, 0), 0);
}

/* Litestream died before we began: what it lacks is of a log we never saw. */
static void
test_stopped_before(void **state)
{
	struct view *v = *state;
	char *dir = copy_dir(v), *file;

	app_begin(&v->app, v->p->db);
	app_write(&v->app, 5, 100);
	put_ltx(dir, 7, 4096, "longgone", 32, FRAME);
	file = mem_printf("%s/ltx/0/0000000000000007-0000000000000007.ltx",
	    dir);
	set_times(file, wall_ms() - 86400000);
	set_times(v->p->db, wall_ms() - 3600000);
	set_times(v->p->wal, wall_ms() - 3600000);
	sample(v);
	/* It may be that it only begins. */
	assert_true(value_of(v, "sqlite_replica_lag_seconds",
	    "replica=\"local\"") < 60);
	clock_ms += 30000;
	sample(v);
	assert_true(value_of(v, "sqlite_replica_lag_seconds",
	    "replica=\"local\"") >= 86400);
	assert_true(value_of(v, "sqlite_replica_overdue_seconds",
	    "replica=\"local\"") >= 86000);
	free(file);
	free(dir);
}

static const struct wish *
wished(const struct view *v)
{
	return v->b->wishes;
}

static void
find(struct view *v, uint64_t txid, int64_t asked_ms, const char *why)
{
	struct finding *f;

	NEW(f);
	f->replica = mem_strdup("s3");
	f->why = why != NULL ? mem_strdup(why) : NULL;
	f->known = txid != 0;
	f->end.index = txid;
	f->asked_ms = asked_ms;
	f->requests[S3_HEAD] = 3;
	database_take_finding(v->db, f);
}

static void
test_bucket(void **state)
{
	struct view *v = *state;
	uint32_t first;

	(void)has_replica(v, REPLICA_S3, "s3");
	app_begin(&v->app, v->p->db);
	sample(v);
	first = frames(v);
	put_pass(v, 1, 0, first);
	sample(v);
	/* The first look has been wished for; nothing is said before. */
	ASSERT_NONE(v, "up", "s3");
	ASSERT_NONE(v, "lag_seconds", "s3");
	find(v, 1, 1, NULL);
	clock_ms += 10000;
	sample(v);
	ASSERT_OF(v, "up", "s3", 1);
	ASSERT_OF(v, "lag_seconds", "s3", 0);
	ASSERT_OF(v, "requests_total", "s3", 3);
	assert_null(wished(v));		/* idle: nothing is asked */
	clock_ms += 60000;
	sample(v);
	assert_true(wished(v)->chain);	/* all the names, once an hour */
	find(v, 1, 2, NULL);
	clock_ms += 60000;
	sample(v);
	assert_null(wished(v));
	app_write(&v->app, 4, 100);
	sample(v);
	assert_null(wished(v));		/* not in the local copy yet */
	put_pass(v, 2, first, frames(v));
	sample(v);
	assert_non_null(wished(v));
	assert_int_equal(wished(v)->local.index, 2);
	assert_false(wished(v)->audit);
	sample(v);
	assert_null(wished(v));		/* one is out */
	ASSERT_OF(v, "lag_transactions", "s3", 4);
	ASSERT_OF(v, "lag_bytes", "s3", FRAME * (frames(v) - first));
	/* It has failed: down, and what is known stands. */
	find(v, 1, clock_ms, "access denied");
	sample(v);
	assert_int_equal(v->status, -1);
	assert_non_null(strstr(v->p->e.text, "replica s3: access denied"));
	ASSERT_OF(v, "up", "s3", 0);
	ASSERT_OF(v, "lag_transactions", "s3", 4);
	find(v, 2, clock_ms + 1, NULL);
	sample(v);
	ASSERT_OF(v, "up", "s3", 1);
	ASSERT_OF(v, "lag_seconds", "s3", 0);
	/* Still there?  Asked now and then. */
	clock_ms += 900000;
	sample(v);
	assert_non_null(wished(v));
	assert_true(wished(v)->audit);
	find(v, 9, clock_ms + 2, NULL);
	sample(v);
	ASSERT_OF(v, "ahead", "s3", 1);
}

/* sftp and the like: neither up nor down, and without a lag of its own. */
static void
test_unchecked(void **state)
{
	struct view *v = *state;

	(void)has_replica(v, REPLICA_SFTP, "sftp");
	app_begin(&v->app, v->p->db);
	sample(v);
	put_pass(v, 1, 0, frames(v));
	sample(v);
	ASSERT_OF(v, "unchecked", "sftp", 1);
	ASSERT_NONE(v, "up", "sftp");
	ASSERT_NONE(v, "lag_seconds", "sftp");
	ASSERT_NONE(v, "last_sync_timestamp_seconds", "sftp");
	ASSERT_OF(v, "up", "local", 1);
	assert_null(wished(v));
}

/* A lag within Litestream's own interval is none. */
static void
test_overdue(void **state)
{
	struct view *v = *state;
	struct replica *r = has_replica(v, REPLICA_S3, "s3");

	r->sync_ms = 4 * 3600000;
	app_begin(&v->app, v->p->db);
	sample(v);
	put_pass(v, 1, 0, frames(v));
	sample(v);
	find(v, 1, 1, NULL);
	sample(v);
	app_write(&v->app, 4, 100);
	sample(v);
	clock_ms += 3 * 3600000;
	sample(v);
	assert_true(value_of(v, "sqlite_replica_lag_seconds",
	    "replica=\"s3\"") > 10000);
	ASSERT_OF(v, "overdue_seconds", "s3", 0);
	clock_ms += 2 * 3600000;
	sample(v);
	assert_true(value_of(v, "sqlite_replica_overdue_seconds",
	    "replica=\"s3\"") > 3500);
}

/* What our own file said and says no more is not looked at any more. */
static void
test_taken_out(void **state)
{
	struct view *v = *state;
	struct replica *r = has_replica(v, REPLICA_FILE, "nas");

	free(r->path);
	r->path = mem_printf("%s/nowhere", v->p->dir);
	app_begin(&v->app, v->p->db);
	sample(v);
	ASSERT_OF(v, "up", "nas", 0);
	database_set_setup(v->db, setup_new());
	sample(v);
	ASSERT_NONE(v, "up", "nas");
	ASSERT_NONE(v, "up", "local");
}

#define LOOK(fn)	cmocka_unit_test_setup_teardown(fn, begin, view_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOOK(test_commits), LOOK(test_stopped_before),
		LOOK(test_bucket), LOOK(test_unchecked), LOOK(test_overdue),
		LOOK(test_taken_out),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
