/*
 * file - see file.h.
 */
#include <string.h>

#include "collectors/probe/file.h"

#define WRAPPED	(SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | \
	SQLITE_OPEN_MAIN_JOURNAL)

struct file {
	sqlite3_file	 base;		/* first: SQLite knows only this */
	sqlite3_file	*under;		/* right behind */
	bool		 main;		/* the database itself */
	struct watch	 watch;
	/* of this file, for no two VFS have the same */
	sqlite3_io_methods methods;
};

/* The file below begins where any object may. */
#define OWN_SIZE	((sizeof(struct file) + 15) / 16 * 16)

static struct file *
own(sqlite3_file *file)
{
	return (struct file *)file;
}

static sqlite3_file *
under(sqlite3_file *file)
{
	return own(file)->under;
}

/* Calls the same method of the file below. */
#define PASS(method, ...) \
	under(file)->pMethods->method(under(file), __VA_ARGS__)
#define PASS_PLAIN(method) \
	under(file)->pMethods->method(under(file))

static int
file_close(sqlite3_file *file)
{
	int rc;

	if (own(file)->main)
		watch_close(&own(file)->watch);
	rc = PASS_PLAIN(xClose);
	file->pMethods = NULL;
	return rc;
}

static int
file_read(sqlite3_file *file, void *bytes, int n, sqlite3_int64 at)
{
	return PASS(xRead, bytes, n, at);
}

static int
file_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	watch_write(&own(file)->watch);
	return PASS(xWrite, bytes, n, at);
}

static int
file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return PASS(xTruncate, size);
}

static int
file_sync(sqlite3_file *file, int flags)
{
	const int64_t began = watch_now_ns();
	const int rc = PASS(xSync, flags);

	watch_synced(&own(file)->watch, watch_now_ns() - began);
	return rc;
}

static int
file_get_size(sqlite3_file *file, sqlite3_int64 *out)
{
	return PASS(xFileSize, out);
}

static int
file_lock(sqlite3_file *file, int level)
{
	struct watch *w = &own(file)->watch;
	int rc;

	share_check();
	watch_ask_level(w, level);
	rc = PASS(xLock, level);
	watch_lock_answer(w, level, rc);
	return rc;
}

static int
file_unlock(sqlite3_file *file, int level)
{
	watch_unlock(&own(file)->watch, level);
	return PASS(xUnlock, level);
}

static int
file_check_reserved(sqlite3_file *file, int *out)
{
	return PASS(xCheckReservedLock, out);
}

static int
file_control(sqlite3_file *file, int op, void *arg)
{
	struct watch *w = &own(file)->watch;
	const int rc = PASS(xFileControl, op, arg);

	if (op == SQLITE_FCNTL_PDB)
		w->db = arg;
	if (op == SQLITE_FCNTL_COMMIT_PHASETWO)
		watch_committed(w);
	return rc;
}

static int
file_sector_size(sqlite3_file *file)
{
	return PASS_PLAIN(xSectorSize);
}

static int
file_characteristics(sqlite3_file *file)
{
	return PASS_PLAIN(xDeviceCharacteristics);
}

static int
file_shm_map(sqlite3_file *file, int page, int size, int extend,
    void volatile **out)
{
	const int rc = PASS(xShmMap, page, size, extend, out);

	if (rc == SQLITE_OK && page == 0)
		own(file)->watch.index = (const uint32_t *)(uintptr_t)*out;
	return rc;
}

static int
file_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	struct watch *w = &own(file)->watch;
	int rc;

	if (flags & SQLITE_SHM_UNLOCK) {
		watch_shm_unlock(w, offset, n, flags);
		return PASS(xShmLock, offset, n, flags);
	}
	share_check();
	watch_ask(w, offset);
	rc = PASS(xShmLock, offset, n, flags);
	watch_shm_answer(w, offset, n, flags, rc);
	return rc;
}

static void
file_shm_barrier(sqlite3_file *file)
{
	PASS_PLAIN(xShmBarrier);
}

static int
file_shm_unmap(sqlite3_file *file, int delete_it)
{
	own(file)->watch.index = NULL;
	own(file)->watch.reading = 0;
	return PASS(xShmUnmap, delete_it);
}

static int
file_fetch(sqlite3_file *file, sqlite3_int64 at, int n, void **out)
{
	return PASS(xFetch, at, n, out);
}

static int
file_unfetch(sqlite3_file *file, sqlite3_int64 at, void *bytes)
{
	return PASS(xUnfetch, at, bytes);
}

static const sqlite3_io_methods all_methods = {
	.xClose = file_close, .xRead = file_read, .xWrite = file_write,
	.xTruncate = file_truncate, .xSync = file_sync,
	.xFileSize = file_get_size, .xLock = file_lock,
	.xUnlock = file_unlock, .xCheckReservedLock = file_check_reserved,
	.xFileControl = file_control, .xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
	.xShmMap = file_shm_map, .xShmLock = file_shm_lock,
	.xShmBarrier = file_shm_barrier, .xShmUnmap = file_shm_unmap,
	.xFetch = file_fetch, .xUnfetch = file_unfetch,
};

/* What the file below cannot do, this one cannot either. */
static void
imitate(struct file *f)
{
	const sqlite3_io_methods *u = f->under->pMethods;

	f->methods = all_methods;
	f->methods.iVersion = u->iVersion < 3 ? u->iVersion : 3;
	if (u->xSectorSize == NULL)
		f->methods.xSectorSize = NULL;
	if (u->iVersion < 2 || u->xShmMap == NULL)
		f->methods.xShmMap = NULL;
	if (u->iVersion < 3 || u->xFetch == NULL) {
		f->methods.xFetch = NULL;
		f->methods.xUnfetch = NULL;
	}
	f->base.pMethods = &f->methods;
}

int
file_size(int under_size)
{
	return (int)OWN_SIZE + under_size;
}

/* Logs and journals have the name of their database, and an ending. */
static struct probe_slot *
find_slot(const char *name, int flags)
{
	const char *ending = flags & SQLITE_OPEN_WAL ? "-wal" : "-journal";
	const size_t len = strlen(name), cut = strlen(ending);

	if (flags & SQLITE_OPEN_MAIN_DB)
		return share_slot(name);
	return share_find(name, len < cut ? len : len - cut);
}

int
file_open_under(sqlite3_vfs *vfs, const struct watch_api *api,
    const char *name, sqlite3_file *file, int flags, int *out)
{
	struct file *f = own(file);
	int rc;

	if (name == NULL || (flags & WRAPPED) == 0)
		return vfs->xOpen(vfs, name, file, flags, out);
	memset(f, 0, sizeof *f);
	f->under = (sqlite3_file *)(void *)((char *)f + OWN_SIZE);
	f->under->pMethods = NULL;
	rc = vfs->xOpen(vfs, name, f->under, flags, out);
	/* A file that failed to open may yet want to be closed. */
	if (f->under->pMethods == NULL)
		return rc;
	f->main = (flags & SQLITE_OPEN_MAIN_DB) != 0;
	f->watch.api = api;
	f->watch.slot = find_slot(name, flags);
	imitate(f);
	return rc;
}
