/*
 * subject - see subject.h.
 */
#include <stdlib.h>

#include "agent/sampling/subject.h"
#include "base/batch.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "collectors/collector.h"
#include "collectors/database.h"
#include "collectors/locktable.h"

/* A gap longer than this between two looks says nothing about the locks. */
#define PEEK_GAP_MAX_US	1500000

/* What a collector's state takes, so that the next one's is aligned. */
static size_t
room_of(const struct collector *c)
{
	const size_t unit = sizeof(int64_t);

	return (c->state_size + unit - 1) / unit * unit;
}

void
subject_init(struct subject *s, struct database *db)
{
	size_t size = 0;

	for (size_t i = 0; i < collectors_count; i++)
		size += room_of(collectors[i]);
	*s = (struct subject){ .db = db, .states = mem_new(1, size) };
}

void
subject_done(struct subject *s)
{
	char *state = s->states;

	if (s->db == NULL)
		return;
	for (size_t i = 0; i < collectors_count; i++) {
		if (collectors[i]->done != NULL)
			collectors[i]->done(s->db, state);
		state += room_of(collectors[i]);
	}
	free(s->states);
	database_free(s->db);
	*s = (struct subject){ 0 };
}

bool
subject_is_active(const struct subject *s, int64_t now)
{
	return s->active_ms != 0 && now - s->active_ms < SUBJECT_ACTIVE_MS;
}

static void
run_collector(const struct collector *c, struct database *db, void *state,
    struct batch *b)
{
	size_t before = b->nsamples;
	int64_t began = mono_us();
	struct err e;

	if (c->sample(db, state, b, &e) == 0) {
		batch_report(b, c, mono_us() - began, NULL);
		return;
	}
	if (!b->keep)
		batch_cut(b, before);
	b->keep = false;
	batch_report(b, c, mono_us() - began, e.text);
}

static void
run_collectors(struct subject *s, struct batch *b)
{
	char *state = s->states;

	for (size_t i = 0; i < collectors_count; i++) {
		run_collector(collectors[i], s->db, state, b);
		state += room_of(collectors[i]);
	}
}

/* Who has it open may have changed, and the tracer is to know. */
static bool
is_table_new(struct subject *s, const struct locktable *locks)
{
	int64_t at_us = s->table_us;

	if (locks == NULL || s->db->tracer == NULL || !s->db->wal.held)
		return false;
	s->table_us = locks->at_us;
	return s->table_us != at_us;
}

/* Each database has its own second of the ten for a whole sample: what has no
 * hurry is not done for thousands of them at once. */
static int64_t
round_of(const struct database *db, int64_t mono_ms)
{
	int64_t phase = (int64_t)(db->ino % (SUBJECT_FULL_MS / 1000)) * 1000;

	return (mono_ms + phase) / SUBJECT_FULL_MS;
}

/* Nothing moved, nobody holds a lock, and the last whole sample is fresh. */
static bool
is_quiet(const struct subject *s)
{
	const struct database *db = s->db;

	return s->full_ms != 0 && !s->dirty && !db->changed && !db->restless &&
	    round_of(db, db->mono_ms) == round_of(db, s->full_ms) &&
	    !database_is_locked(db);
}

struct batch *
subject_sample(struct subject *s, const struct locktable *locks)
{
	struct database *db = s->db;
	struct batch *b = batch_new(db->name);
	struct err e;

	b->interval_ms = db->interval_ms;
	if (!s->told)
		b->path = mem_strdup(db->path);
	s->told = true;
	db->locks = locks;
	if (database_look(db, &e) == -1) {
		b->down = mem_strdup(e.text);
		s->full_ms = 0;
	} else if (!is_table_new(s, locks) && is_quiet(s)) {
		b->unchanged = true;
	} else {
		if (s->dirty || (db->changed && s->full_ms != 0))
			s->active_ms = db->mono_ms;
		db->restless = false;
		run_collectors(s, b);
		s->full_ms = db->mono_ms;
	}
	s->dirty = false;
	b->disk = b->down == NULL ? db->dev : 0;
	b->at_ms = db->wall_ms;
	b->mono_ms = db->mono_ms;
	return b;
}

void
subject_follow(struct subject *s, bool made)
{
	s->db->mono_ms = mono_ms();
	s->db->wall_ms = wall_ms();
	if (s->db->shm_path == NULL)
		return;		/* the next sample will find it */
	if (wal_look(&s->db->wal, made ? WAL_MADE : WAL_EVENT, s->db->mono_ms,
	    s->db->wall_ms)) {
		s->dirty = true;
		s->active_ms = s->db->mono_ms;
	}
}

void
subject_peek(struct subject *s)
{
	int64_t now = mono_us(), dt = now - s->peek_us;
	char *state = s->states;

	s->peek_us = now;
	if (s->db->fd == -1)
		return;
	subject_follow(s, false);
	if (dt > PEEK_GAP_MAX_US)
		dt = 0;
	for (size_t i = 0; i < collectors_count; i++) {
		if (collectors[i]->peek != NULL &&
		    collectors[i]->peek(s->db, state, dt)) {
			s->active_ms = s->db->mono_ms;
			s->dirty = true;
		}
		state += room_of(collectors[i]);
	}
}
