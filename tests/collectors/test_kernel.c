/*
 * What the tracer's counts become, and when nothing is said: with a kernel of
 * the test's own.
 */
#include "tests/collectors/view.h"

#include "collectors/locktable.h"
#include "tests/tracer/fake_kernel.h"
#include "tracer/tracer.h"

#define RETRIES	"sqlite_busy_retries_total"
#define WAIT	"sqlite_busy_wait_seconds_total"
#define SEEN	"sqlite_traced_processes"
#define UNSLEPT	"sqlite_busy_unslept_ratio"
#define HOLDS	"sqlite_write_lock_holds_total"
#define MEDIAN	"sqlite_write_lock_hold_p50_seconds"

extern const struct collector collector_kernel;

static struct tracer *tracer;

static int
begin(void **state)
{
	struct err e;
	struct view *v;
	int rc = view_begin(state, &collector_kernel);

	v = *state;
	tracer = tracer_new(TRACE_AUTO, &e);
	v->db->tracer = tracer;
	return rc;
}

static int
end(void **state)
{
	struct view *v = *state;
	struct locktable *t = (struct locktable *)(uintptr_t)v->db->locks;
	int rc = view_end(state);

	locktable_free(t);
	tracer_free(tracer);
	return rc;
}

/* A sample after /proc/locks was read anew. */
static void
look(struct view *v)
{
	locktable_free((struct locktable *)(uintptr_t)v->db->locks);
	v->db->locks = locktable_read("/proc/locks", &v->p->e);
	assert_non_null(v->db->locks);
	sample(v);
	assert_int_equal(v->status, 0);
	tracer_tick(tracer, clock_ms);
}

static void
test_off(void **state)
{
	struct view *v = *state;

	v->db->tracer = NULL;
	app_begin(&v->app, v->p->db);
	look(v);
	assert_int_equal(v->b->nsamples, 0);
}

static void
test_count(void **state)
{
	struct view *v = *state;
	__u32 pid;

	kernel->slots[0].retries = 5;	/* of whoever had the place before */
	app_begin(&v->app, v->p->db);
	look(v);
	assert_int_equal(slot_of((__u32)v->app.pid), 0);
	assert_int_equal(slot_of((__u32)getpid()), -1);
	ASSERT_VALUE(v, RETRIES, 0);
	ASSERT_VALUE(v, SEEN, 1);
	kernel->slots[0].retries += 3;
	kernel->slots[0].wait_ns += 8000000;
	sample(v);
	ASSERT_VALUE(v, RETRIES, 3);
	ASSERT_VALUE(v, WAIT, 0.008);
	/* Who waited is gone: the count stays. */
	pid = (__u32)v->app.pid;
	app_quit(&v->app);
	look(v);
	assert_int_equal(slot_of(pid), -1);
	ASSERT_VALUE(v, RETRIES, 3);
	ASSERT_VALUE(v, SEEN, 0);
}

/* A kernel that does not let the program in: a count that stands still is no
 * count of nothing. */
static void
test_refused(void **state)
{
	struct view *v = *state;

	kernel->refuses = 1 << KERNEL_SLEEPS;
	app_begin(&v->app, v->p->db);
	look(v);
	ASSERT_VALUE(v, SEEN, 0);
}

/* -shm, the database and its log; another -shm after a restart. */
static void
test_files(void **state)
{
	struct view *v = *state;
	struct stat st;

	app_begin(&v->app, v->p->db);
	look(v);
	for (int i = 0; i < 3; i++)
		assert_int_not_equal(kernel->files[i].key.ino, 0);
	assert_int_equal(stat(v->p->db, &st), 0);
	assert_int_equal(kernel->files[0].key.ino, st.st_ino);
	assert_int_equal(kernel->files[0].aim.kind, TRACE_PLAIN);
	app_quit(&v->app);
	look(v);
	assert_int_equal(kernel->files[1].key.ino, 0);
	app_open(&v->app, v->p->db);
	app_write(&v->app, 1, 10);
	look(v);
	assert_int_equal(stat(v->p->shm, &st), 0);
	assert_int_equal(kernel->files[1].key.ino, st.st_ino);
	assert_int_equal(kernel->files[1].aim.kind, TRACE_SHM);
}

static void
test_several(void **state)
{
	struct view *v = *state;
	char *sql = mem_printf("ATTACH '%s/other.db' AS o; "
	    "PRAGMA o.journal_mode = WAL; CREATE TABLE o.x (n)", v->p->dir);

	app_begin(&v->app, v->p->db);
	look(v);
	kernel->slots[0].retries = 2;
	sample(v);
	ASSERT_VALUE(v, RETRIES, 2);
	app_sql(&v->app, sql);
	look(v);
	assert_true(isnan(value(v, RETRIES)));
	ASSERT_VALUE(v, SEEN, 0);
	assert_int_equal(slot_of((__u32)v->app.pid), TRACE_NOBODY);
	app_sql(&v->app, "DETACH o");
	look(v);
	ASSERT_VALUE(v, RETRIES, 2);
	free(sql);
}

/* Refused, and nobody sleeps: the sleeps are no count of retries. */
static void
test_blind(void **state)
{
	struct view *v = *state;

	app_begin(&v->app, v->p->db);
	look(v);
	tracer_wish(tracer, clock_ms);
	tracer_tick(tracer, clock_ms);
	sample(v);
	kernel->slots[0].refused = 50;
	kernel->slots[0].probes = 10;
	sample(v);
	ASSERT_VALUE(v, UNSLEPT, 1);
	ASSERT_VALUE(v, "sqlite_write_lock_refusals_total", 40);
	assert_true(isnan(value(v, RETRIES)));
	ASSERT_VALUE(v, SEEN, 0);
	kernel->slots[0].refused += 60;
	kernel->slots[0].retries += 90;
	sample(v);
	assert_true(fabs(value(v, UNSLEPT) - 0.1) < 1e-9);
	ASSERT_VALUE(v, RETRIES, 90);
	ASSERT_VALUE(v, SEEN, 1);
}

static void
test_holds(void **state)
{
	struct trace_hist *h = &kernel->slots[0].hists[SPAN_WRITE];
	struct view *v = *state;

	app_begin(&v->app, v->p->db);
	look(v);
	assert_true(isnan(value(v, HOLDS)));
	kernel->slots[0].retries = 1;	/* something is wrong: a burst */
	sample(v);
	tracer_tick(tracer, clock_ms);
	assert_int_equal(kernel->attached[KERNEL_LOCKS], 1);
	sample(v);
	h->count = 4;
	h->total_ns = 4000000;
	h->max_ns = 1100000;
	h->log2[19] = 4;		/* 0.52 to 1.05 ms */
	sample(v);
	ASSERT_VALUE(v, HOLDS, 4);
	ASSERT_VALUE(v, "sqlite_write_lock_hold_seconds_total", 0.004);
	ASSERT_VALUE(v, MEDIAN, 0.001048576);
	assert_true(isnan(value(v, "sqlite_fsync_p50_seconds")));
	/* A new burst: the old one's until there is something newer. */
	clock_ms += 2 * BURST_PERIOD_MS;
	tracer_wish(tracer, clock_ms);
	tracer_tick(tracer, clock_ms);
	sample(v);
	ASSERT_VALUE(v, MEDIAN, 0.001048576);
	h->count += 3;
	h->max_ns = 5000000;
	h->log2[21] = 3;		/* 2.1 to 4.2 ms */
	sample(v);
	ASSERT_VALUE(v, MEDIAN, 0.004194304);
}

static void
test_rollback(void **state)
{
	struct view *v = *state;

	app_open(&v->app, v->p->db);
	app_sql(&v->app, "CREATE TABLE t (n INTEGER PRIMARY KEY, v)");
	look(v);
	assert_int_equal(slot_of((__u32)v->app.pid), -1);
	assert_int_equal(kernel->files[0].aim.kind, TRACE_DB);
	assert_true(isnan(value(v, RETRIES)));
	ASSERT_VALUE(v, SEEN, 0);
}

#define LOOK(fn)	cmocka_unit_test_setup_teardown(fn, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOOK(test_off), LOOK(test_count), LOOK(test_refused),
		LOOK(test_files),
		LOOK(test_several), LOOK(test_blind), LOOK(test_holds),
		LOOK(test_rollback),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
