/*
 * alerts - see alerts.h.
 *
 * A set is found by name in a tree and walked in a list, so that ten thousand
 * databases cost ten times what a thousand do.  How many alerts are in which
 * state is counted as they move, not when somebody asks.  What a restart or a
 * new configuration carries over is in alerts_keep.c.
 */
#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/alerts_own.h"
#include "base/mem.h"

/* Progress alone is told of no more often: a value that hovers at a limit must
 * not wear out a disk. */
#define SAVE_EVERY_MS	10000

struct alerts *
alerts_new(struct rule *rules, size_t n, alerts_changed_fn *changed, void *arg)
{
	struct alerts *as;

	NEW(as);
	as->rules = rules;
	as->nrules = n;
	as->changed = changed;
	as->arg = arg;
	as->last = &as->first;
	return as;
}

static int
by_name(const void *a, const void *b)
{
	const struct alert_set *x = a, *y = b;

	return strcmp(x->db, y->db);
}

static void
set_free(struct alert_set *set)
{
	for (size_t i = 0; i < set->nalerts; i++)
		alert_done(&set->alerts[i]);
	free(set->db);
	free(set->alerts);
	free(set);
}

static void
keep_node(void *node)
{
	(void)node;	/* the list frees the sets */
}

void
alerts_free(struct alerts *as)
{
	if (as == NULL)
		return;
	tdestroy(as->tree, keep_node);
	while (as->first != NULL) {
		struct alert_set *set = as->first;

		as->first = set->next;
		set_free(set);
	}
	for (size_t i = 0; i < as->nrules; i++)
		rule_done(&as->rules[i]);
	free(as->rules);
	free(as);
}

size_t *
alerts_counter(struct alerts *as, const struct alert *a)
{
	return &as->counts[alert_shown(a)][alert_severity(a)];
}

static bool
is_about(const struct rule *r, const char *db)
{
	return r->enabled && rule_watches(r, db);
}

/* Only rules that are on and watch this database make an alert. */
static void
add_alerts(struct alerts *as, struct alert_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < as->nrules; i++)
		n += is_about(&as->rules[i], set->db);
	set->alerts = mem_new(n + (n == 0), sizeof *set->alerts);
	for (size_t i = 0; i < as->nrules; i++) {
		const struct rule *r = &as->rules[i];
		struct alert *a = &set->alerts[set->nalerts];

		if (!is_about(r, set->db))
			continue;
		*a = (struct alert){ .rule = r, .value = NAN, .last = NAN };
		if (r->over_ms > 0)
			a->window = window_new(r->over_ms);
		set->nalerts++;
		++*alerts_counter(as, a);
	}
}

static struct alert_set *
find_set(const struct alerts *as, char *db)
{
	const struct alert_set key = { .db = db };
	struct alert_set *const *node = tfind(&key, &as->tree, by_name);

	return node != NULL ? *node : NULL;
}

struct alert_set *
alerts_find(const struct alerts *as, const char *db)
{
	char *name = mem_strdup(db);
	struct alert_set *set = find_set(as, name);

	free(name);
	return set;
}

struct alert *
alerts_find_rule(struct alert_set *set, const char *rule)
{
	for (size_t i = 0; i < set->nalerts; i++)
		if (strcmp(set->alerts[i].rule->name, rule) == 0)
			return &set->alerts[i];
	return NULL;
}

struct alert *
alerts_alert(const struct alerts *as, const char *rule, const char *db,
    struct alert_set **ret)
{
	struct alert_set *set = alerts_find(as, db);

	*ret = set;
	return set == NULL ? NULL : alerts_find_rule(set, rule);
}

struct alert_set *
alerts_of(struct alerts *as, const char *db)
{
	struct alert_set *set = alerts_find(as, db);

	if (set != NULL)
		return set;
	NEW(set);
	set->db = mem_strdup(db);
	add_alerts(as, set);
	set->link = as->last;
	*as->last = set;
	as->last = &set->next;
	if (tsearch(set, &as->tree, by_name) == NULL)
		abort();	/* out of memory, as in mem.h */
	return set;
}

void
alerts_tell(struct alerts *as, const struct alert_set *set, struct alert *a,
    enum alert_change what)
{
	if (a->past != NULL) {
		a->past->unsaved = false;
		a->past->saved_ms = set->now.mono_ms;
	}
	as->changed(as->arg, set, a, what);
}

void
alerts_end(struct alerts *as, const struct alert_set *set, struct alert *a)
{
	bool plain = alert_is_plain(a);
	enum alert_change what = alert_drop(a, set->now);

	if (!plain)
		alerts_tell(as, set, a, what);
}

void
alerts_forget(struct alerts *as, const char *db)
{
	struct alert_set *set = alerts_find(as, db);

	if (set == NULL)
		return;
	for (size_t i = 0; i < set->nalerts; i++) {
		--*alerts_counter(as, &set->alerts[i]);
		alerts_end(as, set, &set->alerts[i]);
	}
	(void)tdelete(set, &as->tree, by_name);
	*set->link = set->next;
	if (set->next != NULL)
		set->next->link = set->link;
	else
		as->last = set->link;
	set_free(set);
}

/* What a restart should know of beside the state. */
struct progress {
	bool		 raised, flapping, good, worse;
	uint64_t	 bits, worse_bits;
};

static struct progress
progress_of(const struct alert *a)
{
	const struct past *past = alert_past(a);

	return (struct progress){ a->raised, a->flapping, past->good_ms != 0,
	    past->worse_ms != 0, past->bits, past->worse_bits };
}

static bool
is_same(const struct progress *p, const struct progress *q)
{
	return p->raised == q->raised && p->flapping == q->flapping &&
	    p->good == q->good && p->worse == q->worse && p->bits == q->bits &&
	    p->worse_bits == q->worse_bits;
}

/* Something moved that is still to be kept, and it is time for that. */
static bool
is_due(struct alert *a, const struct progress *before, struct now now)
{
	struct progress after = progress_of(a);

	if (a->past == NULL)
		return false;
	a->past->unsaved |= !is_same(before, &after);
	return a->past->unsaved && (a->past->saved_ms == 0 ||
	    now.mono_ms - a->past->saved_ms >= SAVE_EVERY_MS);
}

static void
step(struct alerts *as, const struct alert_set *set, struct alert *a,
    double value)
{
	enum alert_state state = a->state;
	struct progress before = progress_of(a);
	size_t *from = alerts_counter(as, a), *to;
	enum alert_change what = alert_step(a, value, set->now);
	bool due = is_due(a, &before, set->now);

	to = alerts_counter(as, a);
	if (from != to) {
		--*from;
		++*to;
	}
	if (a->state != state || what != ALERT_NOTHING || due)
		alerts_tell(as, set, a, what);
}

void
alerts_step(struct alerts *as, struct alert_set *set, const double *values,
    struct now now)
{
	set->now = now;
	for (size_t i = 0; i < set->nalerts; i++) {
		struct alert *a = &set->alerts[i];
		double value = values != NULL ?
		    values[a->rule->measure] : (double)NAN;

		if (!alert_is_at_rest(a, value))
			step(as, set, a, value);
	}
}

void
alerts_silence(struct alerts *as, struct alert *a, bool silenced)
{
	--*alerts_counter(as, a);
	a->silenced = silenced;
	++*alerts_counter(as, a);
}

int64_t
alerts_over_ms(const struct alerts *as, enum measure_id measure)
{
	int64_t most = 0;

	for (size_t i = 0; i < as->nrules; i++)
		if (as->rules[i].enabled && as->rules[i].over_ms > most &&
		    as->rules[i].measure == measure)
			most = as->rules[i].over_ms;
	return most;
}

/* The part of a point of history that this window is about. */
static double
part_of(enum window_of of, const float point[3])
{
	if (of == WINDOW_MIN)
		return (double)point[1];
	return (double)point[of == WINDOW_MAX ? 2 : 0];
}

void
alerts_seed(struct alerts *as, const char *db, enum measure_id measure,
    int64_t from_ms, int64_t to_ms, const float point[3])
{
	struct alert_set *set = alerts_of(as, db);

	for (size_t i = 0; i < set->nalerts; i++) {
		struct alert *a = &set->alerts[i];

		if (a->window != NULL && a->rule->measure == measure)
			window_fill(a->window, from_ms, to_ms,
			    part_of(a->rule->of, point));
	}
}

const struct alert_set *
alerts_first(const struct alerts *as)
{
	return as->first;
}

size_t
alerts_count(const struct alerts *as, enum alert_state state, enum severity s)
{
	return as->counts[state][s];
}
