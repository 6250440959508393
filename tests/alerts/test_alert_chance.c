/*
 * alerts: whatever happens to them, in whatever order, what is told is a story
 * that begins, goes on and ends, and the counts are right.
 *
 * Values, gaps, restarts, new configurations and silences come by chance, from
 * seeds that are always the same.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/alerts.h"
#include "base/err.h"
#include "base/mem.h"

#define SEEDS		300
#define STEPS		600
#define RULES		4
#define WALL		1700000000000LL

/* What people know of one alert, from what they are told. */
struct heard {
	bool	 open;
	bool	 flaps;		/* nothing is told until it is calm */
};

struct life {
	unsigned	 seed, random;
	struct alerts	*as;
	struct heard	 heard[RULES];
	struct alert_record rows[RULES];	/* state.db */
	bool		 kept[RULES];
	int64_t		 mono_s, wall_s;
};

static const char *const names[RULES] = { "plain", "slow", "counts", "mean" };

static unsigned
any(struct life *l, unsigned below)
{
	l->random = l->random * 1103515245u + 12345u;
	return (l->random >> 8) % below;
}

static size_t
which(const char *rule)
{
	size_t i = 0;

	while (strcmp(names[i], rule) != 0)
		i++;
	return i;
}

/* What may be told now, and what is known after it. */
static bool
is_fit(struct heard *h, enum alert_change what)
{
	switch (what) {
	case ALERT_FIRED:	/* or it flaps no more, and fires */
		if (h->open != h->flaps)
			return false;
		*h = (struct heard){ true, false };
		return true;
	case ALERT_FLAPS:
		if (h->flaps)
			return false;
		*h = (struct heard){ true, true };
		return true;
	case ALERT_RESOLVED:
	case ALERT_DROPPED:
		if (!h->open)
			return false;
		*h = (struct heard){ false, false };
		return true;
	case ALERT_LOST:	/* or it flaps no more, and is not seen */
		h->flaps = false;
		return h->open;
	case ALERT_RAISED:
	case ALERT_REPEATED:
		return h->open && !h->flaps;
	case ALERT_NOTHING:
	case ALERT_CHANGES:
		break;
	}
	return true;
}

static void
on_change(void *arg, const struct alert_set *set, struct alert *a,
    enum alert_change what)
{
	struct life *l = arg;
	size_t i = which(a->rule->name);

	if (!is_fit(&l->heard[i], what))
		fail_msg("seed %u, %lld s: %s is told %d", l->seed,
		    (long long)l->mono_s, names[i], (int)what);
	alerts_save(&l->rows[i], set, a);
	l->rows[i].rule = names[i];
	l->rows[i].db = "app";
	l->kept[i] = !alerts_record_is_plain(&l->rows[i]);
}

/* The second configuration has other limits, and one rule fewer. */
static struct alerts *
configuration(struct life *l, unsigned n)
{
	static const struct rule_text texts[RULES] = {
		{ .name = "plain", .when = "readers > 10", .repeat = "10m",
		  .severity = "warning, critical > 20" },
		{ .name = "slow", .when = "readers > 10", .for_ = "1m",
		  .keep = "30s", .severity = "info, warning > 15" },
		{ .name = "counts", .when = "readers > 10", .for_ = "3 of 5" },
		{ .name = "mean", .when = "readers > 10", .over = "2m" },
	};
	struct rule *rules = mem_new(RULES, sizeof *rules);
	struct err e;
	size_t many = 0;

	for (size_t i = 0; i < RULES; i++) {
		struct rule_text t = texts[i];

		if (n == 1 && i == 2)
			continue;
		if (n == 1)
			t.when = "readers > 12";
		if (rule_parse(&rules[many++], &t, NULL, &e) == -1)
			fail_msg("%s", e.text);
	}
	return alerts_new(rules, many, on_change, l);
}

static struct now
now(const struct life *l)
{
	return (struct now){ l->mono_s * 1000, WALL + l->wall_s * 1000 };
}

static void
restart(struct life *l)
{
	alerts_free(l->as);
	l->wall_s += any(l, 4000);
	l->mono_s = any(l, 10000);
	l->as = configuration(l, any(l, 2));
	for (size_t i = 0; i < RULES; i++)
		if (l->kept[i])
			(void)alerts_restore(l->as, &l->rows[i], now(l),
			    WALL + (l->wall_s - any(l, 60)) * 1000);
}

static void
reload(struct life *l)
{
	struct alerts *new = configuration(l, any(l, 2));

	alerts_move(new, l->as);
	alerts_free(l->as);
	l->as = new;
}

static void
step(struct life *l)
{
	struct alert_set *set = alerts_of(l->as, "app");
	double values[MEASURE_COUNT];
	unsigned chance = any(l, 100);

	for (size_t i = 0; i < MEASURE_COUNT; i++)
		values[i] = chance < 15 ? (double)NAN : any(l, 30);
	alerts_step(l->as, set, chance < 5 ? NULL : values, now(l));
}

static void
silence(struct life *l)
{
	struct alert_set *set = alerts_of(l->as, "app");

	alerts_silence(l->as, &set->alerts[any(l, (unsigned)set->nalerts)],
	    any(l, 2) == 0);
}

static void
check_counts(const struct life *l)
{
	const struct alert_set *set = alerts_first(l->as);

	for (int s = 0; s < ALERT_STATE_COUNT; s++)
		for (int v = 0; v < SEVERITY_COUNT; v++) {
			size_t n = 0;

			for (size_t i = 0; set != NULL && i < set->nalerts; i++)
				n += (int)alert_shown(&set->alerts[i]) == s &&
				    (int)alert_severity(&set->alerts[i]) == v;
			assert_int_equal(alerts_count(l->as,
			    (enum alert_state)s, (enum severity)v), n);
		}
}

static void
live(unsigned seed)
{
	struct life l = { .seed = seed, .random = seed, .mono_s = 1000 };
	static const int64_t paces[] = { 1, 1, 1, 7, 30, 200, 1900 };

	l.as = configuration(&l, 0);
	for (int i = 0; i < STEPS; i++) {
		unsigned chance = any(&l, 200);
		int64_t pace = paces[any(&l, sizeof paces / sizeof *paces)];

		l.mono_s += pace;
		l.wall_s += any(&l, 50) == 0 ? -pace : pace;
		if (chance == 0)
			restart(&l);
		else if (chance < 3)
			reload(&l);
		else if (chance < 8)
			silence(&l);
		else
			step(&l);
		check_counts(&l);
	}
	alerts_forget(l.as, "app");
	for (size_t i = 0; i < RULES; i++)
		if (l.heard[i].open)
			fail_msg("seed %u: %s never ends", seed, names[i]);
	alerts_free(l.as);
}

static void
test_lives(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= SEEDS; seed++)
		live(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
