/*
 * digest_gather - see digest_gather.h.
 *
 * The gather is itself the job, so whoever works at it owns it: the keeper's
 * thread touches no part of the agent, and the loop none of the job while it is
 * away.
 */
#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/drills/drills.h"
#include "agent/reports/digest_gather.h"
#include "agent/reports/digest_stats.h"
#include "agent/state/keeper.h"
#include "agent/state/state.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "alerts/alerts.h"
#include "alerts/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "litestream/drill.h"

#define HOUR_S		3600
#define DAY_S		(24 * HOUR_S)
#define TURN_DBS	50	/* databases of which rings are read at once */
#define RATE_LIMIT	50.0	/* where no rule says one */
#define SIZE_LIMIT	10e9

static const enum measure_id asked[] = { MEASURE_WRITE_RATE,
	MEASURE_DATABASE_SIZE, MEASURE_REPLICATION_LAG };

#define ASKED	(sizeof asked / sizeof *asked)

struct gather {
	struct job	 job;		/* first */
	struct agent	*agent;		/* not owned; the loop's */
	digest_gathered_fn *gathered;	/* NULL: nobody wants it any more */
	void		*arg;
	struct loop_timer timer;	/* of the turns on the loop */
	bool		 away;		/* the keeper has it */
	struct digest_facts facts;
	char		*last;		/* owned; the database done last */

	/* the keeper's, while it is away */
	int64_t		 next_s, until_s;	/* hours of state.db */
	size_t		 row, taken;	/* of this hour: a job may run twice */
	void		*tree;		/* of struct digest_stats, by name */
};

static void
free_stats(void *stats)
{
	digest_stats_done(stats);
	free(stats);
}

static void
gather_free(struct gather *g)
{
	tdestroy(g->tree, free_stats);
	free(g->last);
	free(g);
}

static void
discard(struct mail *m)
{
	gather_free((struct gather *)(void *)m);
}

static int
by_name(const void *a, const void *b)
{
	const struct digest_stats *x = a, *y = b;

	return strcmp(x->db, y->db);
}

static struct digest_stats *
stats_of(struct gather *g, const char *db)
{
	struct digest_stats *s, **node;

	NEW(s);
	digest_stats_init(s, db);
	node = tsearch(s, &g->tree, by_name);
	if (node == NULL)
		abort();	/* out of memory, as in mem.h */
	if (*node != s)
		free_stats(s);
	return *node;
}

static void
add_point(struct digest_stats *s, enum measure_id id, int64_t at_s,
    float mean, float greatest)
{
	if (id == MEASURE_WRITE_RATE)
		digest_stats_rate(s, (double)mean);
	else if (id == MEASURE_DATABASE_SIZE)
		digest_stats_size(s, at_s, (double)mean);
	else
		digest_stats_lag(s, (double)greatest);
}

/* --- what state.db has ---------------------------------------------------- */

static void
take_row(void *arg, const char *db, const char *measure, int64_t at_s,
    const float point[3])
{
	struct gather *g = arg;
	int id = measure_find(measure);

	/* After a rollback the job comes again: not twice the same. */
	if (g->row++ < g->taken || id == -1)
		return;
	g->taken = g->row;
	add_point(stats_of(g, db), (enum measure_id)id, at_s, point[0],
	    point[2]);
}

static int
work(struct job *j, struct state *s, struct err *e)
{
	struct gather *g = (struct gather *)(void *)j;

	g->row = 0;
	for (int64_t at = g->next_s; at < g->next_s + HOUR_S &&
	    at < g->until_s; at += HISTORY_COARSE_S)
		for (size_t i = 0; i < ASKED; i++)
			if (state_each_history_at(s, measures[asked[i]].name,
			    at, take_row, g, e) == -1)
				return -1;
	return 0;
}

static void
go_on(struct gather *g)
{
	loop_timer_set(g->agent->loop, &g->timer, mono_ms());
}

static void
read_hour(struct gather *g)
{
	struct keeper *k = g->agent->keeper;

	if (k == NULL || g->next_s >= g->until_s) {
		go_on(g);
		return;
	}
	g->taken = 0;
	g->away = true;
	if (keeper_put(k, &g->job) == 0)
		return;
	g->away = false;	/* our disk hangs: a day will do */
	go_on(g);
}

static void
done(struct job *j)
{
	struct gather *g = (struct gather *)(void *)j;

	g->away = false;
	if (g->gathered == NULL) {
		gather_free(g);
		return;
	}
	g->next_s = j->failed ? g->until_s : g->next_s + HOUR_S;
	read_hour(g);
}

/* --- what the loop has ---------------------------------------------------- */

static void
add_ring(struct digest_stats *s, const struct watched *w, enum measure_id id,
    int64_t now_s)
{
	struct point points[HISTORY_COARSE_POINTS + 1];
	int64_t step, first_s;
	size_t n;

	if (w->history == NULL)
		return;
	n = history_read(w->history, (int)id, now_s - DAY_S, now_s,
	    HISTORY_COARSE_S, points, HISTORY_COARSE_POINTS + 1, &step,
	    &first_s);
	for (size_t i = 0; i < n; i++)
		add_point(s, id, first_s + (int64_t)i * step, points[i].mean,
		    points[i].greatest);
}

/* The lowest that a rule has for it here. */
static double
limit_of(const struct alert_set *set, enum measure_id id, double fallback)
{
	double least = (double)NAN;

	for (size_t i = 0; set != NULL && i < set->nalerts; i++) {
		const struct rule *r = set->alerts[i].rule;

		if (r->measure == id && r->op == RULE_ABOVE)
			least = fmin(least, r->limit);
	}
	return isnan(least) ? fallback : least;
}

/* Of the replicas, the one that was proven longest ago; 0: one never was. */
static int64_t
drilled_ms(const struct agent *a, const char *db)
{
	const struct drill *d = drills_of(a->drills, db);
	int64_t oldest = d != NULL ? d->passed_ms : 0;

	for (; d != NULL; d = d->next)
		if (d->passed_ms < oldest)
			oldest = d->passed_ms;
	return oldest;
}

static double
known(double wanted, double otherwise)
{
	return isnan(wanted) ? otherwise : wanted;
}

static void
fill_room(struct digest_room *r, const struct agent *a,
    const struct watched *w, const struct digest_stats *s, int64_t now_ms)
{
	const double *m = w->measures;
	int64_t reach_s;

	*r = (struct digest_room){
		.rate = known(digest_stats_p95(s), m[MEASURE_WRITE_RATE]),
		.rate_limit = limit_of(w->alerts, MEASURE_WRITE_RATE,
		    RATE_LIMIT),
		.size = m[MEASURE_DATABASE_SIZE],
		.size_limit = limit_of(w->alerts, MEASURE_DATABASE_SIZE,
		    SIZE_LIMIT),
		.lag_s = fmax(s->worst_lag, m[MEASURE_REPLICATION_LAG]),
		.drilled_ms = drilled_ms(a, w->name),
	};
	memcpy(r->db, w->name, clean_fit(w->name, DIGEST_NAME_MAX - 1));
	r->copied = !isnan(r->lag_s) || !isnan(m[MEASURE_REPLICA_UP]) ||
	    !isnan(m[MEASURE_REPLICA_UNCHECKED]);
	reach_s = digest_stats_reach_s(s, r->size, r->size_limit);
	r->full_ms = reach_s < 0 ? 0 : now_ms + reach_s * 1000;
}

static void
take_database(struct gather *g, const struct watched *w)
{
	struct digest_stats *s = stats_of(g, w->name);
	int64_t now_ms = wall_ms();
	struct digest_room room;

	for (size_t i = 0; i < ASKED; i++)
		add_ring(s, w, asked[i], now_ms / 1000);
	fill_room(&room, g->agent, w, s, now_ms);
	digest_offer(&g->facts, &room);
	g->facts.ndbs++;
	g->facts.nuncopied += !room.copied;
	g->facts.nundrilled += room.copied && room.drilled_ms == 0;
	(void)tdelete(s, &g->tree, by_name);
	free_stats(s);
}

/* The one after the last that was done, which may be gone by now. */
static const struct watched *
next_database(const struct gather *g)
{
	const struct watched *w;

	if (g->last == NULL)
		return store_first(g->agent->store);
	if ((w = store_find(g->agent->store, g->last)) != NULL)
		return w->next;
	w = store_first(g->agent->store);
	while (w != NULL && strcmp(w->name, g->last) <= 0)
		w = w->next;
	return w;
}

static void
count_open(struct digest_facts *f, const struct alerts *as)
{
	const struct alert_set *set = alerts_first(as);

	for (; set != NULL; set = set->next)
		for (size_t i = 0; i < set->nalerts; i++) {
			const struct alert *a = &set->alerts[i];

			if (a->state != ALERT_FIRING &&
			    !(a->state == ALERT_NO_DATA && a->announced))
				continue;
			if (a->silenced) {
				f->nsilenced++;
				continue;
			}
			if (f->nopen < DIGEST_SHOWN)
				f->open[f->nopen] = (struct digest_open){
				    a->rule->name, set->db };
			f->nopen++;
		}
}

static void
on_turn(void *arg)
{
	struct gather *g = arg;
	const struct watched *w = next_database(g), *last = NULL;

	for (size_t n = 0; w != NULL && n < TURN_DBS; n++, w = w->next) {
		take_database(g, w);
		last = w;
	}
	if (w != NULL && last != NULL) {
		free(g->last);
		g->last = mem_strdup(last->name);
		go_on(g);
		return;
	}
	g->facts.now_ms = wall_ms();
	count_open(&g->facts, g->agent->alerts);
	g->gathered(g->arg, &g->facts);
	gather_free(g);
}

/* Of the last day the rings know all, for they are filled at the start. */
struct gather *
gather_start(struct agent *a, int64_t from_ms, digest_gathered_fn *fn,
    void *arg)
{
	int64_t from_s = from_ms / 1000, day_s = wall_ms() / 1000 - DAY_S;
	struct gather *g;

	NEW(g);
	g->job.mail.discard = discard;
	g->job.work = work;
	g->job.done = done;
	g->agent = a;
	g->gathered = fn;
	g->arg = arg;
	g->timer = (struct loop_timer){ .fn = on_turn, .arg = g };
	g->next_s = from_s - from_s % HISTORY_COARSE_S;
	g->until_s = day_s - day_s % HISTORY_COARSE_S;
	read_hour(g);
	return g;
}

void
gather_stop(struct gather *g)
{
	if (g == NULL)
		return;
	g->gathered = NULL;	/* the keeper's answer, or its end, frees it */
	if (g->away)
		return;
	loop_timer_clear(g->agent->loop, &g->timer);
	gather_free(g);
}
