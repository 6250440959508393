/*
 * alerts - see alerts.h.
 *
 * A set is found by name in a tree and walked in a list, so that ten thousand
 * databases cost ten times what a thousand do.  How many alerts are in which
 * state is counted as they move, not when somebody asks.
 */
#include <assert.h>
#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "agent/mem.h"
#include "alerts/alerts.h"

struct alerts {
	struct rule	 *rules;		/* owned */
	size_t		  nrules;
	alerts_changed_fn *changed;
	void		 *arg;
	void		 *tree;			/* of sets, by name */
	struct alert_set *first, **last;	/* owned */
	size_t		  counts[ALERT_STATE_COUNT][SEVERITY_COUNT];
};

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

static size_t *
counter(struct alerts *as, const struct alert *a)
{
	return &as->counts[alert_shown(a)][alert_severity(a)];
}

/* Only rules that are on and watch this database make an alert. */
static void
add_alerts(struct alerts *as, struct alert_set *set)
{
	set->alerts = mem_new(as->nrules + 1, sizeof *set->alerts);
	for (size_t i = 0; i < as->nrules; i++) {
		const struct rule *r = &as->rules[i];
		struct alert *a = &set->alerts[set->nalerts];

		if (!r->enabled || !rule_watches(r, set->db))
			continue;
		*a = (struct alert){ .rule = r, .value = NAN };
		set->nalerts++;
		++*counter(as, a);
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
alerts_of(struct alerts *as, const char *db)
{
	char *name = mem_strdup(db);
	struct alert_set *set = find_set(as, name);

	if (set != NULL) {
		free(name);
		return set;
	}
	NEW(set);
	set->db = name;
	add_alerts(as, set);
	*as->last = set;
	as->last = &set->next;
	if (tsearch(set, &as->tree, by_name) == NULL)
		abort();	/* out of memory, as in mem.h */
	return set;
}

void
alerts_forget(struct alerts *as, const char *db)
{
	struct alert_set **link = &as->first, *set;

	while (*link != NULL && strcmp((*link)->db, db) != 0)
		link = &(*link)->next;
	set = *link;
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->nalerts; i++)
		--*counter(as, &set->alerts[i]);
	(void)tdelete(set, &as->tree, by_name);
	*link = set->next;
	if (as->last == &set->next)
		as->last = link;
	set_free(set);
}

void
alerts_step(struct alerts *as, struct alert_set *set, const double *values,
    struct now now)
{
	for (size_t i = 0; i < set->nalerts; i++) {
		struct alert *a = &set->alerts[i];
		double v = values != NULL ? values[a->rule->measure] : NAN;
		enum alert_state before = a->state;
		size_t *count = counter(as, a);
		enum alert_change what = alert_step(a, v, now);

		if (a->state == before && what == ALERT_NOTHING)
			continue;
		--*count;
		++*counter(as, a);
		as->changed(as->arg, set, a, what);
	}
}

void
alerts_silence(struct alerts *as, struct alert *a, bool silenced)
{
	--*counter(as, a);
	a->silenced = silenced;
	++*counter(as, a);
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

void
alerts_save(struct alert_record *ret, const struct alert_set *set,
    const struct alert *a)
{
	*ret = (struct alert_record){
		.rule = a->rule->name, .db = set->db,
		.state = a->state, .announced = a->announced,
		.since_ms = a->since.wall_ms, .fired_ms = a->fired.wall_ms,
		.value = a->value,
	};
}

static struct alert *
find_alert(struct alert_set *set, const char *rule)
{
	for (size_t i = 0; i < set->nalerts; i++)
		if (strcmp(set->alerts[i].rule->name, rule) == 0)
			return &set->alerts[i];
	return NULL;
}

void
alerts_refresh(const struct alerts *as, struct alert_record *rec)
{
	const struct alert_record old = *rec;
	struct alert_set *set = as->first;
	const struct alert *a;

	while (set != NULL && strcmp(set->db, old.db) != 0)
		set = set->next;
	if (set == NULL || (a = find_alert(set, old.rule)) == NULL)
		return;
	alerts_save(rec, set, a);
	rec->rule = old.rule;
	rec->db = old.db;
}

/*
 * A wall time of an earlier life on both clocks of this one.  The clock may
 * have been set back meanwhile: then it was just now.
 */
static struct now
when(int64_t wall_ms, struct now now)
{
	int64_t ago = 0;

	if (wall_ms >= 0 && wall_ms < now.wall_ms)
		ago = now.wall_ms - wall_ms;
	return (struct now){ now.mono_ms - ago, now.wall_ms - ago };
}

int
alerts_restore(struct alerts *as, const struct alert_record *rec,
    struct now now)
{
	struct alert *a = find_alert(alerts_of(as, rec->db), rec->rule);

	if (a == NULL || (unsigned)rec->state >= ALERT_STATE_COUNT)
		return -1;
	--*counter(as, a);
	a->state = rec->state;
	++*counter(as, a);
	a->announced = rec->announced;
	a->since = when(rec->since_ms, now);
	a->fired = when(rec->fired_ms, now);
	a->value = rec->value;
	return 0;
}

void
alerts_move(struct alerts *to, const struct alerts *from)
{
	assert(to != from);
	for (struct alert_set *set = from->first; set != NULL; set = set->next)
		for (size_t i = 0; i < set->nalerts; i++) {
			const struct alert *old = &set->alerts[i];
			struct alert *a = find_alert(alerts_of(to, set->db),
			    old->rule->name);
			const struct rule *rule;

			if (a == NULL)
				continue;
			rule = a->rule;
			--*counter(to, a);
			*a = *old;
			a->rule = rule;
			++*counter(to, a);
		}
}
