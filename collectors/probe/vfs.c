/*
 * vfs - see vfs.h.
 */
#include <stdlib.h>
#include <string.h>

#include "collectors/probe/file.h"
#include "collectors/probe/vfs.h"

#define NAME	"litegauge"
#define OLDEST	3020000		/* counts runs, names the connection */

struct shim {
	sqlite3_vfs	 vfs;		/* first: SQLite knows only this */
	sqlite3_vfs	*under;		/* not owned */
	struct watch_api api;
};

static sqlite3_vfs *
under(sqlite3_vfs *vfs)
{
	return ((struct shim *)vfs)->under;
}

static int
shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
    int *out)
{
	return file_open_under(under(vfs), &((struct shim *)vfs)->api, name,
	    file, flags, out);
}

static int
shim_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
	return under(vfs)->xDelete(under(vfs), name, sync_dir);
}

static int
shim_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	return under(vfs)->xAccess(under(vfs), name, flags, out);
}

static int
shim_full_pathname(sqlite3_vfs *vfs, const char *name, int n, char *out)
{
	return under(vfs)->xFullPathname(under(vfs), name, n, out);
}

static void *
shim_dl_open(sqlite3_vfs *vfs, const char *name)
{
	return under(vfs)->xDlOpen(under(vfs), name);
}

static void
shim_dl_error(sqlite3_vfs *vfs, int n, char *text)
{
	under(vfs)->xDlError(under(vfs), n, text);
}

static void
(*shim_dl_sym(sqlite3_vfs *vfs, void *handle, const char *symbol))(void)
{
	return under(vfs)->xDlSym(under(vfs), handle, symbol);
}

static void
shim_dl_close(sqlite3_vfs *vfs, void *handle)
{
	under(vfs)->xDlClose(under(vfs), handle);
}

static int
shim_randomness(sqlite3_vfs *vfs, int n, char *bytes)
{
	return under(vfs)->xRandomness(under(vfs), n, bytes);
}

static int
shim_sleep(sqlite3_vfs *vfs, int us)
{
	return under(vfs)->xSleep(under(vfs), us);
}

static int
shim_current_time(sqlite3_vfs *vfs, double *out)
{
	return under(vfs)->xCurrentTime(under(vfs), out);
}

static int
shim_last_error(sqlite3_vfs *vfs, int n, char *text)
{
	return under(vfs)->xGetLastError(under(vfs), n, text);
}

static int
shim_current_time_64(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	return under(vfs)->xCurrentTimeInt64(under(vfs), out);
}

static int
shim_set_call(sqlite3_vfs *vfs, const char *name, sqlite3_syscall_ptr call)
{
	return under(vfs)->xSetSystemCall(under(vfs), name, call);
}

static sqlite3_syscall_ptr
shim_get_call(sqlite3_vfs *vfs, const char *name)
{
	return under(vfs)->xGetSystemCall(under(vfs), name);
}

static const char *
shim_next_call(sqlite3_vfs *vfs, const char *name)
{
	return under(vfs)->xNextSystemCall(under(vfs), name);
}

static const sqlite3_vfs shim_vfs = {
	.zName = NAME,
	.xOpen = shim_open, .xDelete = shim_delete, .xAccess = shim_access,
	.xFullPathname = shim_full_pathname,
	.xDlOpen = shim_dl_open, .xDlError = shim_dl_error,
	.xDlSym = shim_dl_sym, .xDlClose = shim_dl_close,
	.xRandomness = shim_randomness, .xSleep = shim_sleep,
	.xCurrentTime = shim_current_time, .xGetLastError = shim_last_error,
	.xCurrentTimeInt64 = shim_current_time_64,
	.xSetSystemCall = shim_set_call, .xGetSystemCall = shim_get_call,
	.xNextSystemCall = shim_next_call,
};

/* What the VFS below does not have, this one has not either. */
static void
imitate(struct shim *s)
{
	sqlite3_vfs *v = &s->vfs;
	const sqlite3_vfs *u = s->under;

	v->iVersion = u->iVersion < 3 ? u->iVersion : 3;
	v->szOsFile = file_size(u->szOsFile);
	v->mxPathname = u->mxPathname;
	if (u->xDlOpen == NULL)
		v->xDlOpen = NULL;
	if (u->xGetLastError == NULL)
		v->xGetLastError = NULL;
	if (u->iVersion < 2 || u->xCurrentTimeInt64 == NULL)
		v->xCurrentTimeInt64 = NULL;
	if (u->iVersion < 3 || u->xSetSystemCall == NULL) {
		v->xSetSystemCall = NULL;
		v->xGetSystemCall = NULL;
		v->xNextSystemCall = NULL;
	}
}

/*
 * A VFS that is not ours and not below ours is the app's own choice.  One that
 * is below ours is the default again after an sqlite3_shutdown().
 */
static int
make_default(const struct watch_api *api, sqlite3_vfs *ours)
{
	const sqlite3_vfs *now = api->vfs_find(NULL);

	/* Another copy of this file may have made it: its name is all. */
	if (now == NULL || ours->xOpen != shim_open || now != under(ours))
		return SQLITE_OK;
	return api->vfs_register(ours, 1);
}

int
vfs_install(const struct watch_api *api)
{
	sqlite3_vfs *there, *below;
	struct shim *s;

	if (api->version() < OLDEST)
		return SQLITE_OK;
	there = api->vfs_find(NAME);
	below = api->vfs_find(NULL);
	if (there != NULL)
		return make_default(api, there);
	if (below == NULL)
		return SQLITE_ERROR;
	/* Another thread was faster: what is counted twice is wrong. */
	if (strcmp(below->zName, NAME) == 0)
		return SQLITE_OK;
	s = calloc(1, sizeof *s);	/* SQLite's for as long as it runs */
	if (s == NULL)
		return SQLITE_NOMEM;
	s->vfs = shim_vfs;
	s->under = below;
	s->api = *api;
	imitate(s);
	return api->vfs_register(&s->vfs, 1);
}
