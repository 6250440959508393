/*
 * init - how an app gets the probe: as a loadable extension.
 *
 *	SELECT load_extension('litegauge_probe');
 *
 * or, linked into the app, sqlite3_auto_extension(litegauge_probe_auto), or a
 * call of litegauge_probe_auto() itself.  Connections that are open already
 * stay as they are, among them the one that loads it.
 */
#include <sqlite3ext.h>

#include "collectors/probe/vfs.h"

#define EXPORTED	__attribute__((visibility("default")))

EXPORTED int	sqlite3_litegaugeprobe_init(sqlite3 *, char **,
		    const sqlite3_api_routines *);
EXPORTED int	litegauge_probe_auto(sqlite3 *, char **,
		    const sqlite3_api_routines *);

/* From here on the names stand for the table that SQLite gave us. */
static int
install(const sqlite3_api_routines *sqlite3_api)
{
	const struct watch_api api = {
		.version = sqlite3_libversion_number,
		.vfs_find = sqlite3_vfs_find,
		.vfs_register = sqlite3_vfs_register,
		.next_stmt = sqlite3_next_stmt,
		.stmt_status = sqlite3_stmt_status,
		.db_status = sqlite3_db_status,
		.errcode = sqlite3_extended_errcode,
	};

	return vfs_install(&api);
}

int
litegauge_probe_auto(sqlite3 *db, char **why,
    const sqlite3_api_routines *routines)
{
	(void)db;
	(void)why;
	return routines == NULL ? SQLITE_OK : install(routines);
}

int
sqlite3_litegaugeprobe_init(sqlite3 *db, char **why,
    const sqlite3_api_routines *routines)
{
	const int rc = litegauge_probe_auto(db, why, routines);

	/* The VFS is part of this library: it must not be unloaded. */
	return rc == SQLITE_OK ? SQLITE_OK_LOAD_PERMANENTLY : rc;
}
