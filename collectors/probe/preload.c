/*
 * preload - how an app gets the probe without knowing: LD_PRELOAD.
 *
 * sqlite3_open() and its sisters are intercepted, so that the first connection
 * is seen too, and an app that configures SQLite before can still do so.  A
 * library of its own, for one that has an sqlite3_open() must not be loaded as
 * an extension: SQLite would offer that name to all that is loaded later.  An
 * app that has SQLite inside never comes by here.
 */
#include <dlfcn.h>
#include <sqlite3.h>
#include <string.h>

#include "collectors/probe/vfs.h"

#define LIBRARY		"libsqlite3.so.0"	/* of who dlopen()s it */
#define EXPORTED	__attribute__((visibility("default")))

/* ISO C has no cast from a symbol to a function; POSIX says they are alike. */
union symbol {
	void	*object;
	void	(*function)(void);
};

/* The next sqlite3_open() is in the SQLite that the app means. */
static void
find(const char *name, void *ret)
{
	union symbol s;
	void *library;

	s.object = dlsym(RTLD_NEXT, name);
	if (s.object == NULL &&
	    (library = dlopen(LIBRARY, RTLD_LAZY | RTLD_NOLOAD)) != NULL) {
		s.object = dlsym(library, name);
		(void)dlclose(library);	/* it was there before */
	}
	memcpy(ret, &s.function, sizeof s.function);
}

static void
install(void)
{
	struct watch_api api;

	find("sqlite3_vfs_find", &api.vfs_find);
	find("sqlite3_vfs_register", &api.vfs_register);
	find("sqlite3_next_stmt", &api.next_stmt);
	find("sqlite3_stmt_status", &api.stmt_status);
	find("sqlite3_extended_errcode", &api.errcode);
	if (api.vfs_find != NULL && api.vfs_register != NULL &&
	    api.next_stmt != NULL && api.stmt_status != NULL &&
	    api.errcode != NULL)
		(void)vfs_install(&api);	/* or the app goes unobserved */
}

EXPORTED int
sqlite3_open(const char *name, sqlite3 **ret)
{
	int (*next)(const char *, sqlite3 **);

	*ret = NULL;
	install();
	find("sqlite3_open", &next);
	return next == NULL ? SQLITE_ERROR : next(name, ret);
}

EXPORTED int
sqlite3_open16(const void *name, sqlite3 **ret)
{
	int (*next)(const void *, sqlite3 **);

	*ret = NULL;
	install();
	find("sqlite3_open16", &next);
	return next == NULL ? SQLITE_ERROR : next(name, ret);
}

EXPORTED int
sqlite3_open_v2(const char *name, sqlite3 **ret, int flags, const char *vfs)
{
	int (*next)(const char *, sqlite3 **, int, const char *);

	*ret = NULL;
	install();
	find("sqlite3_open_v2", &next);
	return next == NULL ? SQLITE_ERROR : next(name, ret, flags, vfs);
}
