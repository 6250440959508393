/*
 * memory - see memory.h.
 */
#include <stdlib.h>

#include "agent/agent.h"
#include "agent/announce/announce.h"
#include "agent/config/config.h"
#include "agent/state/keep.h"
#include "agent/state/memory.h"
#include "agent/state/state.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "alerts/alerts.h"
#include "base/clock.h"
#include "base/measure.h"
#include "base/mem.h"

#define DAY_S		(24 * 3600)
#define PRUNE_EVERY_MS	((int64_t)DAY_S * 1000)

struct keeping {
	struct keep	 keep;		/* first */
	char		*db;		/* owned; NULL: prune */
	int		 measure;
	int64_t		 at_s;
	float		 point[3];
};

static void
discard(struct mail *m)
{
	struct keeping *k = (struct keeping *)(void *)m;

	free(k->db);
	free(k);
}

static int
work(struct job *j, struct state *s, struct err *e)
{
	const struct keeping *k = (const void *)j;

	if (k->db == NULL)
		return state_prune(s, k->at_s, e) == -1 ? -1 :
		    state_prune_drills(s, k->at_s, e);
	return state_put_history(s, k->db, measures[k->measure].name, k->at_s,
	    k->point, e);
}

static struct keeping *
keeping_new(const char *db, int64_t at_s)
{
	struct keeping *k;

	NEW(k);
	k->keep.job.mail.discard = discard;
	k->keep.job.work = work;
	k->db = db ? mem_strdup(db) : NULL;
	k->at_s = at_s;
	return k;
}

void
memory_keep(void *arg, const char *db, int measure, int64_t at_s,
    const struct point *p)
{
	struct agent *a = arg;
	struct keeping *k;

	if (!section_flag(config_agent(a->config), "history"))
		return;
	k = keeping_new(db, at_s);
	k->measure = measure;
	k->point[0] = p->mean;
	k->point[1] = p->least;
	k->point[2] = p->greatest;
	keep_put(a, &k->keep);
}

static void
lay_back(void *arg, const char *db, const char *measure, int64_t at_s,
    const float point[3])
{
	struct agent *a = arg;
	struct watched *w = store_find(a->store, db);
	struct point p = { point[0], point[1], point[2] };
	int id = measure_find(measure);

	if (w != NULL && id != -1)
		history_load(w->history, id, at_s, &p);
}

/* --- windows of rules ----------------------------------------------------- */

/* A window is no finer than its slots: so many points of it will do. */
#define SEEDS_MAX	(4 * WINDOW_SLOTS)

struct seeding {
	struct agent	*agent;
	enum measure_id	 measure;
	struct now	 now;
	int64_t		 step_s;
};

static void
seed(void *arg, const char *db, const char *measure, int64_t at_s,
    const float point[3])
{
	const struct seeding *s = arg;
	int64_t from = s->now.mono_ms - (s->now.wall_ms - at_s * 1000);

	(void)measure;
	if (reconcile_is_watched(s->agent, db))
		alerts_seed(s->agent->alerts, db, s->measure, from,
		    from + s->step_s * 1000, point);
}

/* Every point of so long a window would be a scan of all that is kept. */
static int
seed_measure(struct seeding *s, struct state *state, int64_t over_ms,
    struct err *e)
{
	int64_t now_s = s->now.wall_ms / 1000;
	int64_t over_s = over_ms / 1000, at_s;

	if (over_s > STATE_HISTORY_DAYS * (int64_t)DAY_S)
		over_s = STATE_HISTORY_DAYS * (int64_t)DAY_S;
	s->step_s = over_s / SEEDS_MAX / HISTORY_COARSE_S * HISTORY_COARSE_S;
	if (s->step_s == 0)
		s->step_s = HISTORY_COARSE_S;
	at_s = (now_s - over_s) / s->step_s * s->step_s;
	for (; at_s + s->step_s <= now_s; at_s += s->step_s)
		if (state_each_history_at(state, measures[s->measure].name,
		    at_s, seed, s, e) == -1)
			return -1;
	return 0;
}

static int
seed_windows(struct agent *a, struct state *state, struct err *e)
{
	struct seeding s = { .agent = a, .now = { mono_ms(), wall_ms() } };

	for (int m = 0; m < MEASURE_COUNT; m++) {
		int64_t over_ms;

		s.measure = (enum measure_id)m;
		over_ms = alerts_over_ms(a->alerts, s.measure);
		if (over_ms > 0 && seed_measure(&s, state, over_ms, e) == -1)
			return -1;
	}
	return 0;
}

int
memory_load(struct agent *a, struct state *s, struct err *e)
{
	if (seed_windows(a, s, e) == -1)
		return -1;
	return state_each_history(s, wall_ms() / 1000 - DAY_S, lay_back, a, e);
}

void
memory_prune(struct agent *a, int64_t now)
{
	if (a->pruned_ms != 0 && now - a->pruned_ms < PRUNE_EVERY_MS)
		return;
	a->pruned_ms = now;
	keep_put(a, &keeping_new(NULL, wall_ms() / 1000)->keep);
}
