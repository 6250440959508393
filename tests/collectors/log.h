/*
 * log - one log, followed while a test's app is at work on it.
 */
#ifndef TESTS_COLLECTORS_LOG_H
#define TESTS_COLLECTORS_LOG_H

#include "tests/collectors/app.h"

#include "collectors/wal.h"

struct world {
	struct place	*p;
	struct app	 app;
	struct wal	 w;
	int64_t		 now;
};

static inline int
begin(void **state)
{
	struct world *x;

	NEW(x);
	setup((void **)&x->p);
	wal_init(&x->w, x->p->shm, x->p->wal);
	*state = x;
	return 0;
}

static inline int
end(void **state)
{
	struct world *x = *state;

	if (x->app.pid != 0)
		app_kill(&x->app);
	wal_done(&x->w);
	teardown((void **)&x->p);
	free(x);
	return 0;
}

static inline bool
look_for(struct world *x, enum wal_reason why)
{
	x->now += 1000;
	return wal_look(&x->w, why, x->now, x->now + 7000);
}

static inline bool
look(struct world *x)
{
	return look_for(x, WAL_SAMPLE);
}

#define ASSERT_COUNT(x, n, ngaps)	do {				\
	assert_int_equal((x)->w.transactions, (n));			\
	assert_int_equal((x)->w.gaps, (ngaps));				\
} while (0)

/* The agent was there first: every transaction counts. */
static inline void
watch_from_the_start(struct world *x)
{
	look(x);
	app_begin(&x->app, x->p->db);
	look(x);
	ASSERT_COUNT(x, 1, 0);
}

#define LOG(fn)	cmocka_unit_test_setup_teardown(fn, begin, end)

#endif
