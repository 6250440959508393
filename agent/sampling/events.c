/*
 * events - what the kernel says of the watched files, and what follows.
 *
 * A directory is watched for a -shm that comes or goes, the -shm itself for
 * being cut, extended or let go of.  Each of these is followed at once: what is
 * not looked at now may not be there at the next sample.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/sampling/worker.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/notify.h"
#include "collectors/database.h"

static void
watch_directory(struct sampler *s, struct entry *e)
{
	const char *path = e->subject.db->real ? e->subject.db->real :
	    e->subject.db->path;
	const char *slash;
	char *dir;

	if (s->notify == NULL)
		return;
	free(e->place);
	e->place = mem_strdup(path);
	slash = strrchr(e->place, '/');
	e->base = slash ? slash + 1 : e->place;
	dir = slash == NULL ? mem_strdup(".") : mem_printf("%.*s",
	    slash == e->place ? 1 : (int)(slash - e->place), e->place);
	e->dir_wd = notify_directory(s->notify, dir);
	free(dir);
}

/* Its real place is known now, or a link has come to point elsewhere. */
static bool
has_moved(const struct entry *e)
{
	const char *real = e->subject.db->real;

	return real != NULL && (e->place == NULL ||
	    strcmp(e->place, real) != 0);
}

/*
 * A journal comes and goes with every transaction, and each time we would be
 * woken for nothing: there is no -shm to wait for.
 */
static bool
is_rollback(const struct entry *e)
{
	const struct database *db = e->subject.db;

	return db->fd != -1 && !db->empty && !db->header.wal;
}

void
events_watch_name(struct sampler *s, struct entry *e, bool was_open)
{
	if (!is_rollback(e) && (e->dir_wd == -1 || has_moved(e) ||
	    (e->subject.db->fd != -1 && !was_open)))
		watch_directory(s, e);
}

void
events_leave_name(struct sampler *s, struct entry *e)
{
	int wd = e->dir_wd;

	if (wd == -1 || !is_rollback(e))
		return;
	e->dir_wd = -1;
	for (size_t i = 0; i < s->roster.n; i++)
		if (s->roster.entries[i]->dir_wd == wd)
			return;		/* somebody else's too */
	if (s->notify != NULL)
		notify_forget(s->notify, wd);
}

/* The -shm that is open has a watch of its own, for being truncated. */
void
events_watch_shm(struct sampler *s, struct entry *e)
{
	struct wal *w = &e->subject.db->wal;

	if (s->notify == NULL || w->fd == -1 || w->notify_wd != -1)
		return;
	w->notify_wd = notify_file(s->notify, w->fd);
	if (w->notify_wd != -1)
		subject_follow(&e->subject, false);	/* before it */
}

/* The wal-index is being made, or made anew after a crash. */
bool
events_settling(const struct entry *e)
{
	const struct wal *w = &e->subject.db->wal;

	return w->fd != -1 && (w->recovering || !w->based);
}

void
events_follow(struct sampler *s, struct entry *e)
{
	unsigned news = e->news;

	e->news = 0;
	if (news & NEWS_WRITTEN)
		wal_modified(&e->subject.db->wal);
	subject_follow(&e->subject, (news & NEWS_MADE) != 0);
	events_watch_shm(s, e);
	if (events_settling(e))
		e->chase_ms = mono_ms() + CHASE_MS;
}

static void
note_name(struct entry *e, enum notify_what what, const char *suffix)
{
	if (suffix[0] == '\0' || e->subject.db->fd == -1)
		e->due_ms = 0;		/* the file itself: a whole sample */
	if (strcmp(suffix, "-shm") != 0)
		return;
	e->news |= NEWS_ANY;
	if (what == NOTIFY_MADE) {
		wal_made(&e->subject.db->wal);
		e->news |= NEWS_MADE;
	}
}

static void
note_event(struct entry *e, int wd, enum notify_what what, const char *name)
{
	struct wal *w = &e->subject.db->wal;
	size_t n = e->base == NULL ? 0 : strlen(e->base);

	if (what == NOTIFY_LOST) {
		w->gaps++;
		e->due_ms = 0;
	} else if (w->notify_wd == wd) {
		e->news |= NEWS_ANY;
		if (what == NOTIFY_WRITTEN)
			e->news |= NEWS_WRITTEN;
	} else if (name != NULL && e->dir_wd == wd && n > 0 &&
	    strncmp(name, e->base, n) == 0) {
		note_name(e, what, name + n);
	}
}

static void
on_event(void *arg, int wd, enum notify_what what, const char *name)
{
	struct sampler *s = arg;

	for (size_t i = 0; i < s->roster.n; i++) {
		struct entry *e = s->roster.entries[i];

		if (e->stuck)
			continue;
		note_event(e, wd, what, name);
		s->news |= e->news != 0;
		if (e->due_ms == 0)
			s->due_ms = 0;
	}
}

void
events_drain(struct sampler *s)
{
	if (s->notify != NULL)
		notify_drain(s->notify, on_event, s);
}
