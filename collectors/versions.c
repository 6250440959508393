/*
 * versions - which SQLite and which Litestream use this file, and are they
 * known to be dangerous?
 *
 * Each process that has the database open runs some SQLite, in a library or in
 * itself, and that file says which (binaries.h).  Risks are told by version: a
 * distribution may have patched the bug and kept the number.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/batch.h"
#include "base/buf.h"
#include "base/mem.h"
#include "collectors/binaries.h"
#include "collectors/collector.h"
#include "collectors/database.h"
#include "collectors/locktable.h"

#define MAX_PROCESSES	8	/* per database; more are left out */
#define SLICE		(8ll << 20)	/* bytes read in one sample */

enum { LIBRARY, LITESTREAM, WAL_RESET, SILENT_STOP };

static const struct metric metrics[] = {
	[LIBRARY] = { "sqlite_library_info", METRIC_INFO, NULL,
	    "A program that has the database open and the SQLite in it, by "
	    "version or by date; always 1; at most a minute old." },
	[LITESTREAM] = { "sqlite_litestream_info", METRIC_INFO, NULL,
	    "The version of a Litestream that has the database open; always "
	    "1; at most a minute old." },
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

struct known {
	int64_t		 pids[MAX_PROCESSES];
	struct program	 programs[MAX_PROCESSES];	/* of these */
	size_t		 n;
	int64_t		 look_ms;	/* mono; the last look; 0: never */
};

struct versions_state {
	struct known	*known;		/* owned; NULL: nobody was seen */
};

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

/* When somebody came or went, and every minute. */
static bool
is_due(const struct known *k, const struct database *db, const int64_t *pids,
    size_t n)
{
	return k->look_ms == 0 || n != k->n ||
	    memcmp(k->pids, pids, n * sizeof *pids) != 0 ||
	    db->mono_ms - k->look_ms >= BINARIES_FRESH_MS;
}

/* True: there is more to read. */
static bool
look(struct known *k, const struct database *db, const int64_t *pids, size_t n)
{
	int64_t budget = SLICE;
	bool more = false;

	k->n = n;
	for (size_t i = 0; i < n; i++) {
		k->pids[i] = pids[i];
		more |= binaries_ask(db->binaries, pids[i], db->mono_ms,
		    &budget, &k->programs[i]);
	}
	return more;
}

static void
note_wal_reset(struct binaries *b, const struct program *p, struct batch *out)
{
	char *text = mem_printf("%s runs SQLite %s, which by its %s has the "
	    "WAL-reset bug, and other processes use the database too: it can "
	    "corrupt it (mended in 3.51.3, 3.50.7 and 3.44.6)", p->name,
	    p->sqlite, p->dated ? "date" : "version");

	if (out->note == NULL && binaries_is_news(b, text))
		(void)batch_note(out, text);
	free(text);
}

static void
note_silent_stop(struct binaries *b, const struct program *p,
    struct batch *out)
{
	char *text = mem_printf("%s is Litestream %s, which is known to stop "
	    "replicating without an error (mended in 0.5.9)", p->name,
	    p->litestream);

	if (out->note == NULL && binaries_is_news(b, text))
		(void)batch_note(out, text);
	free(text);
}

static void
tell_info(const struct metric *m, const char *program, const char *version,
    struct batch *out)
{
	struct buf labels;

	buf_init(&labels, 1024);
	if (program != NULL)
		batch_label(&labels, "program", program);
	batch_label(&labels, "version", version);
	if (labels.data != NULL)
		batch_add_labelled(out, m, 1, labels.data);
	buf_free(&labels);
}

/* Each only once. */
static void
tell_library(const struct known *k, size_t which, struct batch *out)
{
	const struct program *p = &k->programs[which];

	for (size_t i = 0; i < which; i++)
		if (strcmp(k->programs[i].sqlite, p->sqlite) == 0 &&
		    strcmp(k->programs[i].name, p->name) == 0)
			return;
	tell_info(&metrics[LIBRARY], p->name, p->sqlite, out);
}

static void
tell_litestream(const struct known *k, size_t which, struct batch *out)
{
	const struct program *p = &k->programs[which];

	for (size_t i = 0; i < which; i++)
		if (strcmp(k->programs[i].litestream, p->litestream) == 0)
			return;
	tell_info(&metrics[LITESTREAM], NULL, p->litestream, out);
}

static void
tell(const struct known *k, struct binaries *b, struct batch *out)
{
	bool seen = false, exposed = false, litestream = false, silent = false;

	for (size_t i = 0; i < k->n; i++) {
		const struct program *p = &k->programs[i];

		if (p->litestream[0] != '\0') {
			litestream = true;
			tell_litestream(k, i, out);
		}
		if (p->stops) {
			silent = true;
			note_silent_stop(b, p, out);
		}
		if (p->sqlite[0] == '\0')
			continue;
		seen = true;
		tell_library(k, i, out);
		if (p->wal_reset && k->n > 1) {
			exposed = true;
			note_wal_reset(b, p, out);
		}
	}
	if (seen)
		batch_add(out, &metrics[WAL_RESET], exposed);
	if (litestream)
		batch_add(out, &metrics[SILENT_STOP], silent);
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
	if (n > 0 && is_due(s->known, db, pids, n)) {
		s->known->look_ms = db->mono_ms;
		if (look(s->known, db, pids, n)) {
			s->known->look_ms = 0;	/* the next slice, soon */
			db->restless = true;
		}
	}
	if (s->known != NULL)
		tell(s->known, db->binaries, out);
	return 0;
}

static void
versions_done(struct database *db, void *state)
{
	(void)db;
	free(((struct versions_state *)state)->known);
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
