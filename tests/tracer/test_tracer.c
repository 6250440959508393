/*
 * Whose sleeps are whose, and what the kernel is told of it: with a kernel of
 * the test's own that writes down what it is asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/sysmacros.h>

#include <cmocka.h>

#include "tests/tracer/fake_kernel.h"
#include "tracer/tracer.h"

static enum trace_syncs syncs;	/* of what is aimed at */

/* PIDs up to 0; a negative one has other databases open as well. */
static void
aim(struct tracer *t, int slot, const int *pids)
{
	struct tracer_target target = { 0 };

	for (; *pids != 0; pids++)
		target.procs[target.nprocs++] = (struct aim_proc){
		    (uint32_t)abs(*pids), *pids < 0 };
	target.files[target.nfiles++] = (struct tracer_file){ makedev(254, 3),
	    (ino_t)(100 + slot), TRACE_SHM, syncs };
	tracer_aim(t, slot, &target);
}

#define AIM(t, slot, ...) aim(t, slot, (const int[]){ __VA_ARGS__, 0 })

static bool
is_mixed(struct tracer *t, int slot)
{
	struct tracer_view *v;
	bool mixed;

	NEW(v);
	tracer_read(t, slot, v);
	mixed = v->mixed;
	free(v);
	return mixed;
}

static int
begin(void **state)
{
	struct err e;

	*state = tracer_new(TRACE_AUTO, &e);
	return 0;
}

static int
end(void **state)
{
	tracer_free(*state);
	return 0;
}

static void
test_names(void **state)
{
	struct tracer *t = *state;
	int a = tracer_join(t), b = tracer_join(t);

	assert_int_equal(kernel->attached[KERNEL_SLEEPS], 0);
	AIM(t, a, 7, 5, 9);
	assert_int_equal(kernel->attached[KERNEL_SLEEPS], 1);
	AIM(t, b, 6);
	assert_int_equal(slot_of(5), a);
	assert_int_equal(slot_of(9), a);
	assert_int_equal(slot_of(6), b);
	assert_false(kernel->several);
	/* 9 opens the other one too, 7 is gone, 4 is new. */
	AIM(t, b, 6, 9);
	AIM(t, a, 4, 5, 9);
	assert_int_equal(slot_of(9), TRACE_NOBODY);
	assert_int_equal(slot_of(7), -1);
	assert_int_equal(slot_of(4), a);
	assert_true(kernel->several);
	assert_true(is_mixed(t, a) && is_mixed(t, b));
	/* And closes it again: whoever is told first, nothing gets lost. */
	AIM(t, b, 6);
	assert_int_equal(slot_of(9), a);
	assert_false(is_mixed(t, a) || is_mixed(t, b) || kernel->several);
	/* One that is not watched counts as well. */
	AIM(t, b, -6);
	assert_int_equal(slot_of(6), TRACE_NOBODY);
	assert_true(is_mixed(t, b) && !is_mixed(t, a));
	tracer_leave(t, a);
	tracer_leave(t, b);
	for (__u32 pid = 1; pid < 20; pid++)
		assert_int_equal(slot_of(pid), -1);
	for (int i = 0; i < PROCS; i++)
		assert_int_equal(kernel->files[i].key.ino, 0);
	assert_int_equal(kernel->attached[KERNEL_SLEEPS], 0);
}

static void
test_files(void **state)
{
	struct tracer *t = *state;
	int a = tracer_join(t);

	AIM(t, a, 7);
	assert_int_equal(kernel->files[0].key.ino, 100 + a);
	assert_int_equal(kernel->files[0].key.dev, 254 << 20 | 3);
	assert_int_equal(kernel->files[0].aim.slot, a);
	AIM(t, a, 7);
	assert_int_equal(kernel->files[1].key.ino, 0);
	tracer_leave(t, a);
}

static void
test_places(void **state)
{
	struct tracer *t = *state;

	for (int i = 0; i < TRACE_SLOTS; i++)
		assert_int_equal(tracer_join(t), i);
	assert_int_equal(tracer_join(t), -1);
	tracer_leave(t, 17);
	assert_int_equal(tracer_join(t), 17);
}

static void
test_bursts(void **state)
{
	struct tracer *t = *state;
	int a = tracer_join(t);

	tracer_wish(t, 1000);
	tracer_tick(t, 1000);		/* nothing to look at yet */
	assert_int_equal(kernel->attached[KERNEL_LOCKS], 0);
	AIM(t, a, 7);
	tracer_tick(t, 2000);
	assert_int_equal(kernel->attached[KERNEL_LOCKS], 1);
	assert_int_equal(kernel->attached[KERNEL_CALLS], 1);
	tracer_tick(t, 8000);
	assert_int_equal(kernel->attached[KERNEL_LOCKS], 1);
	assert_int_equal(kernel->attached[KERNEL_CALLS], 0);
	tracer_tick(t, 13000);
	assert_int_equal(kernel->attached[KERNEL_LOCKS], 0);
	assert_int_equal(kernel->attached[KERNEL_SLEEPS], 1);
}

/* System calls are traced for those alone whose fsyncs are not seen else. */
static void
test_syncs(void **state)
{
	static const struct {
		const char	*story;
		int		 knows_ext4;
		enum trace_syncs syncs;
		int		 calls, ext4;
	} rows[] = {
		{ "a file system of another kind", 1, TRACE_BY_CALLS, 1, 0 },
		{ "ext4", 1, TRACE_BY_EXT4, 0, 1 },
		{ "ext4 that does not tell", 0, TRACE_BY_EXT4, 1, 0 },
		{ "memory", 1, TRACE_NO_SYNCS, 0, 0 },
	};
	struct tracer *t = *state;
	int a = tracer_join(t);
	int64_t now = 1000;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		print_message("# %s\n", rows[i].story);
		kernel->ext4 = rows[i].knows_ext4;
		syncs = rows[i].syncs;
		AIM(t, a, 7);
		tracer_wish(t, now);
		tracer_tick(t, now);
		assert_int_equal(kernel->attached[KERNEL_CALLS],
		    rows[i].calls);
		assert_int_equal(kernel->attached[KERNEL_EXT4], rows[i].ext4);
		assert_int_equal(kernel->files[0].aim.syncs,
		    rows[i].calls ? TRACE_BY_CALLS : rows[i].syncs);
		tracer_tick(t, now + BURST_SYNCS_MS);
		assert_int_equal(kernel->attached[KERNEL_CALLS], 0);
		assert_int_equal(kernel->attached[KERNEL_EXT4], 0);
		now += 2 * BURST_PERIOD_MS;
	}
	syncs = TRACE_BY_CALLS;
	tracer_leave(t, a);
}

/* Said once; not tried again. */
static void
test_refusal(void **state)
{
	struct tracer *t = *state;
	int a = tracer_join(t);
	struct err e;

	kernel->refuses = 1 << KERNEL_SLEEPS;
	AIM(t, a, 7);
	assert_true(tracer_failed(t, &e));
	assert_string_equal(e.text, "no");
	tracer_wish(t, 1000);
	for (int64_t now = 1000; now < 100000; now += 1000)
		tracer_tick(t, now);
	assert_false(tracer_failed(t, &e));
	assert_int_equal(kernel->asked, 1);
}

/* A program that was let in does not outlive its burst for the sake of one
 * that was not. */
static void
test_refusal_later(void **state)
{
	struct tracer *t = *state;
	int a = tracer_join(t);

	kernel->refuses = 1 << KERNEL_CALLS;
	AIM(t, a, 7);
	tracer_wish(t, 1000);
	tracer_tick(t, 1000);
	assert_int_equal(kernel->attached[KERNEL_LOCKS], 1);
	tracer_tick(t, 12000);
	assert_int_equal(kernel->attached[KERNEL_LOCKS], 0);
	assert_int_equal(kernel->attached[KERNEL_CALLS], 0);
	assert_int_equal(kernel->attached[KERNEL_SLEEPS], 1);
}

static void
test_no(void **state)
{
	struct err e;

	(void)state;
	assert_null(tracer_new(TRACE_NO, &e));
	assert_string_equal(e.text, "the configuration says no");
}

#define LIFE(fn)	cmocka_unit_test_setup_teardown(fn, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE(test_names), LIFE(test_files), LIFE(test_places),
		LIFE(test_bursts), LIFE(test_syncs), LIFE(test_refusal),
		LIFE(test_refusal_later),
		cmocka_unit_test(test_no),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
