/*
 * drill_run - see drill_run.h.
 *
 * Where the database is, is noted first; then the replica is given the time it
 * may take to follow; then it is restored, whether it has followed or not, for
 * a backup that is late may still be one.  A drill passes when what comes out
 * is sound and not older than what was noted.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/drills/drill_mark.h"
#include "agent/drills/drill_proof.h"
#include "agent/drills/drill_run.h"
#include "agent/state/state_restored.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "collectors/database.h"
#include "litestream/chain.h"
#include "litestream/drill.h"
#include "litestream/guard.h"
#include "litestream/replica.h"
#include "litestream/restore.h"
#include "litestream/scratch.h"

#define MIB	(INT64_C(1) << 20)

struct run {
	const struct drill_settings *settings;
	const struct restore_program *program;
	struct database	*db;
	struct setup	*setup;
	size_t		 replica;
	struct drill_mark mark;
	struct drill_proof proof;
	enum mark_end	 end;
	struct scratch	 scratch;
	struct drill	*drill;		/* what it comes to */
};

/* Takes the text. */
static void
conclude(struct run *r, enum drill_outcome outcome, char *why)
{
	r->drill->outcome = outcome;
	free(r->drill->why);
	r->drill->why = why;
}

struct drill *
drill_untried(const char *db, const char *replica, const char *why)
{
	struct drill *d;

	NEW(d);
	d->db = mem_strdup(db);
	d->replica = mem_strdup(replica);
	d->outcome = DRILL_INCONCLUSIVE;
	d->why = mem_strdup(why);
	d->behind_bytes = -1;
	d->at_ms = wall_ms();
	return d;
}

/* The database, its log, and a tenth for what a restore needs besides. */
static bool
has_room(struct run *r)
{
	int64_t need = r->db->size + r->mark.offset, room, all;

	all = need + need / 10 + RESTORE_FLOOR;
	room = scratch_room(&r->scratch);
	if (room == -1 || room >= all)
		return true;	/* unknown: the guard will see */
	conclude(r, DRILL_INCONCLUSIVE, mem_printf("there is no room for it: "
	    "%s has %" PRId64 " MiB free, and %" PRId64 " MiB are needed",
	    r->settings->dir, room / MIB, all / MIB + 1));
	return false;
}

static char *
directory_of(const struct database *db)
{
	const char *slash = strrchr(db->real, '/');

	return slash == db->real ? mem_strdup("/") :
	    mem_printf("%.*s", (int)(slash - db->real), db->real);
}

/* Room for it, and where the database is. */
static bool
prepare(struct run *r, struct drill_remote *remote)
{
	char *keep_out;
	struct err e;
	int rc;

	if (drill_mark_note(&r->mark, r->db, r->setup, &e) == -1) {
		conclude(r, DRILL_INCONCLUSIVE, mem_strdup(e.text));
		return false;
	}
	drill_proof_note(&r->proof, r->db);
	keep_out = directory_of(r->db);
	rc = scratch_make(&r->scratch, r->settings->dir, keep_out, &e);
	free(keep_out);
	if (rc == -1) {
		conclude(r, DRILL_INCONCLUSIVE, mem_strdup(e.text));
		return false;
	}
	if (!has_room(r))
		return false;
	r->end = drill_mark_wait(&r->mark, r->db, r->setup, r->replica,
	    remote);
	r->drill->behind_bytes = r->end == MARK_REACHED ? 0 :
	    drill_mark_behind(&r->mark);
	if (r->end != MARK_STOPPED)
		return true;
	conclude(r, DRILL_INCONCLUSIVE, mem_strdup("the drill was stopped"));
	return false;
}

static void
note_position(struct run *r, const struct restored *restored)
{
	const struct litestream_end *end = &r->mark.replica;

	if (restored->has_txid)
		r->drill->position = mem_printf("0.5 TXID %" PRIu64,
		    restored->txid);
	else if (restored->has_index && r->mark.seen &&
	    end->index == restored->index)
		r->drill->position = mem_printf("%s/%" PRIu64 ":%" PRId64,
		    restored->generation, restored->index, end->offset);
	else if (restored->has_index)
		r->drill->position = mem_printf("%s/%" PRIu64,
		    restored->generation, restored->index);
}

/* The sentence of one that restores and is late. */
static char *
say_stale(const struct run *r)
{
	int64_t newest = r->mark.seen ? r->mark.replica.modified_ms : 0;
	char bytes[64] = "it is not known by how much", age[96] = "";

	if (r->drill->behind_bytes > 0)
		(void)snprintf(bytes, sizeof bytes, "%" PRId64 " bytes of the "
		    "log are missing", r->drill->behind_bytes);
	if (newest > 0 && newest < r->mark.at_ms)
		(void)snprintf(age, sizeof age, ", and the newest file was "
		    "written %" PRId64 " s before the drill began",
		    (r->mark.at_ms - newest) / 1000);
	return mem_printf("it restores, but stale: %s%s", bytes, age);
}

enum freshness { FRESH, STALE, OTHER_GENERATION, CUT_SHORT, UNLIKE, NOT_SEEN };

/* Litestream 0.3 passes over a hole in the middle of a log. */
static bool
is_cut_short(struct run *r, const struct restored *restored)
{
	const struct replica *replica = &r->setup->replicas[r->replica];
	struct chain chain;
	struct err none;

	if (database_look(r->db, &none) == 0 && drill_proof_check(&r->proof,
	    r->db, restored->file) == PROOF_MISSING)
		return true;
	return r->mark.version == LITESTREAM_03 && r->mark.targeted &&
	    replica->type == REPLICA_FILE && !replica->encrypted &&
	    chain_of_directory(&chain, NULL, r->mark.version, replica->path,
	    r->mark.target.generation, &none) == 0 && chain.broken;
}

/* What Litestream says it restored counts for more than what we saw there. */
static enum freshness
by_position(const struct run *r, const struct restored *restored)
{
	const struct drill_mark *m = &r->mark;

	if (r->end == MARK_SHORT && !m->targeted)
		return STALE;
	if (m->targeted && restored->has_txid)
		return restored->txid >= m->target.index ? FRESH : STALE;
	if (m->targeted && restored->has_index) {
		struct litestream_end now = m->target;
		struct err none;

		/* A new generation may have begun since. */
		(void)litestream_local_end(&now, m->version, m->dir, &none);
		if (strcmp(restored->generation, m->target.generation) != 0)
			return strcmp(restored->generation, now.generation) ==
			    0 ? FRESH : OTHER_GENERATION;
		if (restored->index < m->target.index)
			return STALE;
	}
	return r->end == MARK_SHORT ? STALE : r->end == MARK_REACHED ? FRESH :
	    NOT_SEEN;
}

static enum freshness
freshness_of(struct run *r, const struct restored *restored)
{
	enum freshness f = by_position(r, restored);

	if (f != FRESH && f != NOT_SEEN)
		return f;
	if (is_cut_short(r, restored))
		return CUT_SHORT;
	return drill_whole_check(&r->proof, r->db, restored->file,
	    r->settings->timeout_ms) == PROOF_MISSING ? UNLIKE : f;
}

static void
judge_freshness(struct run *r, const struct restored *restored,
    const struct restored_look *look)
{
	switch (freshness_of(r, restored)) {
	case FRESH:
		r->drill->behind_bytes = 0;
		break;
	case STALE:
		conclude(r, DRILL_FAIL, say_stale(r));
		return;
	case OTHER_GENERATION:
		conclude(r, DRILL_FAIL, mem_printf("it restores, but stale: "
		    "generation %s, and the present one is %s",
		    restored->generation, r->mark.target.generation));
		return;
	case CUT_SHORT:
		r->drill->behind_bytes = -1;
		conclude(r, DRILL_FAIL, mem_strdup("it restores, but stale: "
		    "the last commits are not in it, for a file in the middle "
		    "is missing or damaged"));
		return;
	case UNLIKE:
		r->drill->behind_bytes = -1;
		conclude(r, DRILL_FAIL, mem_strdup("it restores, but stale: "
		    "the database has commits that are not in it, and their "
		    "log is gone"));
		return;
	case NOT_SEEN:
		conclude(r, DRILL_PASS, mem_printf("how fresh it is could not "
		    "be seen: %s", r->mark.why));
		return;
	}
	conclude(r, DRILL_PASS, look->unchecked == 0 ? NULL : mem_printf("%u "
	    "of %u tables need functions or collations of the app and could "
	    "not be checked", look->unchecked, look->tables));
}

static void
judge(struct run *r, const struct restored *restored)
{
	struct restored_look look;
	struct stat st;

	if (stat(restored->file, &st) == 0)
		r->drill->bytes = st.st_size;
	restored_look(&look, restored->file, r->settings->timeout_ms,
	    guard_is_stopped);
	if (look.schema[0] != '\0')
		r->drill->schema = mem_strdup(look.schema);
	if (look.state == RESTORED_DAMAGED)
		conclude(r, DRILL_FAIL, mem_printf("it restores, but what is "
		    "restored is damaged: %s", look.why));
	else if (look.state == RESTORED_UNKNOWN)
		conclude(r, DRILL_INCONCLUSIVE, mem_strdup(look.why));
	else
		judge_freshness(r, restored, &look);
	restored_look_done(&look);
}

static void
restore(struct run *r)
{
	const struct restore_ask ask = {
		.program = r->program, .setup = r->setup,
		.replica = r->replica, .format = r->mark.version,
		.scratch = &r->scratch, .timeout_ms = r->settings->timeout_ms,
		.floor = RESTORE_FLOOR,
	};
	struct restored restored;

	restore_run(&restored, &ask);
	r->drill->took_ms = restored.took_ms;
	if (restored.end == RESTORE_UNTRIED) {
		conclude(r, DRILL_INCONCLUSIVE, mem_strdup(restored.why));
		r->drill->took_ms = 0;
	} else if (restored.end == RESTORE_FAILED) {
		conclude(r, DRILL_FAIL, mem_printf("it cannot be restored: %s",
		    restored.why));
	} else {
		note_position(r, &restored);
		judge(r, &restored);
	}
	restored_done(&restored);
}

struct drill *
drill_run(const struct drill_settings *settings,
    const struct restore_program *program, struct database *db,
    struct setup *setup, size_t replica, struct drill_remote *remote)
{
	struct run r = { .settings = settings, .program = program, .db = db,
		.setup = setup, .replica = replica,
		.scratch = { .fd = -1 } };

	r.drill = drill_untried(db->name, setup->replicas[replica].name, "");
	if (prepare(&r, remote))
		restore(&r);
	scratch_remove(&r.scratch);
	drill_mark_done(&r.mark);
	r.drill->at_ms = wall_ms();
	drill_follow(r.drill, NULL);
	return r.drill;
}
