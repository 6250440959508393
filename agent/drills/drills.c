/*
 * drills - see drills.h.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/drills/drill_child.h"
#include "agent/drills/drills.h"
#include "agent/pages/replicas.h"
#include "agent/sampling/sampler.h"
#include "agent/state/state.h"
#include "agent/store/store.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "litestream/drill.h"

#define TICK_MS		5000
#define EXTRA_MS	600000	/* beyond restore and look, per database */
#define MAX_REPLICAS	8
#define SELF		"/proc/self/exe"
#define LOCAL		"replica=\"local\""

/* One database that was drilled, or would be. */
struct drilled {
	char		*db;		/* owned; first: see by_name() */
	struct drill	*drills;	/* owned; by replica */
	struct drills_last last;
};

struct drills {
	struct agent	*agent;		/* not owned */
	char		*program;	/* owned */
	void		*tree;		/* of struct drilled, by db; owned */
	struct drill_child *child;	/* owned; NULL: none is made */
	char		*db;		/* owned; whose it is */
	int64_t		 looked_ms;	/* mono; the last tick that looked */
	bool		 on;		/* every is set, and was told so */
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct drilled *)a)->db,
	    ((const struct drilled *)b)->db);
}

static struct drilled *
find(const struct drills *ds, const char *db)
{
	const struct drilled key = { .db = mem_strdup(db) };
	void *node = tfind(&key, &ds->tree, by_name);

	free(key.db);
	return node != NULL ? *(struct drilled **)node : NULL;
}

static struct drilled *
find_or_add(struct drills *ds, const char *db)
{
	struct drilled *d = find(ds, db);

	if (d != NULL)
		return d;
	NEW(d);
	d->db = mem_strdup(db);
	if (tsearch(d, &ds->tree, by_name) == NULL)
		abort();	/* out of memory for a few bytes */
	return d;
}

static void
free_drilled(void *arg)
{
	struct drilled *d = arg;

	drill_free(d->drills);
	free(d->db);
	free(d);
}

struct drills *
drills_new(struct agent *a, const char *program)
{
	struct drills *ds;

	NEW(ds);
	ds->agent = a;
	ds->program = mem_strdup(program != NULL ? program : SELF);
	return ds;
}

void
drills_free(struct drills *ds)
{
	if (ds == NULL)
		return;
	drill_child_free(ds->child);
	tdestroy(ds->tree, free_drilled);
	free(ds->program);
	free(ds->db);
	free(ds);
}

void
drills_forget(struct drills *ds, const char *db)
{
	struct drilled *d = ds == NULL ? NULL : find(ds, db);

	if (d == NULL)
		return;
	(void)tdelete(d, &ds->tree, by_name);
	free_drilled(d);
}

static void
take_in(struct drilled *of, struct drill *d)
{
	d->next = of->drills;
	of->drills = d;
	if (d->at_ms > of->last.at_ms)
		of->last.at_ms = d->at_ms;
	of->last.untried |= d->outcome == DRILL_INCONCLUSIVE;
}

/* One that was made in this life is newer. */
static void
lay_back(void *arg, struct drill *d)
{
	struct drilled *of = find_or_add(arg, d->db);
	struct drill *newer = drill_take(&of->drills, d->replica);

	if (newer != NULL)
		drill_free(d);
	take_in(of, newer != NULL ? newer : d);
}

int
drills_load(struct drills *ds, struct state *s, struct err *e)
{
	return state_each_drill(s, lay_back, ds, e);
}

static void
hand_over(const struct drills *ds, const struct drill *d, bool gone)
{
	struct drill *copy = drill_copy(d);

	if (gone)
		copy->at_ms = 0;
	if (ds->agent->sampler != NULL)
		sampler_drilled(ds->agent->sampler, d->db, copy);
	else
		drill_free(copy);
}

void
drills_meet(struct drills *ds, const char *db)
{
	const struct drilled *of = ds == NULL || !ds->on ? NULL : find(ds, db);

	for (const struct drill *d = of != NULL ? of->drills : NULL; d != NULL;
	    d = d->next)
		hand_over(ds, d, false);
}

/* Off: what was told of them is taken back, or it would grow old in silence. */
static void
turn(struct drills *ds, bool on)
{
	const struct watched *w;

	for (w = store_first(ds->agent->store); w != NULL; w = w->next) {
		const struct drilled *of = find(ds, w->name);

		for (const struct drill *d = of != NULL ? of->drills : NULL;
		    d != NULL; d = d->next)
			hand_over(ds, d, !on);
	}
	ds->on = on;
}

static void
tell(const struct drill *d, const struct drill *before)
{
	const char *why = d->why != NULL ? d->why : "";

	if (d->outcome == DRILL_PASS)
		log_info("%s: replica %s: the drill passed: %lld bytes "
		    "restored in %lld ms%s%s", d->db, d->replica,
		    (long long)d->bytes, (long long)d->took_ms,
		    *why != '\0' ? ", but " : "", why);
	else if (d->outcome == DRILL_FAIL)
		log_error("%s: replica %s: the drill failed: %s", d->db,
		    d->replica, why);
	else
		log_warn("%s: replica %s: the drill could not be tried: %s",
		    d->db, d->replica, why);
	if (d->outcome == DRILL_PASS && before != NULL &&
	    before->schema != NULL && d->schema != NULL &&
	    strcmp(before->schema, d->schema) != 0)
		log_info("%s: replica %s: the schema is another one than at "
		    "the last drill", d->db, d->replica);
}

/* Takes the drill; what the one before knew, it knows. */
static void
take(struct drills *ds, struct drilled *of, struct drill *d)
{
	struct drill *before = drill_take(&of->drills, d->replica);

	drill_follow(d, before);
	if (d->took_ms == 0 && before != NULL)
		d->took_ms = before->took_ms;
	if (d->schema == NULL && before != NULL && before->schema != NULL)
		d->schema = mem_strdup(before->schema);
	tell(d, before);
	drill_free(before);
	drills_keep(ds->agent, d, false);
	hand_over(ds, d, false);
	take_in(of, d);
}

/* Replicas that a whole drill did not meet any more. */
static void
drop_others(struct drills *ds, struct drilled *of, int64_t began_ms)
{
	struct drill **link = &of->drills, *d;

	while ((d = *link) != NULL) {
		if (d->at_ms >= began_ms) {
			link = &d->next;
			continue;
		}
		*link = d->next;
		d->next = NULL;
		drills_keep(ds->agent, d, true);
		hand_over(ds, d, true);
		drill_free(d);
	}
}

static void
on_done(void *arg, struct drill *list, const char *why)
{
	struct drills *ds = arg;
	struct drilled *of = find_or_add(ds, ds->db);
	bool watched = store_find(ds->agent->store, ds->db) != NULL;
	int64_t began_ms = list != NULL ? list->at_ms : 0;
	struct drill *next;

	ds->child = NULL;
	if (why != NULL)
		log_warn("%s: the drill: %s", ds->db, why);
	of->last = (struct drills_last){ wall_ms(), list == NULL };
	for (; list != NULL; list = next) {
		next = list->next;
		list->next = NULL;
		if (watched)
			take(ds, of, list);
		else
			drill_free(list);
	}
	if (!watched)
		drills_forget(ds, ds->db);
	else if (why == NULL)
		drop_others(ds, of, began_ms);
}

const struct drill *
drills_of(const struct drills *ds, const char *db)
{
	const struct drilled *of = ds == NULL || !ds->on ? NULL : find(ds, db);

	return of != NULL ? of->drills : NULL;
}

static void
add_word(char **words, size_t *n, const char *flag, const char *value)
{
	if (value == NULL)
		return;
	if (flag != NULL)
		words[(*n)++] = mem_strdup(flag);
	words[(*n)++] = mem_strdup(value);
}

/* The same flags as ours, so that it watches what we watch. */
static char **
words_for(const struct agent_flags *f, const char *db)
{
	char **words = mem_new(2 * f->ndbs + 16, sizeof *words);
	size_t n = 0;

	add_word(words, &n, NULL, "litegauge");
	add_word(words, &n, "--config", f->config);
	add_word(words, &n, "--state", f->state);
	for (size_t i = 0; i < f->ndbs; i++)
		add_word(words, &n, "--db", f->dbs[i]);
	add_word(words, &n, NULL, "--json");
	add_word(words, &n, "--", "drill");
	add_word(words, &n, NULL, db);
	return words;
}

static void
begin(struct drills *ds, const char *db, const struct drill_options *o)
{
	int64_t limit = MAX_REPLICAS * (2 * o->timeout_ms + EXTRA_MS);
	char **words = words_for(ds->agent->flags, db);
	struct err e;

	free(ds->db);
	ds->db = mem_strdup(db);
	ds->child = drill_child_start(ds->agent->loop, ds->program, words, db,
	    limit, on_done, ds, &e);
	for (char **w = words; *w != NULL; w++)
		free(*w);
	free(words);
	if (ds->child != NULL)
		log_debug("%s: a drill begins", db);
	else
		on_done(ds, NULL, e.text);
}

static bool
has_replica(const struct watched *w)
{
	const struct labelled *l = NULL;

	while ((l = replicas_next(w, l)) != NULL)
		if (strncmp(l->labels, LOCAL, strlen(LOCAL)) != 0)
			return true;
	return false;
}

/* The database whose drill has been due for the longest; NULL: none is. */
static const char *
choose(const struct drills *ds, const struct drill_options *o)
{
	const struct drills_last never = { 0 };
	int64_t now = wall_ms(), first = now;
	const struct watched *w;
	const char *ret = NULL;

	for (w = store_first(ds->agent->store); w != NULL; w = w->next) {
		const struct drilled *of;
		int64_t due;

		if (!has_replica(w) || !configure_drill_has(o, w->name))
			continue;
		of = find(ds, w->name);
		due = drills_due_ms(w->name, of != NULL ? &of->last : &never,
		    o->every_ms, ds->agent->started_ms, now);
		if (due <= first) {
			first = due;
			ret = w->name;
		}
	}
	return ret;
}

void
drills_tick(struct drills *ds)
{
	struct drill_options o;
	const char *db;

	if (ds == NULL || (ds->looked_ms != 0 &&
	    mono_ms() - ds->looked_ms < TICK_MS))
		return;
	ds->looked_ms = mono_ms();
	configure_drill(&o, ds->agent->config);
	if (ds->on != (o.every_ms > 0))
		turn(ds, o.every_ms > 0);
	if (ds->on && ds->child == NULL && (db = choose(ds, &o)) != NULL)
		begin(ds, db, &o);
	configure_drill_done(&o);
}
