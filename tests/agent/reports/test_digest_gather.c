/*
 * digest_gather: a week of state.db and a day of the rings, with the keeper and
 * the loop that the agent has.
 */
#include <math.h>
#include <stdio.h>

#include "agent/agent.h"
#include "agent/reports/digest_gather.h"
#include "agent/state/keeper.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "alerts/alerts.h"
#include "base/batch.h"
#include "base/clock.h"
#include "tests/agent/place.h"

#define DAY_S		86400
#define LIMIT_MS	20000

struct desk {
	struct agent	 agent;
	struct loop_timer limit;
	struct digest_facts facts;
	unsigned	 calls;
	char		 open[DIGEST_SHOWN][64];
};

static void
on_limit(void *arg)
{
	(void)arg;
	fail_msg("nothing was gathered in time");
}

static void
on_gathered(void *arg, struct digest_facts *f)
{
	struct desk *d = arg;

	d->facts = *f;
	d->calls++;
	for (size_t i = 0; i < DIGEST_SHOWN && i < f->nopen; i++)
		(void)snprintf(d->open[i], sizeof d->open[i], "%s of %s",
		    f->open[i].rule, f->open[i].db);
	loop_stop(d->agent.loop);
}

static void
unheard(void *arg, const struct alert_set *set, struct alert *a,
    enum alert_change what)
{
	(void)arg;
	(void)set;
	(void)a;
	(void)what;
}

static void
unkept(void *arg, const char *db, int measure, int64_t at_s,
    const struct point *p)
{
	(void)arg;
	(void)db;
	(void)measure;
	(void)at_s;
	(void)p;
}

/* Two rules, of which the lower limit counts. */
static struct rule *
make_rules(void)
{
	static const struct rule_text texts[] = {
		{ .name = "rate", .when = "write_rate > 80/s", .for_ = "0s" },
		{ .name = "low", .when = "write_rate > 40/s", .for_ = "0s" },
	};
	struct rule *rules = mem_new(2, sizeof *rules);
	struct err e;

	for (size_t i = 0; i < 2; i++)
		if (rule_parse(&rules[i], &texts[i], NULL, &e) == -1)
			fail_msg("%s", e.text);
	return rules;
}

/* Six days of state.db: 10/s, and 30/s in every tenth point; the file grows by
 * 100 MB a day, and once the backup was 90 s behind. */
static void
fill_state(struct state *s, int64_t now_s)
{
	int64_t from_s = now_s - 7 * DAY_S;
	struct err e;

	assert_int_equal(state_begin(s, &e), 0);
	for (int64_t at = from_s - from_s % 300; at < now_s - DAY_S;
	    at += 300) {
		float rate = at / 300 % 10 == 0 ? 30 : 10;
		float size = 1e9f + 1e8f * (float)(at - from_s) / DAY_S;
		float lag = at / 300 % 1000 == 0 ? 90 : 1;
		const float rates[] = { rate, 0, 2 * rate };
		const float sizes[] = { size, size, size };
		const float lags[] = { 1, 0, lag };

		if (state_put_history(s, "app", "write_rate", at, rates, &e) ||
		    state_put_history(s, "app", "database_size", at, sizes,
		    &e) || state_put_history(s, "app", "replication_lag", at,
		    lags, &e) || state_put_history(s, "app", "readers", at,
		    lags, &e))
			fail_msg("%s", e.text);
	}
	assert_int_equal(state_commit(s, &e), 0);
}

static struct watched *
watch(struct desk *d, const char *name, double rate, double size)
{
	struct watched *w = store_watch(d->agent.store, name, "/x", 1000);

	w->seen = true;
	w->measures[MEASURE_WRITE_RATE] = rate;
	w->measures[MEASURE_DATABASE_SIZE] = size;
	w->alerts = alerts_of(d->agent.alerts, name);
	return w;
}

static struct desk *
begin(struct place *p, bool with_state)
{
	struct err e;
	struct desk *d;
	struct agent *a;

	NEW(d);
	a = &d->agent;
	a->loop = loop_new(&e);
	assert_non_null(a->loop);
	a->histories = history_pool_new(unkept, NULL);
	a->store = store_new(a->histories);
	a->alerts = alerts_new(make_rules(), 2, unheard, NULL);
	if (with_state) {
		struct state *s = must_open(p);

		fill_state(s, wall_ms() / 1000);
		a->keeper = keeper_new(s, a->loop, &e);
		assert_non_null(a->keeper);
		assert_int_equal(keeper_start(a->keeper, &e), 0);
	}
	d->limit = (struct loop_timer){ .fn = on_limit };
	loop_timer_set(a->loop, &d->limit, mono_ms() + LIMIT_MS);
	return d;
}

static void
end(struct desk *d)
{
	struct agent *a = &d->agent;

	assert_int_equal(keeper_stop(a->keeper, LIMIT_MS), 0);
	alerts_free(a->alerts);
	store_free(a->store);
	history_pool_free(a->histories);
	keeper_free(a->keeper);
	loop_timer_clear(a->loop, &d->limit);
	loop_free(a->loop);
	free(d);
}

static struct gather *
start(struct desk *d)
{
	return gather_start(&d->agent, wall_ms() - 7LL * DAY_S * 1000,
	    on_gathered, d);
}

static void
run(struct desk *d)
{
	struct err e;

	assert_int_equal(loop_run(d->agent.loop, &e), 0);
	assert_int_equal(d->calls, 1);
}

static void
assert_near(double is, double want, double share)
{
	if (fabs(is - want) > share * want)
		fail_msg("%g is not about %g", is, want);
}

static void
test_week(void **state)
{
	struct desk *d = begin(*state, true);
	struct watched *w = watch(d, "app", 12, 1.7e9);
	const struct digest_room *r = &d->facts.tight[0];

	w->measures[MEASURE_REPLICATION_LAG] = 0;
	watch(d, "idle", 0, 4096);
	start(d);
	run(d);
	assert_int_equal(d->facts.ndbs, 2);
	assert_int_equal(d->facts.ntight, 2);
	assert_string_equal(r->db, "app");
	/* One point in ten is above it: the 95th of a hundred is one of them.
	 */
	assert_near(r->rate, 30, 0.03);
	assert_near(r->rate_limit, 40, 0);
	assert_near(r->size_limit, 10e9, 0);
	assert_near((double)(r->full_ms - wall_ms()) / 1000 / DAY_S, 83, 0.01);
	assert_true(r->copied);
	assert_near(r->lag_s, 90, 0);
	assert_int_equal(d->facts.nundrilled, 1);
	assert_int_equal(d->facts.nuncopied, 1);
	assert_string_equal(d->facts.tight[1].db, "idle");
	assert_int_equal(d->facts.tight[1].full_ms, 0);
	end(d);
}

/* What the rings have is newer, and counts as well. */
static void
test_rings(void **state)
{
	struct desk *d = begin(*state, false);
	struct watched *w = watch(d, "app", 5, 1e9);
	int64_t now_s = wall_ms() / 1000;

	for (int64_t at = now_s - 80000; at < now_s; at += 100)
		history_add(w->history, MEASURE_WRITE_RATE, at,
		    at % 200 == 0 ? 20 : 20.5);
	start(d);
	run(d);
	assert_near(d->facts.tight[0].rate, 20.2, 0.04);
	assert_false(d->facts.tight[0].copied);
	end(d);
}

/* Thousands are told of in three lines, and none is looked at twice. */
static void
test_many(void **state)
{
	struct desk *d = begin(*state, true);
	char name[32];

	for (int i = 0; i < 3000; i++) {
		(void)snprintf(name, sizeof name, "tenant/%d", i);
		watch(d, name, i / 100.0, 4096);
	}
	start(d);
	run(d);
	assert_int_equal(d->facts.ndbs, 3000);
	assert_int_equal(d->facts.ntight, DIGEST_SHOWN);
	assert_string_equal(d->facts.tight[0].db, "tenant/2999");
	assert_string_equal(d->facts.tight[2].db, "tenant/2997");
	end(d);
}

/* The database done last goes away between two turns. */
static void
forget_some(void *arg)
{
	struct desk *d = arg;
	char name[32];

	for (int i = 0; i < 3000; i += 2) {
		(void)snprintf(name, sizeof name, "tenant/%d", i);
		store_forget(d->agent.store, name);
	}
}

static void
test_gone_meanwhile(void **state)
{
	struct desk *d = begin(*state, false);
	struct loop_timer t = { .fn = forget_some, .arg = d };
	char name[32];

	for (int i = 0; i < 3000; i++) {
		(void)snprintf(name, sizeof name, "tenant/%d", i);
		watch(d, name, 1, 4096);
	}
	start(d);
	loop_timer_set(d->agent.loop, &t, mono_ms());
	run(d);
	assert_true(d->facts.ndbs >= 1500 && d->facts.ndbs <= 3000);
	end(d);
}

static void
test_open(void **state)
{
	struct desk *d = begin(*state, false);
	const struct now now = { mono_ms(), wall_ms() };
	struct watched *w = watch(d, "app", 60, 4096);

	watch(d, "idle", 0, 4096);
	alerts_step(d->agent.alerts, w->alerts, w->measures, now);
	start(d);
	run(d);
	assert_int_equal(d->facts.nopen, 1);
	assert_string_equal(d->open[0], "low of app");
	assert_int_equal(d->facts.nsilenced, 0);
	end(d);
}

static void
test_silenced(void **state)
{
	struct desk *d = begin(*state, false);
	const struct now now = { mono_ms(), wall_ms() };
	struct watched *w = watch(d, "app", 60, 4096);

	alerts_step(d->agent.alerts, w->alerts, w->measures, now);
	for (size_t i = 0; i < w->alerts->nalerts; i++)
		alerts_silence(d->agent.alerts, &w->alerts->alerts[i], true);
	start(d);
	run(d);
	assert_int_equal(d->facts.nopen, 0);
	assert_int_equal(d->facts.nsilenced, 1);
	end(d);
}

/* Nobody is told after a stop, wherever the gather was. */
static void
test_stop(void **state)
{
	struct desk *d = begin(*state, true);

	watch(d, "app", 1, 4096);
	gather_stop(start(d));		/* with the keeper */
	gather_stop(NULL);
	start(d);
	run(d);
	end(d);
	d = begin(*state, false);
	watch(d, "app", 1, 4096);
	gather_stop(start(d));		/* with the loop */
	start(d);
	run(d);
	end(d);
	d = begin(*state, true);
	gather_stop(start(d));		/* and then all ends */
	end(d);
}

#define WITH_PLACE(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(test_week),
		WITH_PLACE(test_rings),
		WITH_PLACE(test_many),
		WITH_PLACE(test_gone_meanwhile),
		WITH_PLACE(test_open),
		WITH_PLACE(test_silenced),
		WITH_PLACE(test_stop),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
