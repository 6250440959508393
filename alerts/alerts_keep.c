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

#include "agent/mem.h"
#include "alerts/alerts_own.h"

/* --- to the wall ---------------------------------------------------------- */

static int64_t
wall_of(const struct alert_set *set, int64_t mono_ms)
{
	return mono_ms == 0 ? 0 :
	    set->now.wall_ms - (set->now.mono_ms - mono_ms);
}

/* A list that is too long is none: too many hear of it rather than nobody. */
static void
copy_receivers(struct alert_record *r, const char *receivers)
{
	size_t n = receivers != NULL ? strlen(receivers) : 0;

	if (n < sizeof r->receivers)
		memcpy(r->receivers, receivers != NULL ? receivers : "", n + 1);
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
		.fired_ms = a->fired.wall_ms,
		.value = a->value,
		.raised = a->raised, .flapping = a->flapping,
		.muted = a->muted,
		.good_ms = wall_of(set, past->good_ms),
		.blind_ms = wall_of(set, a->blind_ms),
		.worse_ms = wall_of(set, past->worse_ms),
		.said_ms = wall_of(set, past->said_ms),
		.bits = a->bits, .worse_bits = past->worse_bits,
		.nbits = a->nbits,
		.measure = measures[a->rule->measure].name,
		.severity = alert_severity(a),
		.threshold = alert_limit(a),
	};
	for (size_t i = 0; i < ALERT_FIRES; i++)
		if (set->now.mono_ms - past->fires[i] < ALERT_FLAP_MS)
			ret->fires[i] = wall_of(set, past->fires[i]);
	copy_receivers(ret, a->rule->receivers);
}

bool
alerts_record_is_plain(const struct alert_record *r)
{
	return r->state == ALERT_OK && !r->announced && !r->flapping &&
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
	past->worse_bits = rec->worse_bits;
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
	a->muted = rec->muted;
	a->value = rec->value;
	a->since = rec->state == ALERT_PENDING ?
	    trouble(rec->since_ms, now, alive_ms) : when(rec->since_ms, now);
	a->fired = when(rec->fired_ms, now);
	a->blind_ms = trouble_of(rec->blind_ms, now, alive_ms);
	free(a->past);
	a->past = past_of(rec, now, alive_ms);
	if (r->times > 0) {
		a->bits = rec->bits;
		a->nbits = rec->nbits < 64 ? rec->nbits : 64;
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
		.receivers = rec->receivers[0] != '\0' ?
		    mem_strdup(rec->receivers) : NULL,
	};
}

static const struct rule *
find_rule(const struct alerts *as, const char *name)
{
	for (size_t i = 0; i < as->nrules; i++)
		if (strcmp(as->rules[i].name, name) == 0)
			return &as->rules[i];
	return NULL;
}

int
alerts_drop(struct alerts *as, const struct alert_record *rec, struct now now)
{
	const struct rule *known = find_rule(as, rec->rule);
	struct alert_set set = { .now = now };
	struct rule gone;
	struct alert a;

	if (!rec->announced && !rec->flapping)
		return -1;
	gone = rule_of(rec);
	set.db = mem_strdup(rec->db);
	a = (struct alert){ .rule = known != NULL ? known : &gone };
	lay_back(&a, rec, now, now.wall_ms);
	alerts_end(as, &set, &a);
	alert_done(&a);
	free(set.db);
	rule_done(&gone);
	return 0;
}

int
alerts_restore(struct alerts *as, const struct alert_record *rec,
    struct now now, int64_t alive_ms)
{
	struct alert_set *set = alerts_of(as, rec->db);
	struct alert *a = alerts_find_rule(set, rec->rule);

	if ((unsigned)rec->state > ALERT_NO_DATA)
		return -1;	/* nothing that we wrote */
	if (a == NULL)
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

/* The values in a window are the measure's, whatever is taken of them. */
static bool
has_same_window(const struct rule *a, const struct rule *b)
{
	return a->measure == b->measure && a->over_ms == b->over_ms;
}

static void
move(struct alert *to, struct alert *from)
{
	const struct rule *rule = to->rule;
	struct window *window = to->window;

	free(to->past);
	*to = *from;
	from->past = NULL;
	if (has_same_window(rule, from->rule))
		from->window = window;
	else
		to->window = window;
	to->rule = rule;
	to->raised &= rule->has_worse;
	if (rule->times == 0)
		to->bits = to->nbits = 0;
}

static void
move_set(struct alerts *as, struct alert_set *from)
{
	struct alert_set *to = alerts_of(as, from->db);

	to->now = from->now;
	for (size_t i = 0; i < from->nalerts; i++) {
		struct alert *old = &from->alerts[i];
		struct alert *a = alerts_find_rule(to, old->rule->name);

		if (a == NULL) {
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
