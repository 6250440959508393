/*
 * digest_send - see digest_send.h.
 *
 * The message for each receiver and the note that its slot is told go to
 * state.db in one transaction, before the first delivery is tried.
 */
#include <stdlib.h>

#include "agent/agent.h"
#include "agent/reports/digest_send.h"
#include "agent/state/keeper.h"
#include "agent/state/state.h"
#include "agent/state/statedb.h"
#include "alerts/notification.h"
#include "alerts/outbox.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#define SLOT_NOTE	"digest_ms"
#define FIRED_NOTE	"digest_fired"

struct sending {
	struct job	 job;		/* first */
	struct agent	*agent;		/* not owned */
	struct digest_notes notes;
	struct notification *message;	/* owned; NULL: the notes alone */
	char		*json;		/* owned */
	char		**receivers;	/* owned, and each of them */
	size_t		 n;
	digest_read_fn	*read;		/* NULL: it writes */
	void		*arg;
};

static void
discard(struct mail *m)
{
	struct sending *s = (struct sending *)(void *)m;

	for (size_t i = 0; i < s->n; i++)
		free(s->receivers[i]);
	free(s->receivers);
	free(s->json);
	notification_free(s->message);
	free(s);
}

static int
work(struct job *j, struct state *state, struct err *e)
{
	const struct sending *s = (const void *)j;

	for (size_t i = 0; i < s->n; i++)
		if (state_put_outbox(state, s->message->id, s->receivers[i],
		    s->json, j->put_ms, e) == -1)
			return -1;
	if (state_put_note(state, SLOT_NOTE, s->notes.slot_ms, e) == -1)
		return -1;
	return state_put_note(state, FIRED_NOTE, s->notes.fired, e);
}

static int
work_read(struct job *j, struct state *state, struct err *e)
{
	struct sending *s = (struct sending *)(void *)j;

	if (state_get_note(state, SLOT_NOTE, &s->notes.slot_ms, e) == -1)
		return -1;
	return state_get_note(state, FIRED_NOTE, &s->notes.fired, e);
}

static void
deliver(const struct sending *s)
{
	for (size_t i = 0; i < s->n; i++)
		/* Fails when a reload took the receiver meanwhile. */
		(void)outbox_send(s->agent->outbox, s->receivers[i],
		    notification_copy(s->message));
}

static void
done(struct job *j)
{
	struct sending *s = (struct sending *)(void *)j;

	statedb_heard(s->agent, j);
	if (j->failed)
		s->agent->unsaved += s->n;
	if (s->read != NULL)
		s->read(s->arg, j->failed ? NULL : &s->notes);
	else
		deliver(s);
	discard(&j->mail);
}

static struct sending *
sending_new(struct agent *a)
{
	struct sending *s;

	NEW(s);
	s->job.mail.discard = discard;
	s->job.work = work;
	s->job.done = done;
	s->job.put_ms = wall_ms();
	s->agent = a;
	return s;
}

static int
put(struct sending *s)
{
	struct keeper *k = s->agent->keeper;

	return k == NULL ? -1 : keeper_put(k, &s->job);
}

static void
name_receivers(struct sending *s, const char *list)
{
	size_t max = outbox_receivers(s->agent->outbox);

	s->receivers = mem_new(max + 1, sizeof *s->receivers);
	for (size_t i = 0; i < max; i++) {
		const char *name = outbox_receiver_name(s->agent->outbox, i);

		if (outbox_is_meant(s->agent->outbox, i, list) &&
		    outbox_wants(s->agent->outbox, i, NOTIFY_DIGEST))
			s->receivers[s->n++] = mem_strdup(name);
	}
}

void
digest_send(struct agent *a, struct notification *message,
    const char *receivers, const struct digest_notes *notes)
{
	struct sending *s = sending_new(a);

	s->message = message;
	s->json = notification_write(message);
	s->notes = *notes;
	name_receivers(s, receivers);
	if (put(s) == 0)
		return;
	a->unsaved += s->n;
	deliver(s);
	discard(&s->job.mail);
}

void
digest_note(struct agent *a, const struct digest_notes *notes)
{
	struct sending *s = sending_new(a);

	s->notes = *notes;
	/* Refused: they are put again when they next change. */
	if (put(s) == -1)
		discard(&s->job.mail);
}

int
digest_read(struct agent *a, digest_read_fn *fn, void *arg)
{
	struct sending *s = sending_new(a);

	s->job.work = work_read;
	s->read = fn;
	s->arg = arg;
	if (put(s) == 0)
		return 0;
	discard(&s->job.mail);
	return -1;
}
