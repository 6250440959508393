/*
 * alerts_keep - what a restart and a new configuration carry over.
 *
 * Within a life durations are on the monotonic clock, in state.db they are
 * times of the wall.  Coming back there are two kinds of them: what people
 * count (since when, how long ago told) goes on while the agent is away; the
 * time of trouble does not, for nobody has seen it.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/alerts_own.h"
#include "alerts/heard.h"
#include "base/mem.h"

/* --- to the wall ---------------------------------------------------------- */

static int64_t
wall_of(const struct alert_set *set, int64_t mono_ms)
{
	return mono_ms == 0 ? 0 :
	    set->now.wall_ms - (set->now.mono_ms - mono_ms);
}

/* Of a list that is too long: too many hear of the end rather than too few. */
static void
copy_heard(struct alert_record *r, const char *heard)
{
	if (heard == NULL)
		heard = "";
	if (strlen(heard) >= sizeof r->heard)
		heard = HEARD_BY_ALL;
	memcpy(r->heard, heard, strlen(heard) + 1);
}

void
alerts_save(struct alert_record *ret, const struct alert_set *set,
    const struct alert *a)
{
	const struct past *past = alert_past(a);

	*ret = (struct alert_record){
		.rule = a->rule->name, .db = set->db,
		.state = a->state, .announced = a->announced,
		/* A pending one is held against `for`, also if the clock was
		 * set meanwhile. */
		.since_ms = a->state == ALERT_PENDING ?
		    wall_of(set, a->since.mono_ms) : a->since.wall_ms,
		.fired_ms = past->fired.wall_ms,
		.value = a->value,
		.raised = a->raised, .flapping = a->flapping,
		.muted = alert_is_muted(a), .told = a->told,
		.good_ms = wall_of(set, past->good_ms),
		.blind_ms = wall_of(set, a->blind_ms),
		.worse_ms = wall_of(set, past->worse_ms),
		.said_ms = wall_of(set, past->said_ms),
		.bits = past->bits, .worse_bits = past->worse_bits,
		.nbits = a->nbits,
		.measure = measures[a->rule->measure].name,
		.severity = alert_severity(a),
		.threshold = alert_limit(a),
	};
	for (size_t i = 0; i < ALERT_FIRES; i++)
		if (set->now.mono_ms - past->fires[i] < ALERT_FLAP_MS)
			ret->fires[i] = wall_of(set, past->fires[i]);
	copy_heard(ret, past->heard);
}

bool
alerts_record_is_plain(const struct alert_record *r)
{
	return (r->state == ALERT_OK || r->state == ALERT_NO_DATA) &&
	    !r->announced && !r->flapping &&
	    r->bits == 0 && r->fires[0] == 0;
}

void
alerts_refresh(const struct alerts *as, struct alert_record *rec)
{
	const struct alert_record old = *rec;
	struct alert_set *set = alerts_find(as, old.db);
	const struct alert *a;

	if (set == NULL || (a = alerts_find_rule(set, old.rule)) == NULL)
		return;
	alerts_save(rec, set, a);
	rec->rule = old.rule;
	rec->db = old.db;
}

/* --- and back ------------------------------------------------------------- */

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

/* 0 is none; what falls on it moves by a millisecond. */
static int64_t
some(int64_t mono_ms)
{
	return mono_ms != 0 ? mono_ms : -1;
}

static int64_t
mono_of(int64_t wall_ms, struct now now)
{
	return wall_ms == 0 ? 0 : some(when(wall_ms, now).mono_ms);
}

/* Since when, had the agent not been away. */
static struct now
trouble(int64_t wall_ms, struct now now, int64_t alive_ms)
{
	int64_t had = wall_ms >= 0 && wall_ms < alive_ms ?
	    alive_ms - wall_ms : 0;

	return (struct now){ now.mono_ms - had, now.wall_ms - had };
}

static int64_t
trouble_of(int64_t wall_ms, struct now now, int64_t alive_ms)
{
	return wall_ms == 0 ? 0 :
	    some(trouble(wall_ms, now, alive_ms).mono_ms);
}

static void
lay_back_fires(struct past *past, const struct alert_record *rec,
    struct now now)
{
	for (size_t i = 0; i < ALERT_FIRES; i++) {
		int64_t mono = mono_of(rec->fires[i], now);

		if (mono == 0 || now.mono_ms - mono >= ALERT_FLAP_MS)
			return;
		past->fires[i] = mono;
	}
}

static struct past *
past_of(const struct alert_record *rec, struct now now, int64_t alive_ms)
{
	struct past *past;

	NEW(past);
	past->good_ms = trouble_of(rec->good_ms, now, alive_ms);
	past->worse_ms = trouble_of(rec->worse_ms, now, alive_ms);
	past->said_ms = rec->flapping ?	/* then it has to be seen to be calm */
	    trouble_of(rec->said_ms, now, alive_ms) :
	    mono_of(rec->said_ms, now);
	if (past->said_ms == 0 && rec->announced)	/* of schema 2 */
		past->said_ms = mono_of(rec->fired_ms, now);
	past->fired = when(rec->fired_ms, now);
	past->worse_bits = rec->worse_bits;
	past->heard = rec->heard[0] != '\0' ? mem_strdup(rec->heard) : NULL;
	lay_back_fires(past, rec, now);
	return past;
}

static void
lay_back(struct alert *a, const struct alert_record *rec, struct now now,
    int64_t alive_ms)
{
	const struct rule *r = a->rule;

	a->state = rec->state;
	a->announced = rec->announced;
	a->raised = rec->raised && r->has_worse;
	a->flapping = rec->flapping;
	a->known = (rec->announced || rec->flapping) && !rec->muted;
	a->told = rec->told & 7;
	if (a->known && a->told == 0)	/* of an older agent */
		alert_told(a, false);
	a->value = rec->value;
	a->since = rec->state == ALERT_PENDING ?
	    trouble(rec->since_ms, now, alive_ms) : when(rec->since_ms, now);
	a->blind_ms = trouble_of(rec->blind_ms, now, alive_ms);
	alert_forget(a);
	a->past = past_of(rec, now, alive_ms);
	if (r->times > 0) {
		a->past->bits = rec->bits;
		a->nbits = (unsigned char)(rec->nbits < 64 ? rec->nbits : 64);
	}
}

/* What a rule that is gone was, as far as its end is to be told of. */
static struct rule
rule_of(const struct alert_record *rec)
{
	int measure = rec->measure != NULL ? measure_find(rec->measure) : -1;

	return (struct rule){
		.name = mem_strdup(rec->rule),
		.measure = (enum measure_id)(measure != -1 ? measure : 0),
		.severity = (unsigned)rec->severity < SEVERITY_COUNT ?
		    rec->severity : SEVERITY_WARNING,
		.limit = isfinite(rec->threshold) ? rec->threshold : 0,
	};
}

int
alerts_drop(struct alerts *as, const struct alert_record *rec, struct now now)
{
	struct alert_set set = { .now = now };
	struct rule gone;
	struct alert a;

	if (!rec->announced && !rec->flapping)
		return -1;
	gone = rule_of(rec);
	set.db = mem_strdup(rec->db);
	a = (struct alert){ .rule = &gone };
	lay_back(&a, rec, now, now.wall_ms);
	alerts_end(as, &set, &a);
	alert_done(&a);
	free(set.db);
	rule_done(&gone);
	return 1;
}

/* The rule is of another measure now: that alert is not this one. */
static bool
is_of_other(const struct rule *r, const struct alert_record *rec)
{
	return rec->measure != NULL && rec->measure[0] != '\0' &&
	    strcmp(rec->measure, measures[r->measure].name) != 0;
}

int
alerts_restore(struct alerts *as, const struct alert_record *rec,
    struct now now, int64_t alive_ms)
{
	struct alert_set *set = alerts_of(as, rec->db);
	struct alert *a = alerts_find_rule(set, rec->rule);

	if ((unsigned)rec->state > ALERT_NO_DATA)
		return -1;	/* nothing that we wrote */
	if (a == NULL || is_of_other(a->rule, rec))
		return alerts_drop(as, rec, now);
	if (alive_ms <= 0 || alive_ms > now.wall_ms)
		alive_ms = now.wall_ms;
	set->now = now;
	--*alerts_counter(as, a);
	lay_back(a, rec, now, alive_ms);
	++*alerts_counter(as, a);
	return 0;
}

/* --- a new configuration -------------------------------------------------- */

/* Else it would be said that the one is well again because the other is. */
static bool
is_about_the_same(const struct rule *a, const struct rule *b)
{
	return a->measure == b->measure && a->op == b->op;
}

/* The values in a window are the measure's, whatever is taken of them. */
static bool
has_same_window(const struct rule *a, const struct rule *b)
{
	return a->measure == b->measure && a->over_ms == b->over_ms;
}

static void
forget_bits(struct alert *a)
{
	a->nbits = 0;
	if (a->past != NULL)
		a->past->bits = 0;
}

static void
move(struct alert *to, struct alert *from)
{
	const struct rule *rule = to->rule;
	struct window *window = to->window;

	alert_forget(to);
	*to = *from;
	from->past = NULL;
	if (has_same_window(rule, from->rule))
		from->window = window;
	else
		to->window = window;
	to->rule = rule;
	to->raised &= rule->has_worse;
	if (rule->times == 0)
		forget_bits(to);
}

static void
move_set(struct alerts *as, struct alert_set *from)
{
	struct alert_set *to = alerts_of(as, from->db);

	to->now = from->now;
	for (size_t i = 0; i < from->nalerts; i++) {
		struct alert *old = &from->alerts[i];
		struct alert *a = alerts_find_rule(to, old->rule->name);

		if (a == NULL || !is_about_the_same(a->rule, old->rule)) {
			alerts_end(as, from, old);
			continue;
		}
		--*alerts_counter(as, a);
		move(a, old);
		++*alerts_counter(as, a);
	}
}

void
alerts_move(struct alerts *to, const struct alerts *from)
{
	assert(to != from);
	for (struct alert_set *set = from->first; set != NULL; set = set->next)
		move_set(to, set);
}
