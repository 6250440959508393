/*
 * litestream - how old is the oldest commit that the backup does not have?
 *
 * Litestream's own metrics cannot tell: they stand still when it is blind.  So
 * positions are compared, not claims: the live end of the log (wal.h) with the
 * end of Litestream's local copy and with the end of each file replica.  The
 * age is that of the first commit beyond, by our own notes of when the log was
 * how long (trail.h): no clock but ours is in it.  When a look fails, the last
 * known end stands, so the lag grows, and the replica is down.
 *
 * Litestream's own copy is told as replica "local".
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/batch.h"
#include "agent/buf.h"
#include "agent/err.h"
#include "agent/mem.h"
#include "collectors/collector.h"
#include "collectors/database.h"
#include "litestream/files.h"

#define FIND_EVERY_MS	10000	/* how often a copy is looked for ... */
#define EXPECT_EVERY_MS	1000	/* ... and one that there should be */
#define MAX_REPLICAS	8	/* per database, the local copy among them */

enum { UP, LAG_SECONDS, LAG_BYTES, LAST_SYNC, INFO };

static const struct metric metrics[] = {
	[UP] = { "sqlite_replica_up", METRIC_GAUGE, NULL,
	    "1 when the last look at the replica succeeded; replica=\"local\" "
	    "is Litestream's own copy beside the database." },
	[LAG_SECONDS] = { "sqlite_replica_lag_seconds", METRIC_GAUGE, NULL,
	    "Age of the oldest commit that is not on the replica, as seen by "
	    "the agent; 0 only when nothing is missing." },
	[LAG_BYTES] = { "sqlite_replica_lag_bytes", METRIC_GAUGE, NULL,
	    "Bytes of the log that are not on the replica." },
	[LAST_SYNC] = { "sqlite_replica_last_sync_timestamp_seconds",
	    METRIC_GAUGE, NULL,
	    "Up to when the replica has every commit: now when nothing is "
	    "missing; 0 when that is not known." },
	[INFO] = { "sqlite_replica_info", METRIC_INFO, NULL,
	    "The replica's type and the format version of Litestream; always "
	    "1." },
};

struct copy {
	struct litestream_end end;
	trail_pos	 pos;		/* of that end; 0: before all we know */
	bool		 known;		/* a look has succeeded */
	int64_t		 synced_ms;	/* wall; has all until then */
};

struct litestream_state {
	char		*dir;		/* owned; of the local copy; or NULL */
	enum litestream_version version;
	int64_t		 find_ms;	/* mono; when it was looked for */
	struct copy	 local;
	struct copy	 replicas[MAX_REPLICAS];
};

static void
find_copy(struct litestream_state *s, const struct database *db)
{
	const char *slash = strrchr(db->real, '/');
	int64_t every = s->version == LITESTREAM_NONE && db->replicas != NULL ?
	    EXPECT_EVERY_MS : FIND_EVERY_MS;
	enum litestream_version v;

	if (s->find_ms != 0 && db->mono_ms - s->find_ms < every)
		return;
	s->find_ms = db->mono_ms;
	free(s->dir);		/* a link may point elsewhere now */
	s->dir = mem_printf("%.*s/.%s-litestream", (int)(slash - db->real),
	    db->real, slash + 1);
	v = litestream_version_of(s->dir);
	/* One that was there and is gone is news, not "none". */
	if (v != LITESTREAM_NONE)
		s->version = v;
}

static uint32_t
frames_in(int64_t bytes, uint32_t page_size)
{
	return bytes <= WAL_HEADER_SIZE ? 0 : (uint32_t)((bytes -
	    WAL_HEADER_SIZE) / (WAL_FRAME_SIZE + (int64_t)page_size));
}

/* A place in the trail from a salt and an offset; false: not one of ours. */
static bool
place(const struct database *db, const struct litestream_end *end,
    trail_pos *ret)
{
	int64_t epoch = end->salted ? wal_epoch_of(&db->wal, end->salt) : -1;

	if (epoch == -1)
		return false;
	*ret = TRAIL_POS(epoch, frames_in(end->offset, end->page_size));
	return true;
}

/*
 * 0.3 numbers the logs, and a piece has no salt: it is so many logs before the
 * newest of the local copy, whose salt we know.
 */
static bool
place_piece(const struct database *db, const struct litestream_end *local,
    const struct litestream_end *end, trail_pos *ret)
{
	int64_t newest = local->salted ? wal_epoch_of(&db->wal, local->salt) :
	    -1;
	int64_t epoch = newest - (int64_t)(local->index - end->index);

	if (newest == -1 || epoch < 1)
		return false;
	*ret = TRAIL_POS(epoch, frames_in(end->offset, local->page_size));
	return true;
}

static void
look_local(struct litestream_state *s, const struct database *db,
    struct err *why, bool *up)
{
	struct litestream_end end = s->local.end;

	*up = litestream_local_end(&end, s->version, s->dir, why) == 0;
	if (!*up)
		return;
	s->local.end = end;
	s->local.known = true;
	if (!place(db, &end, &s->local.pos))
		s->local.pos = 0;
}

static void
look_replica(struct litestream_state *s, const struct database *db,
    struct copy *c, const char *path, struct err *why, bool *up)
{
	enum litestream_version v = litestream_version_of(path);
	bool placed;

	*up = litestream_replica_end(&c->end, v, path, s->local.end.generation,
	    why) == 0;
	if (!*up)
		return;
	c->known = true;
	placed = v == LITESTREAM_03 ?
	    place_piece(db, &s->local.end, &c->end, &c->pos) :
	    place(db, &c->end, &c->pos);
	if (!placed)
		c->pos = 0;
	/* The same pass of Litestream: as far as the local copy. */
	if (v == LITESTREAM_05 && c->end.index == s->local.end.index)
		c->pos = s->local.pos;
}

static double
bytes_beyond(const struct wal *w, trail_pos pos)
{
	double frame = WAL_FRAME_SIZE + (double)w->h.page_size;
	double frames = 0;

	for (uint32_t epoch = (uint32_t)(pos >> 32); epoch < w->epoch; epoch++)
		frames += wal_frames_of(w, epoch);
	frames += w->h.max_frame;
	frames -= (double)(uint32_t)pos;
	return frames > 0 ? frames * frame : 0;
}

static void
tell(struct database *db, struct copy *c, struct batch *out, bool up,
    const char *name, const char *type, enum litestream_version v)
{
	int64_t since = trail_since(&db->wal.unreplicated, c->pos);
	struct buf labels;

	if (up && (since == 0 || c->pos != 0))
		c->synced_ms = since == 0 ? db->wall_ms :
		    since + db->wall_ms - db->mono_ms;
	if (since != 0)
		db->restless = true;
	buf_init(&labels, 1024);
	batch_label(&labels, "replica", name);
	batch_add_labelled(out, &metrics[UP], up, labels.data);
	batch_add_labelled(out, &metrics[LAG_SECONDS],
	    since == 0 ? 0 : (double)(db->mono_ms - since) / 1000,
	    labels.data);
	batch_add_labelled(out, &metrics[LAG_BYTES],
	    since == 0 ? 0 : bytes_beyond(&db->wal, c->pos), labels.data);
	batch_add_labelled(out, &metrics[LAST_SYNC],
	    (double)(c->synced_ms / 1000), labels.data);
	batch_label(&labels, "type", type);
	batch_label(&labels, "version", litestream_version_name(v));
	batch_add_labelled(out, &metrics[INFO], 1, labels.data);
	buf_free(&labels);
}

static int
litestream_sample(struct database *db, void *state, struct batch *out,
    struct err *e)
{
	struct litestream_state *s = state;
	const struct replica *r;
	struct err why;
	int status = 0;
	unsigned i = 0;
	bool up;

	find_copy(s, db);
	if (s->version == LITESTREAM_NONE && db->replicas == NULL)
		return 0;
	look_local(s, db, &why, &up);
	tell(db, &s->local, out, up, "local", "local", s->version);
	if (!up)
		status = err_set(e, "replica local: %s", why.text);
	for (r = db->replicas; r != NULL && i < MAX_REPLICAS; r = r->next) {
		struct copy *c = &s->replicas[i++];

		look_replica(s, db, c, r->path, &why, &up);
		tell(db, c, out, up, r->name, "file", s->version);
		if (!up)
			status = err_set(e, "replica %s: %s", r->name,
			    why.text);
	}
	/* The numbers stand although a look has failed: the lag must grow. */
	out->keep = status == -1;
	return status;
}

static void
litestream_done(struct database *db, void *state)
{
	struct litestream_state *s = state;

	(void)db;
	free(s->dir);
}

const struct collector collector_litestream = {
	.name		= "litestream",
	.help		= "How far Litestream's local copy and file replicas "
			  "are behind, by position.",
	COLLECTOR_METRICS(metrics),
	.state_size	= sizeof(struct litestream_state),
	.sample		= litestream_sample,
	.done		= litestream_done,
};
