/*
 * silencing - see silencing.h.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/announce/silencing.h"
#include "agent/state/keeper.h"
#include "agent/state/state.h"
#include "alerts/clean.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/units.h"

/* A silence on its way to state.db, or out of it. */
struct filing {
	struct job	 job;		/* first */
	struct agent	*agent;		/* not owned */
	struct silence	 silence;	/* its text is owned here */
	bool		 over;
};

static void
discard(struct mail *m)
{
	struct filing *f = (struct filing *)(void *)m;

	silence_done(&f->silence);
	free(f);
}

static int
work(struct job *j, struct state *s, struct err *e)
{
	const struct filing *f = (const void *)j;

	return f->over ? state_drop_silence(s, f->silence.id, e) :
	    state_put_silence(s, &f->silence, e);
}

static void
done(struct job *j)
{
	struct filing *f = (struct filing *)(void *)j;

	if (j->failed)
		log_complain(&f->agent->state_complaint, "state.db: %s; "
		    "silence %s does not survive a restart", j->why.text,
		    f->silence.id);
	discard(&j->mail);
}

static char *
copy_of(const char *text)
{
	return text != NULL ? mem_strdup(text) : NULL;
}

static void
copy(struct silence *to, const struct silence *from)
{
	*to = *from;
	to->db = copy_of(from->db);
	to->rule = copy_of(from->rule);
	to->severity = copy_of(from->severity);
	to->why = copy_of(from->why);
	to->who = copy_of(from->who);
	to->next = NULL;
}

static void
file(struct agent *a, const struct silence *s, bool over)
{
	struct filing *f;

	NEW(f);
	f->job.mail.discard = discard;
	f->job.work = work;
	f->job.done = done;
	f->agent = a;
	f->over = over;
	copy(&f->silence, s);
	if (a->keeper == NULL || keeper_put(a->keeper, &f->job) == -1)
		discard(&f->job.mail);
}

static bool
has(const struct silences *ss, const char *id)
{
	const struct silence *s = silences_first(ss);

	while (s != NULL && strcmp(s->id, id) != 0)
		s = s->next;
	return s != NULL;
}

static void
lay_back(void *arg, struct silence *s)
{
	struct agent *a = arg;
	struct err e;

	if (has(a->silences, s->id) ||
	    silences_add(a->silences, s, NULL, &e) == -1)
		silence_done(s);
}

int
silencing_load(struct agent *a, struct state *s, struct err *e)
{
	return state_each_silence(s, lay_back, a, e);
}

void
silencing_keep(struct agent *a)
{
	const struct silence *s = silences_first(a->silences);

	for (; s != NULL; s = s->next)
		file(a, s, false);
}

bool
silencing_covers(struct agent *a, const struct alert_set *set,
    struct alert *alert)
{
	bool covered = silences_find(a->silences, set->db, alert->rule->name,
	    severity_name(alert_severity(alert)), wall_ms()) != NULL;

	alerts_silence(a->alerts, alert, covered);
	return covered;
}

void
silencing_mark_all(struct agent *a)
{
	const struct alert_set *set;

	for (set = alerts_first(a->alerts); set != NULL; set = set->next)
		for (size_t i = 0; i < set->nalerts; i++)
			(void)silencing_covers(a, set, &set->alerts[i]);
}

static void
on_over(void *arg, const struct silence *s)
{
	struct agent *a = arg;

	log_info("silence %s is over", s->id);
	file(a, s, true);
}

void
silencing_tick(struct agent *a, int64_t wall)
{
	size_t before = silences_count(a->silences);

	silences_expire(a->silences, wall, on_over, a);
	if (silences_count(a->silences) != before)
		silencing_mark_all(a);
}

static int
set_end(struct silence *s, const char *lasts, struct err *e)
{
	int64_t ms;

	if (unit_parse_ms(&ms, lasts, e) == -1)
		return -1;
	if (ms <= 0 || ms > SILENCE_LONGEST_MS)
		return err_set(e, "a silence lasts from 1ms to 366d");
	s->from_ms = wall_ms();
	s->until_ms = s->from_ms + ms;
	return 0;
}

int
silencing_add(struct agent *a, const char *match, const char *lasts,
    const char *why, const char *who, const struct silence **ret,
    struct err *e)
{
	struct silence s = { 0 };

	if (silence_parse(&s, match, e) == -1 || set_end(&s, lasts, e) == -1) {
		silence_done(&s);
		return -1;
	}
	s.why = clean_copy(why != NULL ? why : "", SILENCE_TEXT_MAX);
	s.who = clean_copy(who != NULL ? who : "", SILENCE_TEXT_MAX);
	if (silences_add(a->silences, &s, ret, e) == -1) {
		silence_done(&s);
		return -1;
	}
	log_info("silence %s for %s: %s, by %s%s%s", (*ret)->id, lasts, match,
	    (*ret)->who, *(*ret)->why != '\0' ? ": " : "", (*ret)->why);
	file(a, *ret, false);
	silencing_mark_all(a);
	return 0;
}

size_t
silencing_count(const struct agent *a, const struct silence *s)
{
	const struct alert_set *set = alerts_first(a->alerts);
	size_t n = 0;

	for (; set != NULL; set = set->next)
		for (size_t i = 0; i < set->nalerts; i++) {
			const struct alert *al = &set->alerts[i];

			n += silence_fits(s, set->db, al->rule->name,
			    severity_name(alert_severity(al)));
		}
	return n;
}

int
silencing_end(struct agent *a, const char *id, struct err *e)
{
	struct silence gone = { 0 };

	if (silences_end(a->silences, id, e) == -1)
		return -1;
	memcpy(gone.id, id, strlen(id) + 1);	/* there was one of this id */
	log_info("silence %s was ended", id);
	file(a, &gone, true);
	silencing_mark_all(a);
	return 0;
}
