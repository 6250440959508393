/*
 * lives - the life of an alert as a table: when, which value, what becomes of
 * it.
 *
 * A life is led through alerts.h, so that a restart in the middle of it has
 * what state.db would have: the last record that was told to be kept.  The
 * monotonic clock begins anew with each restart, the wall clock goes on.
 */
#ifndef TESTS_ALERTS_LIVES_H
#define TESTS_ALERTS_LIVES_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/alerts.h"
#include "base/mem.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define WALL		1700000000000LL		/* Tuesday, 22:13:20 UTC */
#define BOOT_S		977			/* between two boots */

#define OK		ALERT_OK
#define PENDING		ALERT_PENDING
#define FIRING		ALERT_FIRING
#define NO_DATA		ALERT_NO_DATA
#define NOTHING		ALERT_NOTHING
#define FIRED		ALERT_FIRED
#define RESOLVED	ALERT_RESOLVED
#define LOST		ALERT_LOST
#define RAISED		ALERT_RAISED
#define REPEATED	ALERT_REPEATED
#define FLAPS		ALERT_FLAPS

#define WORSE		ALERT_STATE_COUNT	/* it fires, and is raised */
#define RESTART		ALERT_CHANGES		/* the agent is back */

struct step {
	const char		*story;
	int64_t			 at_s;
	double			 value;
	enum alert_state	 state;
	enum alert_change	 change;
	int64_t			 wall_s;	/* how far the wall is off; of
						   RESTART: until when the agent
						   was alive */
};

struct life {
	const char		*name;
	const struct rule	*rule;
	const struct step	*steps;
	size_t			 nsteps;
};

struct world {
	struct alerts		*as;		/* owned */
	const struct rule	*rule;
	int64_t			 boots;
	enum alert_change	 what;
	bool			 kept;		/* state.db has a row */
	struct alert_record	 row;
};

static void
on_change(void *arg, const struct alert_set *set, struct alert *a,
    enum alert_change what)
{
	struct world *w = arg;

	w->what = what;
	alerts_save(&w->row, set, a);
	w->row.rule = "it";
	w->row.db = "app";
	w->kept = !alerts_record_is_plain(&w->row);
}

static void
world_begin(struct world *w)
{
	struct rule *r = mem_new(1, sizeof *r);

	*r = *w->rule;
	r->name = mem_strdup("it");
	r->enabled = true;
	w->as = alerts_new(r, 1, on_change, w);
}

static struct alert *
the_alert(struct world *w)
{
	return &alerts_of(w->as, "app")->alerts[0];
}

static struct now
time_of(const struct world *w, const struct step *s)
{
	int64_t off_s = s->change == RESTART ? 0 : s->wall_s;

	return (struct now){ (s->at_s - w->boots * BOOT_S) * 1000,
	    WALL + (s->at_s + off_s) * 1000 };
}

static void
world_restart(struct world *w, const struct step *s)
{
	alerts_free(w->as);
	world_begin(w);
	w->boots++;
	if (!w->kept)
		return;
	assert_int_equal(alerts_restore(w->as, &w->row, time_of(w, s),
	    WALL + s->wall_s * 1000), 0);
	alerts_refresh(w->as, &w->row);		/* as reconcile.c does */
}

static void
world_step(struct world *w, const struct step *s)
{
	double values[MEASURE_COUNT];

	w->what = NOTHING;
	if (s->change == RESTART) {
		world_restart(w, s);
		return;
	}
	for (int i = 0; i < MEASURE_COUNT; i++)
		values[i] = s->value;
	alerts_step(w->as, alerts_of(w->as, "app"), values, time_of(w, s));
}

static bool
is_as_told(const struct world *w, const struct alert *a, const struct step *s)
{
	enum alert_change want = s->change == RESTART ? NOTHING : s->change;
	enum alert_state state = a->state == FIRING && a->raised ? WORSE :
	    a->state;

	return w->what == want && state == s->state;
}

static void
lead_life(const struct life *life)
{
	struct world w = { .rule = life->rule };

	world_begin(&w);
	for (size_t k = 0; k < life->nsteps; k++) {
		const struct step *s = &life->steps[k];
		const struct alert *a;

		world_step(&w, s);
		a = the_alert(&w);
		if (!is_as_told(&w, a, s))
			fail_msg("%s: %s: state %s%s, change %d", life->name,
			    s->story, alert_state_name(a->state),
			    a->raised ? " (raised)" : "", (int)w.what);
	}
	alerts_free(w.as);
}

static void
lead_lives(const struct life *lives, size_t n)
{
	for (size_t i = 0; i < n; i++)
		lead_life(&lives[i]);
}

#define LIFE(name, rule, steps)	{ name, rule, steps, COUNT(steps) }

#endif
