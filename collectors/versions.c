/*
 * versions - which SQLite and which Litestream use this file, and are they
 * known to be dangerous?
 *
 * Each process that has the database open runs some SQLite, in a library or in
 * itself, and that file says which (stamp.h).  A file is read once, a slice at
 * a time so that nobody waits for it, and remembered.  Risks are told by
 * version: a distribution may have patched the bug and kept the number.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/batch.h"
#include "agent/buf.h"
#include "agent/mem.h"
#include "collectors/collector.h"
#include "collectors/database.h"
#include "collectors/locktable.h"
#include "collectors/mapped.h"
#include "collectors/process.h"
#include "collectors/stamp.h"

#define LOOK_EVERY_MS	60000	/* how often processes are looked at */
#define MAX_PROCESSES	8	/* per database; more are left out */
#define MAX_FILES	12	/* remembered per database */
#define MAX_NOTES	8	/* for the log; after that it is silent */
#define MAX_FILE	(256ll << 20)	/* bytes of one that are read */
#define SPAN		(256u << 10)	/* bytes read at once */
#define SLICE		(8ll << 20)	/* bytes read in one sample */

enum { LIBRARY, WAL_RESET, SILENT_STOP };

static const struct metric metrics[] = {
	[LIBRARY] = { "sqlite_library_info", METRIC_INFO, NULL,
	    "A program that has the database open and the SQLite in it, by "
	    "version or by date; always 1; at most a minute old." },
	[WAL_RESET] = { "sqlite_version_risk", METRIC_GAUGE,
	    "risk=\"wal_reset\"",
	    "1 when several processes use the database and a SQLite among them "
	    "has, by its version, the WAL-reset bug, which can corrupt it; "
	    "else 0." },
	[SILENT_STOP] = { "sqlite_version_risk", METRIC_GAUGE,
	    "risk=\"litestream_silent_stop\"",
	    "1 when the Litestream that looks after it is of a version known "
	    "to stop without an error; else 0." },
};

struct file {
	dev_t		 dev;
	ino_t		 ino;
	int64_t		 size, mtime;
	int64_t		 at;		/* read so far; size: all of it */
	bool		 used;		/* in this round */
	struct stamp	 stamp;
};

struct user {
	int64_t		 pid;
	char		 program[32];
	unsigned char	 files[MAPPED_MAX];	/* of the list below */
	unsigned	 nfiles;
};

struct known {
	struct user	 users[MAX_PROCESSES];
	unsigned	 nusers;
	size_t		 nprocesses;	/* that have it open */
	struct file	 files[MAX_FILES];
	unsigned	 nfiles;
	char		*notes[MAX_NOTES];	/* owned; what was noted */
	unsigned	 nnotes;
};

struct versions_state {
	struct known	*known;		/* owned; NULL: nobody was seen */
	int64_t		 look_ms;	/* mono; the last look; 0: never */
};

/* The place for a file: the same one, a new one, or one nobody uses now. */
static struct file *
place_for(struct known *k, const struct stat *st)
{
	struct file *spare = NULL;

	for (unsigned i = 0; i < k->nfiles; i++) {
		struct file *f = &k->files[i];

		if (f->ino == st->st_ino && f->dev == st->st_dev &&
		    f->size == st->st_size &&
		    f->mtime == (int64_t)st->st_mtim.tv_sec)
			return f;
		if (!f->used)
			spare = f;
	}
	if (k->nfiles < MAX_FILES)
		spare = &k->files[k->nfiles++];
	if (spare != NULL)
		*spare = (struct file){ .dev = st->st_dev, .ino = st->st_ino,
		    .size = st->st_size,
		    .mtime = (int64_t)st->st_mtim.tv_sec };
	return spare;
}

/* Some more of a file, as far as *budget bytes go. */
static void
read_on(struct file *f, int fd, int64_t *budget, unsigned char *span)
{
	int64_t end = f->size < MAX_FILE ? f->size : MAX_FILE;

	while (f->at < end && *budget > 0) {
		ssize_t n = pread(fd, span, SPAN, (off_t)f->at);

		if (n <= 0) {
			f->at = end;
			break;
		}
		stamp_feed(&f->stamp, span, (size_t)n, (uint64_t)f->at);
		*budget -= n;
		f->at += n == SPAN ? n - STAMP_OVERLAP : n;
	}
}

static bool
is_read(const struct file *f)
{
	return f->at >= (f->size < MAX_FILE ? f->size : MAX_FILE);
}

static void
look_at_files(struct known *k, struct user *u, int64_t *budget,
    unsigned char *span)
{
	int fds[MAPPED_MAX];
	size_t n = mapped_open(u->pid, fds);

	u->nfiles = 0;
	for (size_t i = 0; i < n; i++) {
		struct stat st;
		struct file *f = fstat(fds[i], &st) == 0 ?
		    place_for(k, &st) : NULL;

		if (f != NULL) {
			f->used = true;
			u->files[u->nfiles++] = (unsigned char)(f - k->files);
			read_on(f, fds[i], budget, span);
		}
		close(fds[i]);
	}
}

static void
name_user(struct user *u, int64_t pid)
{
	char command[64];

	u->pid = pid;
	process_command(pid, command, sizeof command);
	command[strcspn(command, " ")] = '\0';
	memcpy(u->program, command, sizeof u->program - 1);
	u->program[sizeof u->program - 1] = '\0';
}

/* Who has it open, as the table of locks tells; at most MAX_PROCESSES. */
static size_t
find_pids(const struct database *db, int64_t pids[MAX_PROCESSES])
{
	struct stat st;

	if (db->locks == NULL || db->wal.fd == -1 ||
	    fstat(db->wal.fd, &st) == -1)
		return 0;
	return locktable_holders(db->locks, st.st_dev, st.st_ino, SHM_DMS,
	    SHM_DMS, pids, MAX_PROCESSES);
}

/* The same processes as at the last look? */
static bool
is_same_crowd(const struct known *k, const int64_t *pids, size_t n)
{
	if (n != k->nprocesses)
		return false;
	for (size_t i = 0; i < n && i < k->nusers; i++)
		if (k->users[i].pid != pids[i])
			return false;
	return true;
}

static void
take_users(struct known *k, const int64_t *pids, size_t n)
{
	k->nusers = 0;
	k->nprocesses = n;
	for (size_t i = 0; i < n && i < MAX_PROCESSES; i++)
		name_user(&k->users[k->nusers++], pids[i]);
}

/* True: there is more to read. */
static bool
look(struct known *k, const int64_t *pids, size_t n)
{
	unsigned char *span = mem_new(1, SPAN);
	int64_t budget = SLICE;
	bool more = false;

	for (unsigned i = 0; i < k->nfiles; i++)
		k->files[i].used = false;
	take_users(k, pids, n);
	for (unsigned i = 0; i < k->nusers; i++)
		look_at_files(k, &k->users[i], &budget, span);
	for (unsigned i = 0; i < k->nfiles; i++)
		more |= k->files[i].used && !is_read(&k->files[i]);
	free(span);
	return more;
}

/* The first of its files with a SQLite in it; NULL: none has. */
static const struct stamp *
sqlite_of(const struct known *k, const struct user *u)
{
	for (unsigned i = 0; i < u->nfiles; i++)
		if (k->files[u->files[i]].stamp.date[0] != '\0')
			return &k->files[u->files[i]].stamp;
	return NULL;
}

static bool
is_told(const struct known *k, unsigned user)
{
	const struct stamp *s = sqlite_of(k, &k->users[user]);

	for (unsigned i = 0; i < user; i++) {
		const struct stamp *other = sqlite_of(k, &k->users[i]);

		if (other != NULL && strcmp(stamp_name(other),
		    stamp_name(s)) == 0 && strcmp(k->users[i].program,
		    k->users[user].program) == 0)
			return true;
	}
	return false;
}

static void
tell_library(const struct user *u, const struct stamp *s, struct batch *out)
{
	struct buf labels;

	buf_init(&labels, 1024);
	batch_label(&labels, "program", u->program);
	batch_label(&labels, "version", stamp_name(s));
	if (labels.data != NULL)
		batch_add_labelled(out, &metrics[LIBRARY], 1, labels.data);
	buf_free(&labels);
}

/* Takes text. */
static void
note_once(struct known *k, struct batch *out, char *text)
{
	bool is_new = k->nnotes < MAX_NOTES;

	for (unsigned i = 0; i < k->nnotes; i++)
		is_new = is_new && strcmp(k->notes[i], text) != 0;
	if (is_new && batch_note(out, text))
		k->notes[k->nnotes++] = text;
	else
		free(text);
}

static void
note_wal_reset(struct known *k, const struct user *u, const struct stamp *s,
    struct batch *out)
{
	note_once(k, out, mem_printf("%s runs SQLite %s, which by its %s has "
	    "the WAL-reset bug, and other processes use the database too: it "
	    "can corrupt it (mended in 3.51.3, 3.50.7 and 3.44.6)", u->program,
	    stamp_name(s), s->version[0] != '\0' ? "version" : "date"));
}

static void
note_silent_stop(struct known *k, const struct user *u, const struct stamp *s,
    struct batch *out)
{
	note_once(k, out, mem_printf("%s is Litestream %s, which is known to "
	    "stop replicating without an error (mended in 0.5.9)", u->program,
	    s->litestream));
}

static void
tell(struct known *k, struct batch *out)
{
	bool seen = false, exposed = false, litestream = false, silent = false;

	for (unsigned i = 0; i < k->nusers; i++) {
		const struct user *u = &k->users[i];
		const struct stamp *s = sqlite_of(k, u);

		for (unsigned j = 0; j < u->nfiles; j++) {
			const struct stamp *f = &k->files[u->files[j]].stamp;

			litestream |= f->litestream[0] != '\0';
			if (!stamp_stops_silently(f))
				continue;
			silent = true;
			note_silent_stop(k, u, f, out);
		}
		if (s == NULL)
			continue;
		seen = true;
		if (stamp_has_wal_reset(s) && k->nprocesses > 1) {
			exposed = true;
			note_wal_reset(k, u, s, out);
		}
		if (!is_told(k, i))
			tell_library(u, s, out);
	}
	if (seen)
		batch_add(out, &metrics[WAL_RESET], exposed);
	if (litestream)
		batch_add(out, &metrics[SILENT_STOP], silent);
}

/* When somebody came or went, and every minute: a process may load a library
 * at any time. */
static bool
is_due(const struct versions_state *s, const struct database *db,
    const int64_t *pids, size_t n)
{
	return s->look_ms == 0 || !is_same_crowd(s->known, pids, n) ||
	    db->mono_ms - s->look_ms >= LOOK_EVERY_MS;
}

static int
versions_sample(struct database *db, void *state, struct batch *out,
    struct err *e)
{
	struct versions_state *s = state;
	int64_t pids[MAX_PROCESSES];
	size_t n = find_pids(db, pids);

	(void)e;
	if (n > 0 && s->known == NULL)
		NEW(s->known);
	if (n > 0 && is_due(s, db, pids, n)) {
		s->look_ms = db->mono_ms;
		if (look(s->known, pids, n)) {
			s->look_ms = 0;		/* the next slice, soon */
			db->restless = true;
		}
	}
	if (s->known != NULL)
		tell(s->known, out);
	return 0;
}

static void
versions_done(struct database *db, void *state)
{
	struct known *k = ((struct versions_state *)state)->known;

	(void)db;
	for (unsigned i = 0; k != NULL && i < k->nnotes; i++)
		free(k->notes[i]);
	free(k);
}

const struct collector collector_versions = {
	.name		= "versions",
	.help		= "Which SQLite and which Litestream use the database, "
			  "and whether they are known to be dangerous.",
	COLLECTOR_METRICS(metrics),
	.state_size	= sizeof(struct versions_state),
	.sample		= versions_sample,
	.done		= versions_done,
};
