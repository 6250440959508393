/*
 * digest - see digest.h.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/reports/digest.h"
#include "agent/reports/digest_gather.h"
#include "agent/reports/digest_send.h"
#include "alerts/notification.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define LOOK_MS		5000	/* at the calendar */
#define SETTLE_MS	60000	/* after the start: then all is measured */
#define DAY_MS		INT64_C(86400000)
#define SPAN_MAX_MS	(30 * DAY_MS)	/* so long history is kept */

struct digest {
	struct agent	*agent;		/* not owned */
	struct digest_options options;
	char		*receivers;	/* owned; of the options */
	struct loop_timer timer;
	struct gather	*gather;	/* NULL: none is made */
	int64_t		 slot_ms;	/* of the one that is made */
	struct digest_notes notes;	/* as state.db should have them */
	int64_t		 noted_fired;	/* as it has */
	enum { UNREAD, READING, READ } memory;
	bool		 alone;		/* state.db does not answer */
	bool		 is_set, anew;	/* turned on, and not by the start */
};

static int64_t
span_ms(const struct digest *d)
{
	return d->options.every_ms < DAY_MS ? DAY_MS :
	    d->options.every_ms < SPAN_MAX_MS ? d->options.every_ms :
	    SPAN_MAX_MS;
}

static void
on_gathered(void *arg, struct digest_facts *f)
{
	struct digest *d = arg;
	struct agent *a = d->agent;
	const struct scene scene = {
		.db = "", .host = a->host, .base_url = a->base_url,
		.wall_ms = f->now_ms,
	};
	char *summary, *cause, *next_step;
	struct notification *n;

	d->gather = NULL;
	f->nfired = (uint64_t)d->notes.fired;
	f->span_ms = f->now_ms - d->notes.slot_ms;
	digest_say(f, &summary, &cause, &next_step);
	n = notification_digest(summary, cause, next_step, &scene);
	log_info("%s: %s", notification_type_name(n->type), n->summary);
	free(summary);
	free(cause);
	free(next_step);
	d->notes = (struct digest_notes){ d->slot_ms, 0 };
	d->noted_fired = 0;
	digest_send(a, n, d->receivers, &d->notes);
}

/* What it has of an earlier life, beside what this one has seen already. */
static void
on_notes(void *arg, const struct digest_notes *kept)
{
	struct digest *d = arg;

	d->memory = kept != NULL ? READ : UNREAD;
	d->alone = kept == NULL;
	if (kept == NULL)
		return;
	if (kept->slot_ms > d->notes.slot_ms)
		d->notes.slot_ms = kept->slot_ms;
	d->notes.fired += kept->fired;
	d->noted_fired = kept->fired;
}

/*
 * With no note, or after a reload that turned it on, it begins here and now:
 * the next slot is the first.  So it is when the note is of a time that is far
 * from having come, for a clock that was wrong.
 */
static void
begin_notes(struct digest *d, int64_t slot)
{
	if (!d->anew && d->notes.slot_ms > 0 &&
	    d->notes.slot_ms - slot <= d->options.every_ms)
		return;
	d->anew = false;
	d->notes.slot_ms = slot;
	digest_note(d->agent, &d->notes);
	d->noted_fired = d->notes.fired;
}

static bool
has_settled(const struct digest *d, int64_t now)
{
	int64_t wait = d->options.every_ms / 2;

	return d->agent->ready && now - d->agent->started_ms >=
	    (wait < SETTLE_MS ? wait : SETTLE_MS);
}

static void
count_fired(struct digest *d)
{
	d->notes.fired += d->agent->fired;
	d->agent->fired = 0;
	if (d->notes.fired == d->noted_fired || d->notes.slot_ms == 0)
		return;
	d->noted_fired = d->notes.fired;
	digest_note(d->agent, &d->notes);
}

static void
look(struct digest *d)
{
	int64_t now = wall_ms(), slot = digest_slot_ms(&d->options, now);

	begin_notes(d, slot);
	count_fired(d);
	if (slot <= d->notes.slot_ms || d->gather != NULL ||
	    !has_settled(d, now))
		return;
	d->slot_ms = slot;
	d->gather = gather_start(d->agent, slot - span_ms(d), on_gathered, d);
}

static void
on_timer(void *arg)
{
	struct digest *d = arg;
	int64_t wait = d->options.every_ms / 4;

	if (d->memory == UNREAD && d->agent->keeper != NULL &&
	    digest_read(d->agent, on_notes, d) == 0)
		d->memory = READING;
	/* Without a state.db what this life knows must do. */
	if (d->memory == READ || d->alone || d->agent->keeper == NULL)
		look(d);
	loop_timer_set(d->agent->loop, &d->timer,
	    mono_ms() + (wait < LOOK_MS ? wait : LOOK_MS));
}

struct digest *
digest_new(struct agent *a)
{
	struct digest *d;

	NEW(d);
	d->agent = a;
	d->timer = (struct loop_timer){ .fn = on_timer, .arg = d };
	return d;
}

static void
stop(struct digest *d)
{
	loop_timer_clear(d->agent->loop, &d->timer);
	gather_stop(d->gather);
	d->gather = NULL;
	free(d->receivers);
	d->receivers = NULL;
}

void
digest_free(struct digest *d)
{
	if (d == NULL)
		return;
	stop(d);
	free(d);
}

void
digest_set(struct digest *d, const struct digest_options *o)
{
	stop(d);
	/* What was due while it was off is not wanted then. */
	d->anew |= d->is_set && d->options.every_ms == 0;
	d->is_set = true;
	d->options = *o;
	d->options.receivers = NULL;
	if (o->every_ms == 0)
		return;
	d->receivers = o->receivers != NULL ? mem_strdup(o->receivers) : NULL;
	loop_timer_set(d->agent->loop, &d->timer, mono_ms());
}
