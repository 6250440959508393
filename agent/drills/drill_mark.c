/*
 * drill_mark - see drill_mark.h.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/drills/drill_mark.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "collectors/database.h"
#include "litestream/guard.h"
#include "litestream/ltx.h"
#include "litestream/replica.h"

#define LOOK_EVERY_MS	300
#define REMOTE_EVERY_MS	2000
#define MAX_SUM		100000u	/* files whose lengths are added up */

static char *
place_of_copy(const struct database *db, const struct setup *setup)
{
	const char *slash = strrchr(db->real, '/');

	if (setup->meta != NULL)
		return mem_strdup(setup->meta);
	return mem_printf("%.*s/.%s-litestream", (int)(slash - db->real),
	    db->real, slash + 1);
}

int
drill_mark_note(struct drill_mark *ret, struct database *db,
    const struct setup *setup, struct err *e)
{
	struct drill_mark m = { .version = LITESTREAM_NONE };
	struct err none;

	if (database_look(db, e) == -1)
		return -1;
	m.at_ms = db->wall_ms;
	m.live = wal_is_live(&db->wal) && db->wal.h.page_size > 0 &&
	    db->wal.h.max_frame > 0;
	if (m.live) {
		memcpy(m.salt, db->wal.h.salt, sizeof m.salt);
		m.offset = (int64_t)wal_frame_offset(db->wal.h.max_frame + 1,
		    db->wal.h.page_size);
	}
	m.dir = place_of_copy(db, setup);
	m.version = litestream_version_of(m.dir);
	m.known = litestream_local_end(&m.first, m.version, m.dir, &none) == 0;
	m.local = m.first;
	*ret = m;
	return 0;
}

void
drill_mark_done(struct drill_mark *m)
{
	free(m->dir);
	*m = (struct drill_mark){ .version = LITESTREAM_NONE };
}

static bool
has_salt(const struct litestream_end *end, const unsigned char salt[8])
{
	return end->salted && memcmp(end->salt, salt, 8) == 0;
}

/* The log that was noted is over, and the copy is of the one after it. */
static bool
is_later(const struct drill_mark *m, struct database *db)
{
	struct err none;

	return database_look(db, &none) == 0 && wal_is_live(&db->wal) &&
	    memcmp(db->wal.h.salt, m->salt, 8) != 0 &&
	    has_salt(&m->local, db->wal.h.salt);
}

/* Does the local copy cover what was noted?  Then the target is known. */
static bool
is_covered(struct drill_mark *m, struct database *db)
{
	struct err none;

	if (litestream_local_end(&m->local, m->version, m->dir, &none) == -1)
		return false;
	if (m->live && has_salt(&m->local, m->salt)) {
		if (m->local.offset < m->offset)
			return false;
		m->target = m->local;
		m->target.offset = m->offset;
		return true;
	}
	if (m->live && !is_later(m, db))
		return false;
	m->target = m->local;
	return true;
}

static bool
is_there(const struct drill_mark *m)
{
	const struct litestream_end *r = &m->replica, *t = &m->target;

	if (m->version == LITESTREAM_05)
		return r->index >= t->index;
	return strcmp(r->generation, t->generation) == 0 &&
	    (r->index > t->index ||
	    (r->index == t->index && r->offset >= t->offset));
}

/* -1: it cannot be looked at now. */
static int
look_at_replica(struct drill_mark *m, const struct database *db,
    struct setup *setup, size_t i, struct drill_remote *remote, struct err *e)
{
	const struct replica *r = &setup->replicas[i];
	int rc;

	if (r->type == REPLICA_FILE) {
		struct litestream_end end = { .index = 0 };

		rc = litestream_replica_end(&end, m->version, r->path,
		    m->local.generation, e);
		if (rc == 0)
			m->replica = end;
	} else if (remote != NULL) {
		rc = drill_remote_end(remote, &m->replica, db->name, setup, i,
		    m->version, &m->local, e);
	} else {
		rc = err_set(e, "there is no way to ask a bucket");
	}
	m->seen |= rc == 0;
	return rc;
}

static enum mark_end
wait_for_replica(struct drill_mark *m, const struct database *db,
    struct setup *setup, size_t i, struct drill_remote *remote,
    int64_t deadline)
{
	bool file = setup->replicas[i].type == REPLICA_FILE;
	struct err e = { "" };

	for (;;) {
		if (look_at_replica(m, db, setup, i, remote, &e) == 0 &&
		    is_there(m))
			return MARK_REACHED;
		if (mono_ms() >= deadline)
			break;
		if (!guard_rest(file ? LOOK_EVERY_MS : REMOTE_EVERY_MS))
			return MARK_STOPPED;
	}
	if (m->seen || file)
		return MARK_SHORT;
	(void)snprintf(m->why, sizeof m->why, "%s", e.text);
	return MARK_UNSEEN;
}

static enum mark_end
cannot_see(struct drill_mark *m, const char *why)
{
	(void)snprintf(m->why, sizeof m->why, "%s", why);
	return MARK_UNSEEN;
}

static enum mark_end
wait_for_copy(struct drill_mark *m, struct database *db, int64_t deadline)
{
	while (!(m->targeted = is_covered(m, db)) && mono_ms() < deadline)
		if (!guard_rest(LOOK_EVERY_MS))
			return MARK_STOPPED;
	return m->targeted ? MARK_REACHED : MARK_SHORT;
}

enum mark_end
drill_mark_wait(struct drill_mark *m, struct database *db,
    struct setup *setup, size_t i, struct drill_remote *remote)
{
	const struct replica *r = &setup->replicas[i];
	int64_t deadline = mono_ms() + setup->monitor_ms + r->sync_ms +
	    MARK_PATIENCE_MS;
	enum mark_end end;
	struct err none;

	if (m->version == LITESTREAM_NONE || !m->known)
		return cannot_see(m, "Litestream's own copy beside the "
		    "database cannot be read");
	end = wait_for_copy(m, db, deadline);
	if (end == MARK_STOPPED)
		return end;
	if (!replica_is_checked(r) || r->encrypted) {
		if (!guard_rest(r->sync_ms + REMOTE_EVERY_MS))
			return MARK_STOPPED;
		return m->targeted ? cannot_see(m, "a replica of its type "
		    "cannot be looked at") : MARK_SHORT;
	}
	if (m->targeted)
		return wait_for_replica(m, db, setup, i, remote, deadline);
	(void)look_at_replica(m, db, setup, i, remote, &none);
	return end;
}

/* From the local copy's end to the noted one. */
static int64_t
short_of_live(const struct drill_mark *m)
{
	if (!m->live || m->targeted)
		return 0;
	if (!has_salt(&m->local, m->salt))
		return m->offset;
	return m->offset > m->local.offset ? m->offset - m->local.offset : 0;
}

static int64_t
bytes_of_passes(const struct drill_mark *m, uint64_t upto)
{
	struct ltx_header h;
	struct err none;
	int64_t sum = 0;

	if (upto - m->replica.index > MAX_SUM)
		return -1;
	for (uint64_t id = m->replica.index + 1; id <= upto; id++)
		if (ltx_read_local(&h, m->dir, id, &none) == 0)
			sum += h.size;
	return sum;
}

static int64_t
length_of_log(const struct drill_mark *m, uint64_t index)
{
	char path[PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(path, sizeof path, "%s/generations/%s/wal/"
	    "%08llx.wal", m->dir, m->replica.generation,
	    (unsigned long long)index) >= sizeof path || stat(path, &st) == -1)
		return 0;
	return st.st_size;
}

static int64_t
bytes_of_logs(const struct drill_mark *m, const struct litestream_end *upto)
{
	const struct litestream_end *r = &m->replica;
	int64_t sum = -r->offset;

	if (strcmp(r->generation, upto->generation) != 0 ||
	    upto->index - r->index > MAX_SUM)
		return -1;
	for (uint64_t i = r->index; i < upto->index; i++)
		sum += length_of_log(m, i);
	return sum + upto->offset;
}

int64_t
drill_mark_behind(const struct drill_mark *m)
{
	const struct litestream_end *upto = m->targeted ? &m->target :
	    &m->local;
	int64_t n;

	if (!m->seen)
		return -1;
	if (m->replica.index > upto->index)
		return short_of_live(m);
	n = m->version == LITESTREAM_05 ? bytes_of_passes(m, upto->index) :
	    bytes_of_logs(m, upto);
	return n < 0 ? -1 : n + short_of_live(m);
}
