/*
 * database - see database.h.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "collectors/database.h"
#include "collectors/outside.h"
#include "litestream/drill.h"
#include "litestream/finding.h"
#include "litestream/replica.h"

#define MAX_LINKS	40	/* as the kernel does */

/* From the folder the agent was started in. */
static char *
absolute(const char *path)
{
	char cwd[PATH_MAX];

	if (path[0] == '/' || getcwd(cwd, sizeof cwd) == NULL)
		return mem_strdup(path);
	return mem_printf("%s/%s", cwd, path);
}

struct database *
database_new(const char *name, const char *path, int64_t interval_ms)
{
	struct database *db;

	NEW(db);
	db->name = mem_strdup(name);
	db->path = absolute(path);
	db->interval_ms = interval_ms;
	db->fd = -1;
	wal_init(&db->wal, NULL, NULL);
	return db;
}

static void
let_go(struct database *db)
{
	if (db->fd != -1)
		close(db->fd);
	db->fd = -1;
	db->empty = false;
}

static void
forget_paths(struct database *db)
{
	free(db->real);
	db->real = db->shm_path = db->wal_path = db->journal_path = NULL;
}

void
database_free(struct database *db)
{
	if (db == NULL)
		return;
	setup_unref(db->setup);
	finding_free(db->findings);
	drill_free(db->drills);
	let_go(db);
	wal_done(&db->wal);
	looks_done(&db->looks);
	forget_paths(db);
	free(db->name);
	free(db->path);
	free(db);
}

void
database_set_setup(struct database *db, struct setup *setup)
{
	setup_unref(db->setup);
	db->setup = setup;
}

void
database_take_finding(struct database *db, struct finding *f)
{
	finding_free(finding_take(&db->findings, f->replica));
	f->next = db->findings;
	db->findings = f;
}

void
database_take_drill(struct database *db, struct drill *d)
{
	drill_free(drill_take(&db->drills, d->replica));
	db->changed_drills = true;
	if (d->at_ms == 0) {
		drill_free(d);
		return;
	}
	d->next = db->drills;
	db->drills = d;
}

bool
database_is_wal(const struct database *db)
{
	return db->header.wal && !db->empty;
}

bool
database_is_locked(const struct database *db)
{
	if (!database_is_wal(db))
		return lock_held(db->fd, PENDING_BYTE, 2 + SHARED_SIZE, NULL);
	return db->wal.fd != -1 &&
	    lock_held(db->wal.fd, SHM_WRITE, SHM_DMS - SHM_WRITE, NULL);
}

/*
 * Where the last name of a path really is.  Only that name is followed, not the
 * folders before it: /proc/PID/root, the way into a container, is itself a link
 * that the kernel follows and readlink(2) tells wrongly.
 */
static int
follow_links(char real[PATH_MAX], const char *path, struct err *e)
{
	char link[PATH_MAX], next[PATH_MAX];

	(void)snprintf(real, PATH_MAX, "%s", path);
	for (int i = 0; i < MAX_LINKS; i++) {
		ssize_t n = readlink(real, link, sizeof link - 1);
		const char *slash = strrchr(real, '/');
		int dir = slash == NULL ? 0 : (int)(slash - real) + 1, len;

		if (n == -1)
			return errno == EINVAL ? 0 : err_set(e, "%s: %s", path,
			    strerror(errno));
		link[n] = '\0';
		if (link[0] == '/')
			dir = 0;
		len = snprintf(next, sizeof next, "%.*s%s", dir, real, link);
		if (len < 0 || (size_t)len >= sizeof next)
			return err_set(e, "%s: path too long", path);
		memcpy(real, next, (size_t)len + 1);
	}
	return err_set(e, "%s: too many links", path);
}

static char *
after(char *text)
{
	return text + strlen(text) + 1;
}

/*
 * SQLite follows links and puts the side files beside the real file.  When a
 * link comes to point elsewhere, the log there is another log: its totals go
 * on from where they are.
 */
static int
find_real(struct database *db, struct err *e)
{
	char real[PATH_MAX];

	if (follow_links(real, db->path, e) == -1)
		return -1;
	if (db->real != NULL && strcmp(db->real, real) == 0)
		return 0;
	forget_paths(db);
	db->real = mem_printf("%s%c%s-shm%c%s-wal%c%s-journal", real, '\0',
	    real, '\0', real, '\0', real);
	db->shm_path = after(db->real);
	db->wal_path = after(db->shm_path);
	db->journal_path = after(db->wal_path);
	wal_move(&db->wal, db->shm_path, db->wal_path);
	/* A log that comes now began before our eyes: all of it counts. */
	db->wal.looked = db->absent;
	return 0;
}

static int
open_file(struct database *db, const struct stat *st, struct err *e)
{
	struct stat opened;

	if (!S_ISREG(st->st_mode))
		return err_set(e, "%s: not a regular file", db->path);
	if (find_real(db, e) == -1)
		return -1;
	let_go(db);
	db->fd = file_open(db->real);
	if (db->fd == -1)
		return err_set(e, "%s: %s", db->path, strerror(errno));
	if (fstat(db->fd, &opened) == -1 || !S_ISREG(opened.st_mode)) {
		let_go(db);
		return err_set(e, "%s: not a regular file", db->path);
	}
	db->replaced = db->ino != 0 &&
	    (db->ino != opened.st_ino || db->dev != opened.st_dev);
	db->dev = opened.st_dev;
	db->ino = opened.st_ino;
	return 0;
}

static int
read_header(struct database *db, struct err *e)
{
	unsigned char b[DB_HEADER_SIZE];
	struct db_header h;
	ssize_t n;

	n = pread(db->fd, b, sizeof b, 0);
	if (n == -1)
		return err_set(e, "%s: %s", db->path, strerror(errno));
	db->empty = n == 0;
	if (db->empty) {
		db->header = (struct db_header){ 0 };
		return 0;
	}
	if (db_header_parse(&h, b, (size_t)n, e) == -1)
		return err_prefix(e, "%s", db->path);
	if (memcmp(&h, &db->header, sizeof h) != 0)
		db->changed = true;
	db->header = h;
	return 0;
}

static int
say_missing(struct database *db, struct err *e)
{
	int why = errno;
	char shm[PATH_MAX];
	struct stat st;

	db->absent = why == ENOENT && (size_t)snprintf(shm, sizeof shm,
	    "%s-shm", db->path) < sizeof shm && stat(shm, &st) == -1;
	return err_set(e, "%s: %s", db->path, strerror(why));
}

static int
look_at_file(struct database *db, struct err *e)
{
	struct stat st;

	if (stat(db->path, &st) == -1)
		return say_missing(db, e);
	if (db->fd == -1 || st.st_ino != db->ino || st.st_dev != db->dev) {
		db->changed = true;
		if (open_file(db, &st, e) == -1)
			return -1;
	}
	if (st.st_size != db->size)
		db->changed = true;
	db->size = st.st_size;
	return read_header(db, e);
}

int
database_look(struct database *db, struct err *e)
{
	int rc;

	db->mono_ms = mono_ms();
	db->wall_ms = wall_ms();
	db->changed = db->changed_drills;
	db->replaced = db->changed_drills = false;
	rc = look_at_file(db, e);
	/* Also when the file is gone: the end of its log is still readable. */
	if (db->shm_path != NULL &&
	    wal_look(&db->wal, WAL_SAMPLE, db->mono_ms, db->wall_ms))
		db->changed = true;
	if (rc == -1)
		let_go(db);
	return rc;
}
